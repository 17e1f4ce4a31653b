import CharonCore
import Testing

/// Each fault that a server or the way to it can have, at random requests of all calls, under real lines and a real daemon.
@Suite(.serialized)
struct FaultTests {
    /// Charon says that it will never take what it got.
    ///
    /// Of an end that is believed, so these do not befall ends.
    private static let refusals: Set = ["status-400", "status-409", "status-413", "status-422"]
    /// These are not registered: such crons run, whatever was said before.
    private static let unknowns: Set = ["status-404"]
    /// Those that by themselves come before, once more with the server's work done.
    private static let afterTheWork = ["status-500", "status-401", "502-html", "reset", "silence"].map { $0 + "-after" }
    private static let rate = "0.3"
    private static let atOnce = 5

    @Test func underEachFaultEveryRunArrivesOnceAndWhole() async throws {
        var help = ""
        try await Site.with { help = try await output([Programs.server, "serve", "--fault", "help"], in: $0.path) }
        let faults = help.split(separator: "\n").filter { $0.hasPrefix("  ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(Set(faults).isSuperset(of: ["status-503", "silence", "reset", "endless", "html-200"]), "\(help)")
        await withTaskGroup(of: Void.self) { group in
            for (index, fault) in (faults + Self.afterTheWork).enumerated() {
                if index >= Self.atOnce { await group.next() }
                group.addTask {
                    do { try await Self.suffer(fault) } catch { Issue.record("\(fault): \(error)") }
                }
            }
        }
    }

    private static func options(_ fault: String) -> [String] {
        let calls =
            switch fault {
            case _ where refusals.contains(fault): ["@can-start", "@start", "@message"]
            // To can-start it is an answer: no.
            case "empty-200": ["@start", "@message", "@end"]
            default: [""]
            }
        return calls.flatMap { ["--fault", "\(fault)\($0):\(rate)"] } + ["--fault-seed", "7"]
    }

    private static func suffer(_ fault: String) async throws {
        try await Site.with { site in
            try await site.serve(["off", "quiet", "chatty", "failing"])
            try await site.administer("cron", "off", "off")
            try await site.startDaemon()
            // From here on Charon's last answer for this one is known.
            #expect(try await site.run("off", script: "exit 9").exitCode == 0, "\(fault)")
            try await site.stopServer()
            try await site.serve(options: options(fault))
            let scripts = [
                ("quiet", "exit 0", Int32(0)), ("failing", "echo bad >&2; exit 3", 3),
                ("chatty", "for n in $(seq 30); do echo line $n; sleep 0.05; done", 0),
            ]
            var lines: [(slug: String, code: Int32, line: Spawned)] = []
            for _ in 0..<2 {
                for (slug, script, code) in scripts {
                    lines.append((slug, code, try site.start(slug, command: ["sh", "-c", script])))
                }
            }
            let off = try site.start("off", command: ["touch", site.mark("off")])
            for one in lines { #expect(try await one.line.exitCode() == one.code, "\(fault): \(one.slug)") }
            #expect(try await off.exitCode() == 0, "\(fault)")
            if !unknowns.contains(fault) { #expect(!site.hasMark("off"), "\(fault)") }

            try await site.stopServer()
            try await site.serve()
            _ = try await site.control("outbox", "retry")
            for (slug, _, code) in scripts {
                let executions = try await site.ended(slug, count: 2, within: 90)
                for execution in executions {
                    #expect(execution.success == (code == 0), "\(fault): \(slug)")
                    if slug == "chatty" { expectWhole(execution, fault) }
                }
            }
        }
    }

    /// Each line once and in order; what Charon refused is counted in its place.
    private static func expectWhole(_ execution: Execution, _ fault: String) {
        let numbers = execution.lines.compactMap { $0.hasPrefix("line ") ? Int($0.dropFirst(5)) : nil }
        #expect(numbers == Set(numbers).sorted(), "\(fault): \(numbers)")
        let setAside = execution.message.firstMatch(of: /(\d+) lines? set aside in/).flatMap { Int($0.1) } ?? 0
        #expect(numbers.count + setAside == 30, "\(fault): \(numbers), \(execution.message)")
        #expect(setAside == 0 || refusals.contains(fault), "\(fault): \(execution.message)")
    }
}
