import Glibc

/// SIGTERM and SIGINT, taken by sigwait(3) on the main thread.
struct StopSignals: Sendable {
    private static let numbers = [SIGTERM, SIGINT]
    private static let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)

    /// Blocks the signals in this thread and in all that it starts; call it before there are others.
    static func block() {
        // A peer that goes away shows as EPIPE; a terminal that goes away is no reason to stop.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Takes the signals as they come, for as long as the process lives.
    static func wait() -> Never {
        var set = set
        while true {
            var number: Int32 = 0
            if sigwait(&set, &number) == 0 { continuation.yield(number) }
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// Returns the first signal that comes.
    func next() async -> Int32 {
        for await number in Self.stream { return number }
        return SIGTERM
    }
}
