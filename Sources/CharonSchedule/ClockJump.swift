/// How far a clock is ahead of the minutes whose jobs have run: the table by which cron(8) of Debian acts.
package enum ClockJump: Hashable, Sendable {
    /// 1 minute: time goes on.
    case none
    /// 2 to 5 minutes: all jobs of the minutes between run.
    case slight
    /// 6 to 180 minutes: jobs of fixed times are made up for, others run by the new time.
    case forward
    /// 0 to -179 minutes: jobs of fixed times wait until the clock has caught up, others run by the new time.
    case back
    /// Anything beyond: a correction of the clock; what lies between is lost or runs again.
    case correction

    /// The row for a number of minutes from the last one whose jobs have run to the present one.
    package init(minutes: Int64) {
        self =
            switch minutes {
            case 1: .none
            case 2...5: .slight
            case 6...180: .forward
            case -179...0: .back
            default: .correction
            }
    }
}
