import CharonCore
import CharonJournald
import Testing

/// The message ids, and the catalog by which `journalctl -x` explains them.
@Suite struct CatalogTests {
    /// An entry of systemd/charond.catalog.
    private struct Entry {
        let id: String
        let headers: [String]
        let text: String
    }

    /// Reads the catalog as systemd does: `-- ID`, headers, an empty line, text up to the next entry.
    private static func catalog() throws -> [Entry] {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try Descriptor.open("/\(folder)/systemd/charond.catalog", 0)
        let text = String(decoding: try file.read(at: 0, limit: Int(try file.size)), as: UTF8.self)
        var entries: [[Substring]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("-- ") {
                entries.append([line])
            } else if !entries.isEmpty, !line.hasPrefix("#") {
                entries[entries.count - 1].append(line)
            }
        }
        return try entries.map { lines in
            let empty = try #require(lines.firstIndex(of: ""))
            return Entry(
                id: String(lines[0].dropFirst(3)), headers: lines[1..<empty].map(String.init),
                text: lines[(empty + 1)...].joined(separator: "\n"))
        }
    }

    @Test func everyEventHasAnEntryAndTheOtherWayRound() throws {
        let ids = try Self.catalog().map(\.id)
        #expect(ids.sorted() == Event.allCases.map(\.messageID).sorted())
    }

    @Test(arguments: Event.allCases) func anIDIs128BitsInHex(event: Event) {
        #expect(event.messageID.count == 32 && event.messageID.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(Event.allCases.count { $0.messageID == event.messageID } == 1)
    }

    @Test func everyEntryHasItsSubjectAndSaysSomething() throws {
        for entry in try Self.catalog() {
            #expect(entry.headers.first?.hasPrefix("Subject: ") == true, "\(entry.id)")
            #expect(entry.headers.dropFirst() == ["Defined-By: charond"], "\(entry.id)")
            #expect(entry.text.contains("."), "\(entry.id)")
        }
    }
}
