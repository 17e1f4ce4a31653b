import CharonCore
import Glibc
import Testing

/// Runs whose supervisor died: what is known is reported, and nothing is invented.
@Suite(.serialized)
struct LostRunTests {
    /// Tells its group, writes, and leaves a process behind in the group.
    private func script(_ site: Site) -> String {
        "echo $$ >\(site.mark("group")); echo hello; touch \(site.mark("up")); sleep 300 & wait"
    }

    private func groupEnds(_ site: Site) async throws {
        let group = try #require(Int32(text(of: site.mark("group")).prefix { $0 != "\n" }))
        try await eventually("the end of group \(group)") { members(ofGroup: group).isEmpty }
    }

    @Test(
        .enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() },
        arguments: [CrashPoint.afterSpawn, .afterExec, .afterOutput]
    )
    func aSupervisorThatDiesMakesTheRunLost(at point: CrashPoint) async throws {
        try await Site.running("job") { site in
            let line = try site.start(
                "job", command: ["sh", "-c", script(site)], environment: ["CHARON_CRASH": point.rawValue])
            #expect(try await line.exitCode() == 128 + SIGKILL)
            let execution = try await site.ended("job")
            #expect(execution.success == false)
            #expect(execution.type == "error")
            #expect(execution.message.contains("lost: its supervisor died"))
            if point == .afterOutput { #expect(execution.lines == ["hello"]) }
            if point == .afterSpawn { #expect(!site.hasMark("group")) }
            let record = try #require(site.records(of: "job").first)
            #expect(try site.json("\(record)/exit.json")["outcome"]?["kind"]?.string == "lost")
            let first = text(of: "\(record)/supervisor").prefix { $0 != "\n" }
            let started = try JSON.parse(first.utf8)
            let group = Int32(try #require(started["group"]?.integer))
            try await eventually("the end of group \(group)") { members(ofGroup: group).isEmpty }
        }
    }

    @Test(.enabled("the programs are a release build without crash points") { try await Programs.haveCrashPoints() })
    func aSupervisorThatDiesAfterTheOutcomeLineHasToldHowItEnded() async throws {
        try await Site.running("job") { site in
            let line = try site.start(
                "job", command: ["sh", "-c", "echo one; echo bad >&2; exit 3"],
                environment: ["CHARON_CRASH": CrashPoint.afterOutcome.rawValue])
            #expect(try await line.exitCode() == 128 + SIGKILL)
            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.message.contains("exited with code 3"))
            #expect(Set(execution.lines) == ["one", "bad"])
            let record = try #require(site.records(of: "job").first)
            #expect(try site.json("\(record)/exit.json")["exit_code"]?.integer == 3)
        }
    }

    /// The record is one of the line's own; the next line hands it in.
    @Test func aSupervisorThatDiesWhileItsDaemonIsSilentIsLostToo() async throws {
        try await Site.running("job", "next") { site in
            site.daemon?.send(SIGSTOP)
            let line = try site.start("job", command: ["sh", "-c", script(site)])
            try await site.reached("up")
            let local = "\(site.path)/home/.local/state/charon/handover"
            let record = try #require(site.records(of: "job", state: local).first)
            try await eventually("the line in the record") {
                text(of: "\(record)/output.log").contains(" stdout F hello\n")
            }
            try await line.end()
            site.daemon?.send(SIGCONT)
            #expect(try await site.run("next", script: "exit 4").exitCode == 4)

            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.type == "error")
            #expect(execution.message.contains("lost: its supervisor died"), "\(execution.message)")
            #expect(execution.messages.first?.text.contains("its start is reported late") == true)
            #expect(execution.lines.last == "hello")
            let taken = try #require(site.records(of: "job").first)
            #expect(try site.json("\(taken)/exit.json")["outcome"]?["kind"]?.string == "lost")
            try await groupEnds(site)
            try await eventually("the end of the local record") { site.records(of: "job", state: local).isEmpty }
            #expect(try await site.ended("next").message.contains("exited with code 4"))
        }
    }

    @Test func bothDieAndNothingIsInvented() async throws {
        try await Site.running("job") { site in
            let line = try site.start("job", command: ["sh", "-c", script(site)])
            try await site.reached("up")
            try await eventually("the line on the server") {
                try await site.executions(of: "job").first?.lines == ["hello"]
            }
            try await site.stopDaemon()
            try await line.end()
            try await site.startDaemon()
            let execution = try await site.ended("job")
            #expect(execution.success == false && execution.message.contains("lost"))
            #expect(execution.lines == ["hello"])
            try await groupEnds(site)
        }
    }
}

/// The processes of a group that have not ended.
func members(ofGroup group: Int32) -> [Int32] {
    entries(of: "/proc").compactMap { Int32($0) }.filter { pid in
        // The name, in parentheses, may hold anything; behind it stand state, parent and group.
        let fields = text(of: "/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 2 && fields[0] != "Z" && Int32(fields[2]) == group
    }
}
