import CharonCore
import CharonSchedule
import Glibc
import Testing

@Suite struct ZoneStoreTests {
    private static let paris = TemporaryDirectory.read("/usr/share/zoneinfo/Europe/Paris")
    private static let york = TemporaryDirectory.read("/usr/share/zoneinfo/America/New_York")

    private static func error(_ name: String, in directory: String) -> String? {
        var store = ZoneStore(directory: directory)
        do throws(CharonError) {
            _ = try store.zone(name)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(
        arguments: [
            ("Europe/Pariss", "did you mean Europe/Paris?"), ("europe/paris", "did you mean Europe/Paris?"),
            ("Riga", "did you mean Europe/Riga?"), ("America/NewYork", "did you mean America/New_York?"),
            ("Nowhere/Atlantis", "see timedatectl list-timezones"), ("Europe", "there is no time zone Europe"),
            ("zone.tab", "is no time zone that can be used: it does not begin as one"),
            ("../../../etc/passwd", "is no name of a time zone"), ("/etc/localtime", "is no name of a time zone"),
            ("Europe/../Europe/Paris", "is no name of a time zone"), ("", "is no name of a time zone"),
            ("Europe//Paris", "is no name of a time zone"), ("Europe/Paris/", "is no name of a time zone"),
            ("Europe/Paris\u{0}", "is no name of a time zone"), (".hidden", "is no name of a time zone"),
            ("UTC/x", "there is no time zone UTC/x"), ("right/Europe/Paris", "use the zone without right/"),
        ] as [(String, String)])
    func saysWhatToDo(_ name: String, _ message: String) {
        #expect(Self.error(name, in: "/usr/share/zoneinfo")?.contains(message) == true)
    }

    @Test func aHostWithoutZonesHasUTC() {
        #expect(Self.error("Europe/Paris", in: "/nowhere")?.contains("install Debian's package tzdata") == true)
        #expect(Self.error("UTC", in: "/nowhere") == nil)
    }

    @Test func readsAFileAgainWhenItHasChanged() throws {
        let directory = TemporaryDirectory()
        var store = ZoneStore(directory: directory.path)
        let summer = try Fixture.seconds("2026-07-01T00:00:00Z")
        directory.write("Here", Self.paris)
        #expect(try store.zone("Here").offset(at: summer) == 7200)
        directory.write("Here", Self.york)
        #expect(try store.zone("Here").offset(at: summer) == -14_400)
        directory.write("Here", [])
        #expect(throws: CharonError.self) { try store.zone("Here") }
        directory.write("Here", Self.paris)
        #expect(try store.zone("Here").offset(at: summer) == 7200)
    }

    @Test func knowsTheHostsZone() throws {
        let directory = TemporaryDirectory()
        var store = ZoneStore(directory: "/usr/share/zoneinfo")
        let winter = try Fixture.seconds("2026-01-01T00:00:00Z")
        #expect(try store.local(variable: "Europe/Riga").name == "Europe/Riga")
        #expect(try store.local(variable: ":Europe/Riga").name == "Europe/Riga")
        #expect(try store.local(variable: "<+03>-3").offset(at: winter) == 10_800)
        #expect(throws: CharonError.self) { try store.local(variable: "Europe/Rigga") }
        #expect(try store.local(variable: nil, file: "/nowhere") == .utc)
        #expect(try store.local(variable: "", file: "/usr/share/zoneinfo/Europe/Paris").name == "Europe/Paris")
        directory.write("localtime", Self.york)
        let copied = try store.local(variable: nil, file: "\(directory.path)/localtime")
        #expect(copied.name == "localtime")
        #expect(copied.offset(at: winter) == -18_000)
    }

    /// No part of a file is taken for a whole one; the first data block alone is not one either.
    @Test func refusesEveryTruncation() {
        let directory = TemporaryDirectory()
        for bytes in [Self.paris, Self.york] {
            #expect(bytes.count > 1000)
            for count in 0..<bytes.count {
                directory.write("Cut", Array(bytes.prefix(count)))
                #expect(Self.error("Cut", in: directory.path) != nil, "\(count) bytes")
            }
        }
    }

    /// Whatever a byte becomes: an error, or a zone that can be asked about any time.
    @Test func survivesDamage() {
        let directory = TemporaryDirectory()
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<10_000 {
            var bytes = Self.paris
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Half of them where the structure is.
                let end = Bool.random(using: &random) ? 44 : bytes.count
                let place = Int.random(in: Bool.random(using: &random) ? 0..<end : bytes.count - 80..<bytes.count)
                bytes[place] = .random(in: 0...255, using: &random)
            }
            directory.write("Bad", bytes)
            var store = ZoneStore(directory: directory.path)
            guard let zone = try? store.zone("Bad") else {
                refused += 1
                continue
            }
            for second in [Int64.min / 2, -5_000_000_000, 0, 1_800_000_000, 9_000_000_000, Int64.max / 2] {
                _ = zone.stretch(at: second)
            }
        }
        #expect(refused > 1000)
    }

    /// Version 1 has no footer: its last offset stays.
    @Test func readsVersionOne() throws {
        let directory = TemporaryDirectory()
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        for count in [0, 0, 0, 1, 2, 8] as [UInt8] { bytes += [0, 0, 0, count] }
        bytes += [0x40, 0, 0, 0, 1]  // At 2^30 the second type begins.
        bytes += [0, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0x10, 1, 4]
        bytes += Array("AAA\0BBB\0".utf8)
        directory.write("One", bytes)
        var store = ZoneStore(directory: directory.path)
        let zone = try store.zone("One")
        #expect(zone.offset(at: (1 << 30) - 1) == 0)
        #expect(zone.stretch(at: 1 << 30).offset == 3600)
        #expect(zone.offset(at: 1 << 36) == 3600)
    }

    /// Every zone of the host can be read.
    @Test(arguments: ["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "Etc"])
    func readsAllOfTheHost(_ area: String) throws {
        var store = ZoneStore(directory: "/usr/share/zoneinfo")
        let stream = try #require(opendir("/usr/share/zoneinfo/\(area)"))
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard entry.pointee.d_type != DT_DIR, !name.hasPrefix(".") else { continue }
            #expect(throws: Never.self) { try store.zone("\(area)/\(name)") }
            count += 1
        }
        #expect(count > 5)
    }
}
