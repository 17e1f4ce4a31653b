import CharonCore
import CharonRuns
import Glibc
import Testing

@Suite(.serialized) struct IdleTests {
    private func switches(of pid: Int32) throws -> Int {
        try #require(ProcessState.field("voluntary_ctxt_switches", of: pid).flatMap { Int($0) })
    }

    @Test(arguments: [[], ["--timeout=1h"]]) func aWaitingRunSleeps(options: [String]) throws {
        let run = try Wrapped(["/bin/sh", "-c", "echo ready; exec sleep 60"], options: options)
        try eventually("it is ready") { try run.text("stdout") == "ready\n" }
        #expect(ProcessState.field("Threads", of: run.pid) == "1")
        // It wakes up once more, to give its memory back.
        var before = -1
        try eventually("it has settled") {
            defer { before = (try? self.switches(of: run.pid)) ?? -1 }
            usleep(700_000)
            return try self.switches(of: run.pid) == before
        }
        usleep(1_500_000)
        #expect(try switches(of: run.pid) == before)
        // The instrument tells a wake-up.
        run.send(SIGUSR2)
        try eventually("a wake-up counts") { try self.switches(of: run.pid) > before || !ProcessState.lives(run.pid) }
        try run.exitCode()
    }
}
