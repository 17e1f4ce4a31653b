import CLinux
import CharonCore
package import CharonRuns
import Glibc

/// The processes of a run whose supervisor has died.
package enum Orphan {
    /// Ends the command's process group if it is still the one that the record names.
    ///
    /// The child's start time is compared, and a pidfd holds the process, so that no stranger with the same pid is hit.
    package static func end(_ started: SupervisorRecord.Started) {
        guard started.boot == bootID() else { return }
        let descriptor = clinux_pidfd_open(started.child.pid)
        guard descriptor >= 0 else { return }
        let pidfd = Descriptor(owning: descriptor)
        guard clinux_start_time(started.child.pid) == started.child.startTime else { return }
        // While the leader is held alive by its identity, its group cannot be another's.
        if started.group == started.child.pid {
            kill(-started.group, SIGKILL)
        } else {
            clinux_pidfd_send_signal(pidfd.number, SIGKILL)
        }
    }

    /// The kernel's id of this boot; empty if it cannot be read.
    package static func bootID() -> String {
        var text = [CChar](repeating: 0, count: 37)
        guard clinux_boot_id(&text) == 0 else { return "" }
        return String(decoding: text.prefix(36).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
