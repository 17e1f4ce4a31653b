package import CharonCore

/// A thread that reads and writes records, so that a slow disk never takes a thread of the concurrency runtime.
package actor Disk {
    private let executor: ThreadExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts the thread, whose name shows in ps(1).
    package init(_ name: String) throws(SystemError) {
        executor = ThreadExecutor()
        try executor.start(name)
    }

    /// Does `work` on the disk's thread, after all that was given before.
    package func perform<Value: Sendable, Failure>(
        _ work: @Sendable () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try work()
    }
}
