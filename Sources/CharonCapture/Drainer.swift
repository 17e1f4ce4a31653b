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
        _ pumps: [Pump], _ memory: MappedMemory, _ writer: RecordWriter?, output: Int32?
    ) -> SystemError? {
        let kept = (pumps.map(\.source).filter { $0 >= 0 } + [output].compactMap(\.self)).sorted()
        var delay: UInt32 = 10_000
        while true {
            let pid = clinux_fork_detached(kept, Int32(kept.count), "charon-drain")
            if pid == 0 {
                drain(pumps, memory, writer)
                _exit(0)
            }
            if pid > 0 { return nil }
            guard delay < 200_000 else { return SystemError("fork", errno: -pid) }
            usleep(delay)
            delay *= 2
        }
    }

    private static func drain(_ pumps: [Pump], _ memory: MappedMemory, _ writer: RecordWriter?) {
        var pumps = pumps
        for index in pumps.indices { pumps[index].forgetTarget() }
        var polls = PollSet(slots: pumps.count)
        while pumps.contains(where: { $0.source >= 0 }) {
            for index in pumps.indices { polls.watch(index, pumps[index].source) }
            polls.wait(until: pumps.compactMap(\.partialDeadline).min()) {
                memory.empty()
                writer?.rest()
            }
            let now = RunMachine.Moment.now()
            for index in pumps.indices {
                if polls.isReady(index) { _ = pumps[index].read(memory.size, through: memory, to: writer) }
                pumps[index].flushPartial(to: writer, at: now)
            }
            writer?.flush()
        }
    }
}
