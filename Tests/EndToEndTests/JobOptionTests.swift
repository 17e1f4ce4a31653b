import CharonCore
import CharonRuns
import Glibc
import Testing

/// What a job file says of output and records takes effect when charond starts the job.
@Suite struct JobOptionTests {
    @Test func levelsRedactionAndWhatGoesToCharon() async throws {
        let jobs = """
            told:
              levels: {stderr: info, rules: ["error:contains:quota", "drop:glob:*%*"]}
              redact: ["pin=*"]
              environment: {SHOP_TOKEN: 0123456789abcdef}
              command: "echo $SHOP_TOKEN; echo pin=4711; echo over quota; echo 50%; echo harmless >&2"
            quiet:
              send_level: warning
              command: "echo not sent; echo 'warning: sent'"
            """
        try await Site.running("told", "quiet", jobs: jobs) { site in
            for slug in ["told", "quiet"] {
                let start = try await site.control("start", slug, "--follow")
                #expect(start.exitCode == 0, "\(start)")
            }
            let told = try await site.ended("told")
            let lines = told.messages.flatMap { message in
                message.text.split(separator: "\n").map { "\(message.type) \($0)" }
            }
            #expect(
                Set(lines) == ["info <redacted>", "info pin=<redacted>", "error over quota", "info harmless"],
                "\(lines)")
            #expect(try await site.ended("quiet").messages.map(\.text) == ["warning: sent"])
            let record = try await site.control("logs", "told").output
            #expect(record.contains("50%") && !record.contains("4711") && !record.contains("0123456789"), "\(record)")
        }
    }

    /// The newest run stays, the one before it becomes a line of the history.
    @Test func whatIsKept() async throws {
        let jobs = """
            brief:
              keep: {runs: 1, for: 1s}
              command: "true"
            """
        try await Site.running("brief", jobs: jobs) { site in
            for number in 1...3 {
                let start = try await site.control("start", "brief", "--follow")
                #expect(start.exitCode == 0, "\(start)")
                _ = try await site.ended("brief", count: number)
            }
            try await eventually("one record is left") {
                ((try? RecordFile.names(in: "\(site.state)/runs/brief")) ?? []).count <= 1
            }
            #expect(text(of: "\(site.state)/history.jsonl").split(separator: "\n").count >= 2)
        }
    }
}
