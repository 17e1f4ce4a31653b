import CharonCore
import Glibc

/// SIGTERM and SIGINT, taken by sigwait(3) on a thread of their own.
struct StopSignals: Sendable {
    private static let numbers = [SIGTERM, SIGINT]

    /// Blocks the signals in this thread and in all that it starts; call it before there are others.
    init() {
        // A peer that goes away shows as EPIPE; a terminal that goes away is no reason to stop.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// Returns the first signal that comes.
    func next() async throws(SystemError) -> Int32 {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        try LoopThread.start("signals") {
            var set = Self.set
            var number: Int32 = 0
            while sigwait(&set, &number) != 0 {}
            continuation.yield(number)
            continuation.finish()
        }
        for await number in stream { return number }
        return SIGTERM
    }
}
