package import CharonCore
import Glibc

/// Two clocks read together: one that can be set, and one that only goes on, also while the machine sleeps.
package struct ClockReading: Hashable, Sendable {
    /// CLOCK_REALTIME.
    package let wall: Instant
    /// CLOCK_BOOTTIME, in nanoseconds.
    package let boot: Int64

    package init(wall: Instant, boot: Int64) {
        self.wall = wall
        self.boot = boot
    }

    package static func now() -> ClockReading {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return ClockReading(wall: .now(), boot: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
