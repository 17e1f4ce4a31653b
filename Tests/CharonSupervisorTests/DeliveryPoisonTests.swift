import CharonAPI
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Delivery: what Charon cannot take")
struct DeliveryPoisonTests {
    private func message(_ call: CharonCall) throws -> (level: Level, text: String) {
        guard case .message(_, let level, let text) = call else {
            Issue.record("no message: \(call)")
            throw Missed()
        }
        return (level, text)
    }

    private func end(_ call: CharonCall) throws -> String {
        guard case .end(_, _, success: _, message: let text?) = call else {
            Issue.record("no end: \(call)")
            throw Missed()
        }
        return text
    }

    /// A run with one message that Charon fails at until it is suspect.
    private func suspect(_ status: Int = 500) throws -> Delivery {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["<3>secret 😀", "<3>more"])
        let key = try run.reply(.status(status)).key
        while run.now.seconds(since: noon) < 600 {
            run.passPause()
            #expect(try run.reply(.status(status)).key == key)
        }
        run.passPause()
        return run
    }

    @Test(
        "400, 413, 422 at once: set aside, a placeholder goes in its place, and the rest goes on",
        arguments: [400, 413, 422])
    func refused(status: Int) throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries(["<3>secret 😀", "<3>more", "good"])
        run.view.entries = entries
        let refused = try run.reply(.status(status))
        let bounds = DeliveryRecord.Batch(from: 0, to: entries[1].end)
        #expect(refused.key == "\(run.request.run)/0-\(bounds.to)")
        let kept = try #require(run.record.setAside.messages.first)
        #expect(kept.bytes == bounds)
        #expect((kept.level, kept.lines, kept.status, kept.at) == (.error, 2, status, noon))
        #expect(kept.reason == "POST /e1/message answered \(status) with an empty body")
        #expect(run.record.acknowledged == bounds.to)
        #expect(run.record.sending == nil)
        #expect(run.record.note == "set aside: \(kept.reason)")
        // Nothing of the text, nothing but ASCII, and again the same after a failure.
        run.view.entries = [entries[2]]
        let placeholder = try run.reply(.later(.silence))
        run.passPause()
        #expect(try run.call() == placeholder)
        run.answer(.accepted(id: nil))
        #expect(placeholder.key == "\(run.request.run)/0-\(bounds.to)/placeholder")
        let said = try message(placeholder.call)
        #expect(said.level == .error)
        #expect(
            said.text == """
                2 lines set aside: Charon refused the message (\(status)); the text is in output.log of the run \
                \(run.request.run) on its host, \(bounds.to) bytes from byte 0 on
                """)
        #expect(said.text.utf8.allSatisfy { $0 < 0x80 })
        #expect(try message(run.reply(.accepted(id: nil)).call).text == "good")
        run.view.entries = []
        run.view.ended = Delivery.ended(behind: entries)
        let text = try end(run.reply(.accepted(id: nil)).call)
        #expect(text.hasSuffix("; 2 lines set aside in 1 message that Charon did not take"))
        #expect(run.record.end == .answered)
        #expect((run.record.messages, run.record.lines) == (1, 1))
        #expect(run.record.note == "set aside: \(kept.reason)")
    }

    @Test("If the placeholder is refused as well, only the count stays")
    func placeholderRefused() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["bad"])
        try run.reply(.status(422))
        try run.reply(.status(422))
        #expect(run.record.setAside.placeholder == nil)
        #expect(run.record.setAside.count == 1)
        run.view.ended = Delivery.ended(behind: run.view.entries)
        run.view.entries = []
        #expect(try end(run.call().call).contains("1 line set aside in 1 message"))
    }

    @Test("The first twenty are kept one by one, then a count")
    func many() throws {
        var run = try Delivery.answered(request())
        let entries = try Delivery.entries((0..<30).map { $0 % 2 == 0 ? "<3>\($0)" : "\($0)" })
        for entry in entries {
            run.view.entries = [entry]
            try run.reply(.status(400))
            try run.reply(.accepted(id: nil))
        }
        #expect(run.record.setAside.messages.count == 20)
        #expect((run.record.setAside.count, run.record.setAside.lines) == (30, 30))
        #expect(run.record.setAside.bytes == entries.last?.end)
        #expect(DeliveryRecord(json: try JSON.parse(run.record.json.bytes)) == run.record)
    }

    @Test("Five server errors over ten minutes while Charon takes the placeholder", arguments: [500, 502, 503, 504])
    func serverErrors(status: Int) throws {
        var run = try suspect(status)
        let entries = run.view.entries
        #expect(run.record.setAside.count == 0)
        let placeholder = try run.call()
        #expect(placeholder.key == "\(run.request.run)/0-\(entries[1].end)/placeholder")
        #expect(try message(placeholder.call).text.hasPrefix("2 lines set aside: Charon failed at the message; "))
        // Until Charon has taken it, the message is what it was.
        #expect(run.record.sending == DeliveryRecord.Batch(from: 0, to: entries[1].end))
        run.answer(.accepted(id: nil))
        #expect(run.record.acknowledged == entries[1].end)
        #expect(run.record.sending == nil)
        let kept = try #require(run.record.setAside.messages.first)
        #expect(kept.status == nil)
        #expect(kept.reason == "POST /e1/message answered \(status) with an empty body")
        #expect(run.record.note == "set aside: \(kept.reason)")
        run.view.entries = try Delivery.entries(["<3>secret 😀", "<3>more", "good"]).suffix(1)
        #expect(try message(run.call().call).text == "good")
    }

    @Test(
        "An outage sets nothing aside: what fails for ten minutes like all else is sent again",
        arguments: [500, 503, 401, 404, 429])
    func outage(placeholder status: Int) throws {
        var run = try suspect()
        try run.reply(.status(status, html: status == 404))
        run.passPause()
        var keys: Set<String> = []
        for _ in 0..<200 {
            keys.insert(try run.reply(.status(500)).key)
            run.passPause()
        }
        // Both have been tried again.
        #expect(keys.count == 2)
        for _ in 0..<2 where try run.call().key.hasSuffix("/placeholder") {
            run.answer(try .status(500))
            run.passPause()
        }
        #expect(try !run.reply(.accepted(id: nil)).key.hasSuffix("/placeholder"))
        #expect(run.record.setAside.count == 0)
        #expect((run.record.lines, run.record.messages) == (2, 1))
        #expect(run.record.note == nil)
    }

    @Test("Five quick failures are no poison, nor are four in ten minutes, nor a silence of any length")
    func patience() throws {
        var quick = try Delivery.answered(request())
        quick.view.entries = try Delivery.entries(["a"])
        for _ in 0..<9 {
            _ = try quick.call()
            quick.machine.handle(try DeliveryAnswer.status(500), at: quick.now, random: 0)
            quick.passPause()
        }
        #expect(try !quick.call().key.hasSuffix("placeholder"))
        var rare = try Delivery.answered(request())
        rare.view.entries = try Delivery.entries(["a"])
        for _ in 0..<4 {
            try rare.reply(.status(500))
            rare.now = rare.now + 400
        }
        #expect(try !rare.call().key.hasSuffix("placeholder"))
        var silent = try Delivery.answered(request())
        silent.view.entries = try Delivery.entries(["a"])
        for answer in [DeliveryAnswer.later(.silence), try .status(429), try .status(408), try .status(301)] {
            for _ in 0..<20 {
                try silent.reply(answer)
                silent.passPause()
            }
        }
        #expect(try !silent.call().key.hasSuffix("placeholder"))
    }

    @Test("A suspect whose placeholder is refused as well: only the count stays")
    func suspectAndRefused() throws {
        var run = try suspect()
        try run.reply(.status(422))
        #expect(run.record.setAside.count == 1)
        #expect(run.record.setAside.placeholder == nil)
        #expect(run.record.acknowledged == run.view.entries.last?.end)
    }

    @Test("A placeholder that was on its way when the daemon died goes out once more, as it was")
    func placeholderAfterCrash() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["bad"])
        try run.reply(.status(413))
        let before = try run.call()
        let record = try #require(DeliveryRecord(json: JSON.parse(run.record.json.bytes)))
        var next = Delivery(run.request, record)
        #expect(try next.call() == before)
    }

    @Test("A refused end is sent once more with its outcome alone", arguments: [400, 413, 422])
    func endRefused(status: Int) throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended(3)
        run.view.lastErrors = ["ä"]
        let full = try run.reply(.status(status))
        #expect(full.key == "\(run.request.run)/end")
        #expect(try end(full.call).contains("ä"))
        #expect(run.record.end == .unsent)
        #expect(run.record.isEndMinimal)
        // A daemon that dies here does not begin anew.
        let record = try #require(DeliveryRecord(json: JSON.parse(run.record.json.bytes)))
        var next = Delivery(run.request, record)
        next.view = run.view
        for _ in 0..<3 {
            #expect(try next.reply(.later(.silence)).key == "\(run.request.run)/end-2")
            next.passPause()
        }
        let minimal = try next.reply(.accepted(id: nil))
        let outcome = "exited with code 3 after 0 s"
        #expect(minimal.call == .end(try Delivery.execution(), .error, success: false, message: outcome))
        #expect(next.record.end == .answered)
        #expect(next.record.note?.hasPrefix("end refused: ") == true)
    }

    @Test("Only if that is refused too, the end is given up with a note")
    func endRefusedTwice() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        try run.reply(.status(400))
        try run.reply(.status(422))
        #expect(run.record.end == .givenUp)
        #expect(run.record.note?.contains("answered 422") == true)
        #expect(run.next() == .finished)
    }

    @Test("An end that Charon fails at for ten minutes is tried with its outcome alone, and never given up for it")
    func endServerErrors() throws {
        var run = try Delivery.answered(request())
        run.view.ended = Delivery.ended()
        var keys: [String] = []
        while run.now.seconds(since: noon) < 7200 {
            keys.append(try run.reply(.status(500)).key)
            run.passPause()
        }
        #expect(run.record.end == .unsent)
        #expect(!run.record.isEndMinimal)
        let tries = keys.count { $0.hasSuffix("/end-2") }
        #expect(tries >= 5 && tries <= 12)
        #expect(keys.count { $0.hasSuffix("/end") } > 5 * tries)
        for _ in 0..<20 where try !run.call().key.hasSuffix("/end-2") {
            run.answer(try .status(500))
            run.passPause()
        }
        #expect(try run.call().key.hasSuffix("/end-2"))
        run.answer(.accepted(id: nil))
        #expect(run.record.end == .answered)
    }

    @Test("409 to an end: Charon has ended the execution already, so the end is acknowledged, with a note")
    func conflict() throws {
        var run = try Delivery.answered(request())
        run.view.entries = try Delivery.entries(["a"])
        // To a message, or from a proxy, it settles nothing.
        try run.reply(.status(409))
        run.passPause()
        try run.reply(.accepted(id: nil))
        run.view.ended = Delivery.ended(behind: run.view.entries)
        run.view.entries = []
        try run.reply(.status(409, html: true))
        run.passPause()
        #expect(run.record.end == .unsent)
        try run.reply(.status(409))
        #expect(run.record.end == .answered)
        #expect(run.record.note?.hasPrefix("Charon had ended the execution already: ") == true)
        #expect(run.next() == .finished)
    }

    @Test("A notice that is refused is passed over, and its lines follow")
    func notice() throws {
        var record = try Delivery.record()
        record.isLate = true
        var run = Delivery(try request(), record)
        run.view.entries = try Delivery.entries(["a"])
        #expect(try run.reply(.status(422)).key.hasSuffix("/notice"))
        #expect(run.record.isNoticeSent)
        #expect(run.record.setAside.count == 0)
        #expect(try message(run.call().call).text == "a")
    }
}
