import CharonCore
import CharonRuns
import Glibc
import Testing

/// Where charon-run itself fails, the command does not run, the exit code is 125, and the record says which step failed.
@Suite(.serialized) struct OwnFailureTests {
    private func run(_ shell: String) throws -> Wrapped {
        try Wrapped(["/bin/sh", "-c", "echo ran; exit 7"], shell: shell)
    }

    /// Returns the step that failed, or nil if the command ran.
    private func failedStep(_ run: Wrapped, errno: Int32) throws -> String? {
        guard try run.exitCode() == 125 else {
            #expect(try run.exitCode() == 7)
            #expect(try run.text("stdout") == "ran\n")
            return nil
        }
        #expect(try run.text("stdout").isEmpty)
        guard case .ended(let ended) = try run.records.last, case .couldNotStart(let step, errno) = ended.outcome
        else { throw Missing(what: "the outcome that a step failed with errno \(errno)") }
        #expect(try run.records.count == 1 && ended.exitCode == 125)
        #expect(try run.text("stderr") == "charon-run: /bin/sh: \(step): \(SystemError.text(of: errno))\n")
        return step
    }

    @Test func withTooFewDescriptors() throws {
        var steps: [String] = []
        // The dynamic linker needs one above those that are open.
        for limit in 6... {
            guard let step = try failedStep(run("ulimit -n \(limit); exec \"$@\""), errno: EMFILE) else { break }
            steps.append(step)
            try #require(limit < 30)
        }
        #expect(Set(steps) == ["pipe"])
    }

    @Test(.enabled(if: geteuid() == 0)) func withTooFewProcesses() throws {
        // A user who has no other process.
        let user = "setpriv --reuid=\(UInt32.random(in: 100_000...1_000_000_000)) --clear-groups"
        #expect(try failedStep(run("ulimit -u 1; exec \(user) \"$@\""), errno: EAGAIN) == "fork")
        #expect(try failedStep(run("ulimit -u 2; exec \(user) \"$@\""), errno: EAGAIN) == nil)
    }
}
