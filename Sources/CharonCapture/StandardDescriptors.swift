import Glibc

/// The descriptors 0, 1 and 2 that the process was given.
package enum StandardDescriptors {
    /// Opens /dev/null, close-on-exec, wherever the caller left a standard descriptor closed.
    ///
    /// To be called before anything is opened, which would become a standard descriptor otherwise.
    package static func plug() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR | O_CLOEXEC)
        }
    }

    /// How long a complaint waits for a slow reader; not at all once one has waited in vain.
    // charon-run has one thread.
    private nonisolated(unsafe) static var patience = RunMachine.Moment.milliseconds(100)

    /// Writes `charon-run: message` and a newline to standard error, and never ends or holds up the process for it.
    ///
    /// What a dead reader does not take, or a slow one within 100 ms, is dropped. For a process with one thread.
    package static func complain(_ message: String) {
        let line = Array("charon-run: \(message)\n".utf8)
        WriteSignals.withheld {
            var errors = PassThrough(to: STDERR_FILENO)
            line.withUnsafeBytes { errors.write($0) }
            var polls = PollSet(slots: 1)
            let deadline = RunMachine.Moment.now() + patience
            while errors.isWaiting, .now() < deadline {
                polls.watch(0, errors.waitsFor, POLLOUT)
                polls.wait(until: deadline) {}
                errors.resume()
            }
            if errors.isWaiting { patience = 0 }
            errors.abandon()
        }
    }
}
