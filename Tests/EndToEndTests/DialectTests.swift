import CharonCore
import Testing

/// Charon's document shows no bodies: the wrapper and the daemon as they are, against each form that an answer may have.
@Suite(.serialized)
struct DialectTests {
    /// A cron that is on runs and is reported whole, one that is off does not run.
    @Test func eachFormOfAnswersIsUnderstood() async throws {
        var help = ""
        try await Site.with { help = try await output([Programs.server, "serve", "--dialect", "help"], in: $0.path) }
        let dialects = help.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(Set(dialects).isSuperset(of: ["standard", "bare", "php", "snake-id", "data-id-or-null"]), "\(help)")
        for dialect in dialects {
            try await Site.with { site in
                try await site.serve(["on", "off"], options: ["--dialect", dialect])
                try await site.administer("cron", "off", "off")
                try await site.startDaemon()
                let off = try await site.run("off", script: "exit 9")
                #expect(off.exitCode == 0 && off.error == "", "\(dialect): \(off.error)")
                let on = try await site.run("on", script: "echo out; echo err >&2; exit 3")
                #expect(on.exitCode == 3 && on.error == "err\n", "\(dialect): \(on.error)")
                let execution = try await site.ended("on")
                #expect(execution.lines.sorted() == ["err", "out"], "\(dialect)")
                #expect(execution.success == false && execution.message.contains("exited with code 3"), "\(dialect)")
                #expect(!execution.message.contains("late"), "\(dialect)")
                #expect(try await site.executions(of: "off").isEmpty, "\(dialect)")
            }
        }
    }
}
