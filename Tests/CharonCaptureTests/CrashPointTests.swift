import CharonCore
import CharonRuns
import Glibc
import Testing

/// A supervisor that dies leaves a record that says how far it came, and never two ends.
@Suite(.serialized) struct CrashPointTests {
    private func crash(_ point: CrashPoint, _ script: String) throws -> Wrapped {
        let run = try Wrapped(["/bin/sh", "-c", script], shell: "export CHARON_CRASH=\(point.rawValue); exec \"$@\"")
        #expect(try run.exitCode() == 1000 + SIGKILL)
        return run
    }

    @Test func beforeTheReleaseTheCommandNeverRuns() throws {
        let run = try crash(.afterSpawn, "echo never")
        let child = try run.started().child.pid
        try eventually("the process is gone") { !ProcessState.lives(child) }
        #expect(try run.records.count == 1)
        #expect(try run.file("stdout").isEmpty && run.file("output.log").isEmpty)
        #expect(try !run.isLocked())
    }

    @Test(arguments: [CrashPoint.afterExec, .afterOutput]) func whileItRunsThereIsNoOutcome(point: CrashPoint) throws {
        let run = try crash(point, "echo one; exec sleep 60")
        let started = try run.started()
        #expect(try run.records.count == 1)
        #expect(try !run.isLocked())
        if point == .afterOutput { #expect(try run.log().map(\.text) == [Array("one".utf8)]) }
        kill(-started.group, SIGKILL)
    }

    @Test func afterTheOutcomeAllIsThere() throws {
        let run = try crash(.afterOutcome, "echo one; exit 8")
        #expect(try run.ended().outcome == .exited(code: 8))
        #expect(try run.ended().outputBytes == run.file("output.log").count)
        #expect(try run.log().map(\.text) == [Array("one".utf8)])
    }
}
