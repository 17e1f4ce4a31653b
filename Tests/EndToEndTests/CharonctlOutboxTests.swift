import CharonCore
import Glibc
import Testing

/// What an operator does about what waits for Charon, and about what it could not take.
@Suite(.serialized)
struct CharonctlOutboxTests {
    @Test func whatWasSetAsideIsSentAgain() async throws {
        try await Site.with { site in
            try await site.serve(["job"], options: ["--fault", "status-422@message"])
            try await site.startDaemon()
            #expect(try await site.control("outbox", "set-aside").output == "nothing is set aside\n")
            #expect(try await site.run("job", script: "echo one; echo two").exitCode == 0)
            let before = try await site.ended("job")
            #expect(before.messages.isEmpty && before.message.contains("2 lines set aside"))
            let run = try #require(
                try await site.control("list", "--json").json()["runs"]?.array?.first?["run"]?.string)
            let table = try await site.control("outbox", "set-aside").output
            #expect(table.contains(run) && table.contains(" 422 "), "\(table)")
            let hint = try await site.control("outbox").output
            #expect(hint.contains("nothing waits for Charon") && hint.contains("charonctl outbox set-aside"))

            let refused = try await site.control("outbox", "retry", run)
            #expect(refused.exitCode == 1 && refused.output.contains("1 message refused again"), "\(refused)")
            try await site.stopServer()
            let unanswered = try await site.control("outbox", "retry", run)
            #expect(unanswered.exitCode == 1 && unanswered.output.contains("refused"), "\(unanswered)")
            try await site.serve()
            let sent = try await site.control("outbox", "retry", run)
            #expect(sent.exitCode == 0 && sent.output == "\(run): 1 message sent again\n", "\(sent)")
            let after = try await site.ended("job")
            #expect(after.lines == ["one", "two"])
            #expect(try await site.control("outbox", "set-aside").output == "nothing is set aside\n")
            #expect(try await site.control("outbox", "retry", run).output.contains("nothing waits"))
        }
    }

    @Test func whatIsDroppedIsNeverSent() async throws {
        try await Site.running("job") { site in
            try await site.stopServer()
            for _ in 0..<2 { #expect(try await site.run("job", script: "echo one").exitCode == 0) }
            let reply = try await site.control("outbox", "--json").json()
            let runs = (reply["runs"]?.array ?? []).compactMap { $0["run"]?.string }
            #expect(runs.count == 2)
            let asked = try await site.control("outbox", "drop", runs[0])
            #expect(asked.exitCode == EX_USAGE && asked.error.contains("--yes"), "\(asked)")
            let dropped = try await site.control("outbox", "drop", runs[0], "--yes")
            #expect(dropped.exitCode == 0 && dropped.output == "\(runs[0]): dropped\n", "\(dropped)")
            try await eventually("one run that waits") {
                try await site.control("outbox", "--json").json()["runs"]?.array?.count == 1
            }
            let list = try await site.control("list").output
            #expect(list.contains("dropped by uid \(geteuid())"), "\(list)")
            try await site.serve()
            let told = try await site.control("outbox", "retry")
            #expect(told.exitCode == 0 && told.output.hasSuffix(" told to go on\n"), "\(told)")
            // The other one is there, and by then the dropped one would be too.
            _ = try await site.ended("job")
            let unknown = try await site.control("outbox", "drop", "20200101T000000000-000000000000", "--yes")
            #expect(unknown.exitCode == 1 && unknown.error.contains("there is no such run"), "\(unknown)")
            let both = try await site.control("outbox", "retry", runs[1], "--application", "default")
            #expect(both.exitCode == EX_USAGE && both.error.contains("not both"))
            let other = try await site.control("outbox", "retry", "--application", "nobody")
            #expect(other.exitCode == 1 && other.error.contains("no application nobody"), "\(other)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "not root")) func onlyRootMay() async throws {
        try await Site.running("theirs") { site in
            try await site.stopServer()
            #expect(try await site.run("theirs", script: "exit 0", uid: stranger).exitCode == 0)
            let reply = try await site.control("outbox", "--json", uid: stranger).json()
            let run = try #require(reply["runs"]?.array?.first?["run"]?.string)
            for words in [["retry"], ["retry", run], ["drop", run, "--yes"]] {
                let line = try await site.control(["outbox"] + words, uid: stranger)
                #expect(line.exitCode == 1 && line.error.contains("root"), "\(words): \(line)")
            }
        }
    }
}
