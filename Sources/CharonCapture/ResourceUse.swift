import CLinux
import CharonCore
import Glibc

/// What the reaped processes of a run used.
struct ResourceUse {
    private var userMicroseconds: Int64 = 0
    private var systemMicroseconds: Int64 = 0
    /// KiB.
    private(set) var maxResident: Int64 = 0

    var user: TimeSpan { TimeSpan(milliseconds: userMicroseconds / 1000) }
    var system: TimeSpan { TimeSpan(milliseconds: systemMicroseconds / 1000) }

    /// Reaps an ended child and adds what it used.
    mutating func reap(_ pid: Int32) {
        var usage = rusage()
        guard clinux_reap(pid, &usage) == 0 else { return }
        userMicroseconds += Self.microseconds(usage.ru_utime)
        systemMicroseconds += Self.microseconds(usage.ru_stime)
        maxResident = max(maxResident, Int64(usage.ru_maxrss))
    }

    private static func microseconds(_ time: timeval) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec) }
}
