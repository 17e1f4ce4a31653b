import CConcurrency
import CharonCore
import CharonSupervisor
import DequeModule
import Glibc
import Synchronization

/// The threads that run the daemon's tasks, in place of libdispatch's.
///
/// libdispatch looks after its threads every second for as long as the process lives; these only wake for a task.
final class TaskPool: Sendable {
    /// What the runtime gives to be run.
    // Sendable: nobody else has the reference until it has been run, once, by one thread.
    private struct Job: @unchecked Sendable {
        let reference: UnsafeMutableRawPointer
    }

    private static let shared = TaskPool()

    private let jobs = Mutex(Deque<Job>())
    private let ready = Semaphore()

    /// From now on tasks run here, one a processor at once; where no thread can be had they stay libdispatch's.
    static func install() {
        let processors = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 2), 8)
        var threads = 0
        while threads < processors, (try? LoopThread.start("task", { shared.run() })) != nil { threads += 1 }
        guard threads > 0 else { return }
        cconcurrency_take_tasks { job in
            guard let job else { return }
            TaskPool.shared.add(Job(reference: job))
        }
    }

    private func add(_ job: Job) {
        jobs.withLock { $0.append(job) }
        ready.signal()
    }

    private func run() -> Never {
        while true {
            ready.wait()
            if let job = jobs.withLock({ $0.popFirst() }) { cconcurrency_run(job.reference) }
        }
    }
}
