import Glibc

extension RunMachine.Moment {
    /// Now, by CLOCK_MONOTONIC, which stands still while the machine sleeps, as poll(2) does.
    package static func now() -> Self { read(CLOCK_MONOTONIC) }

    /// By CLOCK_BOOTTIME, which goes on while the machine sleeps.
    package static func sinceBoot() -> Self { read(CLOCK_BOOTTIME) }

    /// The processor time that this process has used.
    static func ofProcessor() -> Self { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Self {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func milliseconds(_ count: Int64) -> Self { count * 1_000_000 }
}
