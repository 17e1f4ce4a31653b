import Glibc

/// Places in the life of a run where a test build can be told to die, to prove that nothing is lost there.
///
/// `CHARON_CRASH=name` or `CHARON_CRASH=name:n` (the n-th pass) sends SIGKILL to the process itself. Release builds
/// have no such code.
package enum CrashPoint: String, CaseIterable, Sendable {
    case afterRunRecord = "after-run-record"
    case afterIntent = "after-intent"
    case afterStartAnswer = "after-start-answer"
    case afterSpawn = "after-spawn"
    case afterExec = "after-exec"
    case afterOutput = "after-output"
    case afterOutcome = "after-outcome"
    case afterExitRecord = "after-exit-record"
    case afterAcknowledgement = "after-acknowledgement"
    case afterGapRecord = "after-gap-record"

    /// Dies here if the environment says so.
    package func reached() {
        #if CHARON_CRASH_POINTS
            Self.armed?.pass(self)
        #endif
    }
}

#if CHARON_CRASH_POINTS
    import Synchronization

    extension CrashPoint {
        fileprivate static let armed = Armed(getenv("CHARON_CRASH").map { String(cString: $0) })

        fileprivate final class Armed: Sendable {
            let point: CrashPoint
            let remaining: Atomic<Int>

            init?(_ text: String?) {
                guard let parts = text?.split(separator: ":"), let name = parts.first,
                    let point = CrashPoint(rawValue: String(name))
                else { return nil }
                self.point = point
                remaining = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
            }

            func pass(_ reached: CrashPoint) {
                guard reached == point, remaining.subtract(1, ordering: .relaxed).newValue == 0 else { return }
                kill(getpid(), SIGKILL)
            }
        }
    }
#endif
