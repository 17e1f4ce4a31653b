import CharonJournald
import Glibc
import Testing

@Suite struct JournalStreamTests {
    @Test func aDescriptorIsTheStreamThatTheTextNames() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)
        let stream = try #require(JournalStream("\(status.st_dev):\(status.st_ino)"))
        #expect(stream.matches(ends[1]))
        #expect(!stream.matches(-1))
        let other = try #require(JournalStream("\(status.st_dev):\(status.st_ino + 1)"))
        let elsewhere = try #require(JournalStream("\(status.st_dev + 1):\(status.st_ino)"))
        #expect(!other.matches(ends[1]) && !elsewhere.matches(ends[1]))
    }

    @Test(arguments: ["", "8", "8:", ":8", "8:x", "8:1:2", "-8:1", "8: 1"])
    func anythingElseIsNone(text: String) { #expect(JournalStream(text) == nil) }
}
