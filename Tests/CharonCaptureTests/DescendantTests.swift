import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite(.serialized) struct DescendantTests {
    /// The processes that drain this run's output.
    private func drainers(of run: Wrapped) throws -> [Int32] {
        Wrapped.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            ProcessState.field("Name", of: pid) == "charon-drain"
                && links(of: pid).contains { $0.target == "\(run.directory)/output.log" }
        }
    }

    private func links(of pid: Int32) -> [(descriptor: String, target: String)] {
        Wrapped.names(in: "/proc/\(pid)/fd").map { name in
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { text in
                let count = text.baseAddress.map { readlink("/proc/\(pid)/fd/\(name)", $0, text.count) } ?? 0
                return (name, String(decoding: text[..<max(count, 0)], as: UTF8.self))
            }
        }
    }

    @Test(arguments: ["", "setsid", "nohup"]) func itWritesOnAfterTheEnd(prefix: String) throws {
        let run = try Wrapped(["/bin/sh", "-c", Self.job(prefix)])
        #expect(try run.exitCode() == 2)
        let ended = try run.ended()
        #expect(ended.outcome == .exited(code: 2))
        #expect(ended.holders.count >= 1)
        #expect(ended.stdoutLines == 1)
        #expect(try run.text("stdout").hasPrefix("early "))
        #expect(try run.isLocked() == false)
        let drainer = try #require(try drainers(of: run).first)
        let open = links(of: drainer)
        #expect(open.filter { ["0", "1", "2"].contains($0.descriptor) }.allSatisfy { $0.target == "/dev/null" })
        let others = open.filter { !["0", "1", "2"].contains($0.descriptor) }
        #expect(others.allSatisfy { $0.target.hasPrefix("pipe:") || $0.target == "\(run.directory)/output.log" })
        #expect(others.count == 3)
        #expect(ProcessState.field("SigBlk", of: drainer) == "0000000000000000")
        #expect(ProcessState.of(drainer)?.session == drainer)

        let flag = try #require(try run.text("stdout").split(separator: " ").last?.dropLast())
        _ = try Descriptor.open("\(flag).go", O_WRONLY | O_CREAT, mode: 0o600)
        try eventually("the descendant has lived to its end") { access("\(flag).done", F_OK) == 0 }
        try eventually("the drainer ends with it") { try drainers(of: run).isEmpty }
        let log = try run.log().map { String(decoding: $0.text, as: UTF8.self) }
        #expect(Set(log.dropFirst()) == ["late", "error"])
        #expect(Int64(try run.file("output.log").count) > ended.outputBytes)
        #expect(try run.text("stdout").split(separator: "\n").count == 1)
        for suffix in ["go", "done"] { unlink("\(flag).\(suffix)") }
    }

    @Test func itWritesTenSecondsAfterTheEnd() throws {
        let run = try Wrapped([
            "/bin/sh", "-c",
            """
            flag=/tmp/charon-ten-$$
            sh -c 'sleep 10; echo late; touch $0.done' $flag &
            echo $flag
            """,
        ])
        #expect(try run.exitCode() == 0)
        let ended = try run.ended()
        let flag = String(try #require(try run.text("stdout").split(separator: "\n").first))
        #expect(access("\(flag).done", F_OK) != 0)
        try eventually("the descendant has lived to its end") { access("\(flag).done", F_OK) == 0 }
        try eventually("the drainer ends with it") { try drainers(of: run).isEmpty }
        let late = try #require(try run.log().last)
        #expect(late.text == Array("late".utf8))
        #expect(late.at.seconds(since: ended.at) > 8)
        unlink("\(flag).done")
    }

    private static func job(_ prefix: String) -> String {
        """
        flag=/tmp/charon-late-$$
        \(prefix) sh -c 'until test -e $0.go; do sleep 0.01; done; echo late; echo error >&2; touch $0.done' $flag &
        sleep 0.1; echo early $flag; exit 2
        """
    }

    @Test func withoutASignalItLivesOn() throws {
        let run = try Wrapped(["/bin/sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!; sleep 0.2; exit 0"])
        #expect(try run.exitCode() == 0)
        let descendant = try #require(Int32(try run.text("stdout").dropLast()))
        #expect(ProcessState.lives(descendant))
        #expect(try run.ended().holders == [])
        #expect(try drainers(of: run).isEmpty)
        kill(descendant, SIGKILL)
    }

    @Test func itHoldsUpNothingEvenIfItNeverStopsWriting() throws {
        let run = try Wrapped(["/bin/sh", "-c", "yes & sleep 0.05; exit 5"], options: ["--quiet"])
        #expect(try run.exitCode(within: 20) == 5)
        let holder = try #require(try run.ended().holders.first)
        let pid = try #require(Int32(holder.prefix(while: \.isNumber)))
        #expect(try run.ended().holders == ["\(pid) (yes)"])
        #expect(try ProcessState.of(pid)?.group == run.started().group)
        kill(pid, SIGKILL)
        try eventually("the drainer ends with it") { try drainers(of: run).isEmpty }
    }

    @Test func holdersAreBounded() throws {
        let job = "i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i+1)); done; sleep 0.1"
        let run = try Wrapped(["/bin/sh", "-c", job])
        #expect(try run.exitCode() == 0)
        let holders = try run.ended().holders
        #expect(holders.count == 8)
        for holder in holders { #expect(holder.hasSuffix(" (sleep)")) }
        let group = try run.started().group
        kill(-group, SIGKILL)
    }

    @Test func afterAStopTheGroupIsSweptAndNobodyHolds() throws {
        let run = try Wrapped(
            ["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo ready; wait"], options: ["--stop-grace=100ms"])
        try eventually("it is ready") { try run.text("stdout") == "ready\n" }
        run.send(SIGTERM)
        #expect(try run.exitCode() == 137)
        #expect(try run.ended().holders == [])
        #expect(try drainers(of: run).isEmpty)
    }

    @Test func theLockIsHeldWhileItRuns() throws {
        let run = try Wrapped(["sleep", "60"])
        _ = try run.started()
        #expect(try run.isLocked())
        run.send(SIGTERM)
        try run.exitCode()
        #expect(try !run.isLocked())
    }
}
