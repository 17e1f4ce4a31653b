package import CharonCore

/// Every duration and limit of gate and delivery, in one place.
package enum Timing {
    /// How long one can-start may take, from the moment its request is written.
    package static let canStartDeadline = TimeSpan.seconds(5)
    /// How long one start may take.
    ///
    /// Longer: giving up on it makes the start uncertain.
    package static let startDeadline = TimeSpan.seconds(10)
    /// How long one message or end may take.
    package static let deliveryDeadline = TimeSpan.seconds(20)
    /// Attempts of the gate at one call before the run counts as unanswered.
    package static let gateAttempts = 3
    /// The pause between these attempts.
    package static let gatePause = TimeSpan(milliseconds: 150)
    /// How often a waiting caller is told that the daemon is alive.
    package static let heartbeat = TimeSpan.seconds(1)
    /// Failures in a row, with no success between them, after which an application counts as unreachable.
    package static let breakerFailures = 3
    /// Back-off with full jitter: a random time up to `first` doubled with each attempt, at most `most`.
    package static let backoff = (first: TimeSpan(milliseconds: 500), most: TimeSpan.seconds(60))
    /// The shortest pause before a request is made again, whatever the jitter says.
    package static let shortestBackoff = TimeSpan(milliseconds: 50)
    /// How long after its last failure an application counts as unreachable for a daemon that starts.
    package static let breakerMemory = TimeSpan.seconds(600)
    /// The longest `Retry-After` that is honoured.
    package static let longestRetryAfter = TimeSpan.seconds(300)
    /// How long 404 must repeat until it is believed.
    package static let notFoundPatience = TimeSpan.seconds(600)
    /// How long an execution that was started waits for a supervisor that never took the run over.
    package static let takeoverPatience = TimeSpan.seconds(30)
    /// How long a daemon that is told to stop waits for the requests that are under way.
    package static let stopPatience = TimeSpan.seconds(5)
    /// How often a run of an earlier private daemon looks whether its application's key is known by now.
    package static let credentials = TimeSpan.seconds(1)
    /// Messages of one run, unless charon.yaml says otherwise: a burst, then so many a second.
    package static let runBudget = TokenBucket.Rate(burst: 50, perSecond: 5)
    /// Messages of one application, unless charon.yaml says otherwise.
    package static let applicationBudget = TokenBucket.Rate(burst: 50, perSecond: 50)
    /// The share of an application's burst that runs that write much leave to those that have ended with little left.
    package static let reserveShare = 0.2
    /// The most bytes of output that such a run still has to send.
    package static let littleLeft: Int64 = 65_536
    /// At most so many messages and so many bytes of text a run, unless charon.yaml says otherwise; the rest is counted
    /// in the end message.
    package static let runCap = (messages: Int64(2_000), bytes: Int64(4 << 20))
    /// What of a run's cap is kept for the last lines of one that goes beyond it; half of a smaller cap.
    package static let runReserve = (messages: Int64(50), bytes: Int64(256 << 10))
    /// The bytes of `output.log` that are read at once.
    package static let readBytes = 65_536
    /// The bytes of text that are read at once, if a joined message is no longer: so much is planned ahead.
    package static let readText = 16_384
    /// How often `delivery.json` is written while messages go out whose bounds it holds.
    package static let progress = TimeSpan.seconds(3)
    /// How often `output.log` is read before the end goes without what it holds.
    package static let readAttempts = 12
    /// So many server errors over so long a time make a message suspect; a placeholder is then tried in its place.
    package static let poison = (errors: 5, patience: TimeSpan.seconds(600))
    /// The longest text of one line, in bytes, unless charon.yaml says otherwise.
    package static let messageBytes = 4096
    /// Lines that queue are joined into texts of at most so many bytes, unless charon.yaml says otherwise.
    package static let joinedBytes = 16_384
    /// How often a run is looked at because its files change: a burst, then so many times a second.
    package static let looks = TokenBucket.Rate(burst: 30, perSecond: 10)
    /// How often a run whose messages go out is looked at because its files may change without an event.
    package static let unchangedLook = TimeSpan.seconds(1)
    /// How soon after a change a run is looked at once more: the event of a last close comes before its lock is free.
    package static let secondLook = TimeSpan(milliseconds: 250)
    /// More starts of jobs at once than these hold reports back, but not for longer than that.
    package static let rush = (starts: 16, patience: TimeSpan.seconds(3))
    /// How often the output of running jobs is put on disk, and how often a run is looked at without an event.
    package static let outputSync = TimeSpan.seconds(5)
    /// How often the disk budget is looked at while little grows, and how soon at most after it was.
    package static let budgetLook = TimeSpan.seconds(60)
    package static let budgetPause = TimeSpan(milliseconds: 500)
    /// How often all records are measured, and not only those that grow.
    package static let budgetSurvey = TimeSpan.seconds(3600)
}
