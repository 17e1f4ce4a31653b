import CharonCore
import Synchronization

/// A serial executor with a thread of its own, for an actor whose work blocks.
final class ThreadExecutor: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let ready = Semaphore()

    func start(_ name: String) throws(SystemError) {
        try LoopThread.start(name) {
            while true {
                self.ready.wait()
                let batch = self.jobs.withLock { jobs in
                    defer { jobs = [] }
                    return jobs
                }
                for job in batch { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        ready.signal()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
