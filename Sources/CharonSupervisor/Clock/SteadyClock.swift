package import CharonCore
import Glibc

/// The time of the daemon's start plus what CLOCK_BOOTTIME has counted since: a clock that nobody sets.
///
/// For back-off, budgets and patience, which a step of the wall clock must neither end nor stretch.
package enum SteadyClock {
    private static let start = (wall: Instant.now().nanoseconds, boot: boot())

    package static func now() -> Instant {
        // The start first: it is read when it is first used.
        let start = start
        return Instant(nanoseconds: start.wall + boot() - start.boot)
    }

    private static func boot() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
