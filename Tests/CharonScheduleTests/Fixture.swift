import CharonCore
import CharonSchedule
import Testing

/// Zones and times for tests.
enum Fixture {
    static func zone(_ name: String) throws -> Zone {
        var store = ZoneStore(directory: "/usr/share/zoneinfo")
        return try store.zone(name)
    }

    /// The seconds of `2026-03-29T03:00:00+02:00`, or of a time that ends in Z.
    static func seconds(_ text: String) throws -> Int64 {
        let local = try #require(Instant(rfc3339: (text.prefix(19) + "Z").utf8))
        let tail = text.dropFirst(19)
        guard tail != "Z" else { return local.nanoseconds / 1_000_000_000 }
        let numbers = tail.dropFirst().split(separator: ":").compactMap { Int64($0) }
        let sign: Int64 = tail.hasPrefix("-") ? -1 : 1
        try #require(numbers.count >= 2)
        let offset = sign * (numbers[0] * 3600 + numbers[1] * 60 + (numbers.count > 2 ? numbers[2] : 0))
        return local.nanoseconds / 1_000_000_000 - offset
    }
}
