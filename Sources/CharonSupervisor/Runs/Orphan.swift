import CLinux
import CharonCore
package import CharonRuns
import Glibc

/// The processes of a run whose supervisor has died.
package enum Orphan {
    /// Ends the command's process group if it is still the one that the record names.
    ///
    /// The child's start time is compared, and a pidfd holds the process, so that no stranger with the same pid is hit.
    /// The record may be the work of the run's user, who must not have others' processes ended by it: a daemon of root
    /// ends only those of `uid`.
    package static func end(_ started: SupervisorRecord.Started, uid: UInt32) {
        guard started.boot == bootID(), let child = Process(started.child.pid),
            clinux_start_time(started.child.pid) == started.child.startTime
        else { return }
        withExtendedLifetime(child) {
            // While the leader is held alive by its identity, its group cannot be another's.
            let hasGroup = started.group == started.child.pid
            if geteuid() == 0, uid != 0 {
                if hasGroup { endMembers(of: started.group, uid: uid) }
                child.end(ifOf: uid)
            } else if hasGroup {
                kill(-started.group, SIGKILL)
            } else {
                child.end(ifOf: nil)
            }
        }
    }

    /// Sends a signal to a process that a record names, if it is still that one; false if it is not.
    ///
    /// The record of a wrapped line may be the work of its user: a daemon of root then signals only processes of `uid`.
    package static func signal(_ process: ProcessIdentity, _ signal: Int32, boot: String, uid: UInt32?) -> Bool {
        guard boot == bootID(), let held = Process(process.pid),
            clinux_start_time(process.pid) == process.startTime
        else { return false }
        return held.send(signal, ifOf: geteuid() == 0 && uid != 0 ? uid : nil)
    }

    /// Ends the processes of a group that belong to `uid`, with those that they start meanwhile.
    private static func endMembers(of group: Int32, uid: UInt32) {
        for _ in 0..<3 {
            let members = ((try? RecordFile.names(in: "/proc")) ?? []).compactMap(Int32.init).compactMap { pid in
                getpgid(pid) == group ? Process(pid) : nil
            }
            // Once more, now that each pid is held: it may have been another's before.
            for member in members where getpgid(member.pid) == group { member.end(ifOf: uid) }
        }
    }

    /// The kernel's id of this boot; empty if it cannot be read.
    package static func bootID() -> String {
        var text = [CChar](repeating: 0, count: 37)
        guard clinux_boot_id(&text) == 0 else { return "" }
        return String(decoding: text.prefix(36).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A process that is held by a pidfd, so that a signal cannot reach a later one with its pid.
private struct Process {
    let pid: Int32
    private let pidfd: Descriptor

    /// Nil if there is no such process.
    init?(_ pid: Int32) {
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        self.pid = pid
        pidfd = Descriptor(owning: descriptor)
    }

    /// Kills the process if it runs as `uid`, or whoever it runs as for nil.
    func end(ifOf uid: UInt32?) { _ = send(SIGKILL, ifOf: uid) }

    /// Signals the process if it runs as `uid`, or whoever it runs as for nil; whether it did.
    func send(_ signal: Int32, ifOf uid: UInt32?) -> Bool {
        if let uid {
            // The owner of the directory is the process's effective user (proc(5)).
            var status = stat()
            guard stat("/proc/\(pid)", &status) == 0, status.st_uid == uid else { return false }
        }
        return clinux_pidfd_send_signal(pidfd.number, signal) == 0
    }
}
