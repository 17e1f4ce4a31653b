import CharonCore
import CharonRuns
import Glibc
import Testing

/// Runs that write more than the disk budget while Charon is away.
@Suite(.serialized)
struct DiskBudgetTests {
    /// A daemon with a budget of a mebibyte.
    private func startDaemon(_ site: Site, crash: String? = nil) async throws {
        let file = "\(site.path)/charon.yaml"
        let text = """
            applications: {default: {url: "\(site.url)", key_file: \(site.keyFile)}}
            disk_budget: {bytes: 1MiB, free: 0%}
            """
        try write(text, to: file, mode: 0o644)
        try await site.startDaemon(["--config", file], crash: crash)
    }

    private func use(_ record: String) -> Int64 { DiskUse(of: "\(record)/output.log").bytes }

    private static func lines(_ range: ClosedRange<Int>) -> [String] { range.map { "line \($0) of the large job" } }

    /// A command that writes much, waits for a file, writes a little more and fails.
    private func large(_ site: Site) -> [String] {
        let script = """
            seq -f 'line %.0f of the large job' 60000; touch \(site.mark("written"))
            until [ -e go ]; do sleep 0.05; done
            seq -f 'line %.0f of the large job' 60001 60010; exit 3
            """
        return ["sh", "-c", script]
    }

    /// The lines of an execution whose start was reported late, which its first message says.
    private func lines(_ execution: Execution) throws -> [String] {
        try #require(execution.lines.first?.hasSuffix(" and its start is reported late") == true)
        return Array(execution.lines.dropFirst())
    }

    /// The lines of the large job, whose missing ones are in one place and counted there.
    private func check(_ execution: Execution, dropped: Int64) throws {
        let notices = execution.messages.filter { $0.text.contains("were dropped here") }
        let notice = try #require(notices.first)
        #expect(notices.count == 1 && notice.type == "warning")
        #expect(notice.text.hasPrefix("\(dropped) lines ("))
        let lines = try lines(execution)
        let before = try #require(lines.firstIndex(of: notice.text))
        let after = lines.count - before - 1
        #expect(before > 1000 && after > 1000)
        #expect(Int64(before + after) + dropped == 60_010)
        let isInOrder = lines == Self.lines(1...before) + [notice.text] + Self.lines((60_011 - after)...60_010)
        #expect(isInOrder)
        #expect(execution.success == false)
        let end = execution.message
        #expect(end.contains("exited with code 3") && end.contains("60010 lines on stdout"), "\(end)")
        #expect(end.contains("; \(dropped) lines (") && end.contains(" dropped by the disk budget"), "\(end)")
        #expect(!end.contains("not sent"), "\(end)")
    }

    @Test func theMiddleOfALargeRunGoesAndIsCountedAndASmallRunIsWhole() async throws {
        try await Site.with { site in
            try await site.serve(["old", "large", "small"])
            try await startDaemon(site)
            #expect(try await site.run("old", script: "seq 1 10000").exitCode == 0)
            #expect(try await site.delivered("old")["end"] == "answered")
            let old = try #require(site.records(of: "old").first)
            #expect(use(old) > 400 << 10)

            try await site.stopServer()
            #expect(try await site.run("small", script: "seq -f 'small %.0f' 100").exitCode == 0)
            let line = try site.start("large", command: large(site))
            try await site.reached("written")
            let record = try #require(site.records(of: "large").first)
            // While the command still has the file open.
            try await eventually("the cut: \(site.daemonLog)") { use(record) < 900 << 10 }
            try write("", to: "\(site.path)/go")
            #expect(try await line.exitCode() == 3)
            // What Charon had went first.
            try await eventually("the end of the old record") { site.records(of: "old").isEmpty }
            #expect(text(of: "\(site.state)/history.jsonl").contains(#""slug":"old""#))
            let waiting = try await site.control("outbox", "--json").json()["runs"]?.array ?? []
            #expect(waiting.map { $0["slug"]?.string } == ["small", "large"])
            #expect(waiting.first?["lines"] == 100 && waiting.first?["dropped"] == nil)
            let dropped = try #require(waiting.last?["dropped"]?["lines"]?.integer)
            try await eventually("all lines") {
                let large = try await site.control("outbox", "--json").json()["runs"]?.array?.last
                return large?["lines"]?.integer == 60_010 - dropped
            }
            let shown = try await site.control("outbox").output
            #expect(shown.contains("\(dropped) lines dropped by the disk budget; "), "\(shown)")
            let status = try await site.control("status").output
            #expect(
                status.firstMatch(of: /\nrecords: [0-9.]+ [KM]iB of 1 MiB, [0-9]+ of 100000 files\n/) != nil,
                "\(status)")

            try await site.serve()
            _ = try await site.control("outbox", "retry")
            let small = try await site.ended("small", within: 60)
            #expect(try lines(small) == (1...100).map { "small \($0)" })
            #expect(small.success == true)
            #expect(!small.message.contains("dropped"))
            try check(try await site.ended("large", within: 60), dropped: dropped)
            #expect(try await site.delivered("large")["dropped"]?["lines"]?.integer == dropped)
            let listed = try await site.control("list", "large").output
            #expect(listed.contains("\(dropped) lines dropped by the disk budget"), "\(listed)")
        }
    }

    @Test(.enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() })
    func aDaemonThatDiesBetweenTheCountAndTheCutLosesNothingUnsaid() async throws {
        try await Site.with { site in
            try await site.serve(["large"])
            try await startDaemon(site, crash: "after-gap-record")
            try await site.stopServer()
            let line = try site.start("large", command: large(site))
            try write("", to: "\(site.path)/go")
            #expect(try await line.exitCode() == 3)
            #expect(try await site.daemon?.exitCode() == 128 + SIGKILL)
            let record = try #require(site.records(of: "large").first)
            #expect(use(record) > 3 << 20)
            let said = try #require(try site.json("\(record)/delivery.json")["dropped"]?["lines"]?.integer)
            #expect(said > 1000)
            try await startDaemon(site)
            try await eventually("the cut") { use(record) < 900 << 10 }
            try await site.serve()
            _ = try await site.control("outbox", "retry")
            try check(try await site.ended("large", within: 60), dropped: said)
        }
    }
}
