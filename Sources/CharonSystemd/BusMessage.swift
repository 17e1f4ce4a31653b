/// What came from systemd over the bus.
enum BusMessage: Hashable, Sendable {
    /// What was sent with this cookie has been answered; `text` is a property, or the path of a job.
    case answer(cookie: UInt64, text: String)
    /// What was sent with this cookie was refused.
    case error(cookie: UInt64, name: String, text: String)
    /// The job of this unit has ended; see JobRemoved in org.freedesktop.systemd1(5) for the results.
    case jobRemoved(unit: String, result: String)
    /// Nothing that matters here.
    case other
}
