import CLinux
import Glibc

/// The signals by which a write(2) can end or stop the process that writes.
package enum WriteSignals {
    /// Runs `body` with SIGPIPE, SIGXFSZ and SIGTTOU blocked in this thread, and takes away those that it caused.
    ///
    /// The mask, the dispositions and what was pending before are afterwards as they were.
    package static func withheld(_ body: () -> Void) {
        var held = set([SIGPIPE, SIGXFSZ, SIGTTOU])
        var mask = sigset_t()
        var pending = sigset_t()
        pthread_sigmask(SIG_BLOCK, &held, &mask)
        sigpending(&pending)
        body()
        // A terminal takes the write of a process that blocks SIGTTOU and sends nothing.
        var caused = set([SIGPIPE, SIGXFSZ].filter { sigismember(&pending, $0) == 0 })
        var noTime = timespec()
        while sigtimedwait(&caused, nil, &noTime) > 0 {}
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    private static func set(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
