package import CharonCore

extension Instant {
    /// What `init(iso8601:in:)` reads, for messages.
    package static let iso8601Rule =
        "a time is 2026-03-29T02:30:00+01:00, or one that ends in Z, or one without an offset for the clocks of the zone; "
        + "seconds or all of the time of day may be left out"

    /// Reads an ISO 8601 time; without an offset it is what the clocks of `zone` show, the first of two such times.
    ///
    /// A time that the clocks of the zone leave out counts on from before the gap. Nil for anything else.
    package init?(iso8601 text: String, in zone: Zone) {
        guard text.utf8.count >= 10, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let date = text.prefix(10)
        var rest = text.dropFirst(10)
        var time = "00:00:00"
        if let first = rest.first {
            guard first == "T" || first == " " else { return nil }
            let shown = rest.dropFirst().prefix { $0.isNumber || $0 == ":" || $0 == "." }
            rest = rest.dropFirst(1 + shown.count)
            time = shown.count == 5 ? "\(shown):00" : String(shown)
        }
        guard let local = Instant(rfc3339: "\(date)T\(time)Z".utf8) else { return nil }
        if rest == "Z" || rest == "z" {
            self = local
        } else if rest.isEmpty {
            let early = zone.offset(at: local.second - 86_400)
            let late = zone.offset(at: local.second - early)
            // In a gap neither offset holds at the time that it leads to.
            let isLate = zone.offset(at: local.second - late) == late
            self = local.advanced(by: -(isLate ? late : early))
        } else {
            guard let offset = Self.offset(rest) else { return nil }
            self = local.advanced(by: -offset)
        }
    }

    private func advanced(by seconds: Int64) -> Instant {
        let (sum, isOverflow) = nanoseconds.addingReportingOverflow(seconds * 1_000_000_000)
        return isOverflow ? self : Instant(nanoseconds: sum)
    }

    /// `+01:00`, `-0330`, `+02`, with seconds if need be.
    private static func offset(_ text: Substring) -> Int64? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let digits = Array(text.dropFirst().utf8.filter { $0 != 0x3A })
        guard [2, 4, 6].contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var seconds: Int64 = 0
        for (index, unit) in [3600, 60, 1].prefix(digits.count / 2).enumerated() {
            seconds +=
                Int64(digits[index * 2] - 0x30) * 10 * Int64(unit) + Int64(digits[index * 2 + 1] - 0x30) * Int64(unit)
        }
        return sign == "-" ? -seconds : seconds
    }
}
