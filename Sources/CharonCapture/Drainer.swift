import CLinux
import CharonCore
import CharonRuns
import Glibc

/// Reads on, in a process of its own, what descendants write after the supervisor has ended.
///
/// It has none of the caller's descriptors, nor the `supervisor` file whose lock tells that a run is over. It ends with
/// the last descendant that holds a pipe.
enum Drainer {
    /// Forks the drainer, which never returns from here.
    ///
    /// Returns the error if there is no process to be had, after a few tries.
    static func start(
        _ pumps: [Pump], _ memory: MappedMemory, _ writer: RecordWriter?, _ journal: RunJournal?, output: Int32?
    ) -> SystemError? {
        let kept = (pumps.map(\.source) + [output ?? -1, journal?.descriptor ?? -1]).filter { $0 >= 0 }.sorted()
        var delay: UInt32 = 10_000
        while true {
            let pid = clinux_fork_detached(kept, Int32(kept.count), "charon-drain")
            if pid == 0 {
                drain(pumps, memory, writer, journal)
                _exit(0)
            }
            if pid > 0 { return nil }
            guard delay < 200_000 else { return SystemError("fork", errno: -pid) }
            usleep(delay)
            delay *= 2
        }
    }

    private static func drain(_ pumps: [Pump], _ memory: MappedMemory, _ writer: RecordWriter?, _ journal: RunJournal?)
    {
        var pumps = pumps
        for index in pumps.indices { pumps[index].forgetTarget() }
        journal?.forget()
        var polls = PollSet(slots: pumps.count + 1)
        while pumps.contains(where: { $0.source >= 0 }) {
            for index in pumps.indices { polls.watch(index, pumps[index].source) }
            polls.watch(pumps.count, journal?.waitsFor ?? -1, POLLOUT)
            let deadlines = pumps.map(\.partialDeadline) + [journal?.deadline]
            polls.wait(until: deadlines.compactMap(\.self).min()) {
                memory.empty()
                writer?.rest()
            }
            let now = RunMachine.Moment.now()
            for index in pumps.indices {
                if polls.isReady(index) { _ = pumps[index].read(memory.size, through: memory, to: writer) }
                pumps[index].flushPartial(to: writer, at: now)
            }
            writer?.flush()
            journal?.flush()
        }
        journal?.close()
    }
}
