import CharonCore
import CharonJournald
import Glibc
import Testing

/// Entries through a real datagram socket.
@Suite struct JournalQueueTests {
    private func message(_ text: String) -> JournalFields {
        var fields = JournalFields()
        fields.add("MESSAGE", text)
        return fields
    }

    private func text(_ fields: [String: [[UInt8]]]) -> String {
        (fields["MESSAGE"] ?? []).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "|")
    }

    @Test func entriesArriveInOrderAsTheyWere() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        var binary = JournalFields()
        binary.add("MESSAGE", [0x61, 0x00, 0x0A, 0xFF])
        binary.add(.error)
        binary.add(.lost)
        try #require(queue.add(message("first")) && queue.add(binary) && queue.add(message("")))
        #expect(!queue.isEmpty && queue.flush() == 0 && queue.isEmpty)
        #expect(try text(journald.entry()) == "first")
        let second = try journald.entry()
        #expect(second["MESSAGE"] == [[0x61, 0x00, 0x0A, 0xFF]] && second["PRIORITY"] == [Array("3".utf8)])
        #expect(second["MESSAGE_ID"] == [Array(Event.lost.messageID.utf8)])
        #expect(try text(journald.entry()) == "")
        #expect(try journald.receive() == nil)
    }

    @Test func whatIsTooLongForADatagramGoesAsASealedFile() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        let long = String(repeating: "x\n", count: 450_000)
        try #require(queue.add(message("short")) && queue.add(message(long)) && queue.add(message("short again")))
        #expect(queue.flush() == 0 && queue.isEmpty)
        #expect(try text(journald.entry()) == "short")
        let received = try #require(try journald.receive())
        #expect(received.wasFile)
        #expect(try text(received.fields()) == long)
        #expect(try text(journald.entry()) == "short again")
    }

    @Test func withNoRoomNothingIsLostAndNobodyWaits() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        for number in 0..<1000 { try #require(queue.add(message("\(number)"))) }
        #expect(queue.flush() == 0)
        #expect(!queue.isEmpty && queue.waitsFor >= 0 && !queue.waitsForJournal)
        var next = 0
        while next < 1000 {
            while let received = try journald.receive() {
                #expect(try text(received.fields()) == "\(next)")
                next += 1
            }
            var state = pollfd(fd: queue.waitsFor, events: Int16(POLLOUT), revents: 0)
            if state.fd >= 0 { #expect(poll(&state, 1, 5000) == 1) }
            #expect(queue.flush() == 0)
        }
        #expect(queue.isEmpty && queue.waitsFor == -1)
    }

    @Test func theQueueHasALimit() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        let half = message(String(repeating: "x", count: JournalQueue.capacity / 2))
        #expect(queue.add(half))
        #expect(!queue.add(half))
        #expect(queue.add(message("small")))
        #expect(queue.flush() == 0 && queue.isEmpty)
        #expect(queue.add(half))
    }

    @Test func aJournaldThatComesBackGetsWhatWaited() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        journald.stop()
        try #require(queue.add(message("while it is away")))
        #expect(queue.flush() == 0)
        #expect(queue.waitsForJournal && queue.waitsFor == -1)
        try journald.start()
        #expect(queue.flush() == 0 && queue.isEmpty)
        #expect(try text(journald.entry()) == "while it is away")
    }

    @Test func aJournaldThatWasRestartedIsFoundAtOnce() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        journald.stop()
        try journald.start()
        try #require(queue.add(message("after")))
        #expect(queue.flush() == 0 && queue.isEmpty)
        #expect(try text(journald.entry()) == "after")
    }

    @Test func withoutAJournaldThereIsNone() { #expect(Sender("/nonexistent/socket") == nil) }

    @Test func theEndWaitsOnlySoLong() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        for number in 0..<1000 { try #require(queue.add(message("\(number)"))) }
        queue.close(within: 20)
        #expect(queue.isEmpty)
        var count = 0
        while try journald.receive() != nil { count += 1 }
        #expect(count > 0 && count < 1000)
    }

    @Test func aCopyForgetsWhatItsOriginalSends() throws {
        let journald = try Journald()
        let queue = try #require(Sender(journald.path))
        try #require(queue.add(message("the original's")))
        queue.forget()
        #expect(queue.flush() == 0)
        #expect(try journald.receive() == nil)
    }
}
