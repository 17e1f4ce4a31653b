import CLinux
import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken by sigwait(3) on the main thread.
struct Signals: Sendable {
    private static let numbers = [SIGTERM, SIGINT, SIGHUP]
    private static let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)

    /// Blocks the signals in this thread and in all that it starts; call it before there are others.
    static func block() {
        // A peer that goes away shows as EPIPE.
        signal(SIGPIPE, SIG_IGN)
        // Nobody waits for the supervisors that this process starts: their records tell how they end.
        clinux_reap_children()
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

    /// Returns the first signal to stop; until then each SIGHUP is one to read again what may have changed.
    func untilStop(reload: () async -> Void = {}) async -> Int32 {
        for await number in Self.stream {
            guard number == SIGHUP else { return number }
            await reload()
        }
        return SIGTERM
    }
}
