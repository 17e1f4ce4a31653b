import CharonCore
import CharonRuns

/// What stands on Charon in the place of a message that it could not take.
struct Placeholder: Hashable, Sendable {
    let message: DeliveryRecord.SetAside.Message
    /// How much is missing, why, and where it is: never the text itself, and nothing but ASCII.
    ///
    /// The same each time, as the idempotency key demands.
    let text: String
    let key: String

    init(_ message: DeliveryRecord.SetAside.Message, of run: RunID) {
        let bytes = message.bytes
        let what = message.lines > 0 ? "\(message.lines) line\(message.lines == 1 ? "" : "s")" : "a part of a line"
        let why = message.status.map { "Charon refused the message (\($0))" } ?? "Charon failed at the message"
        self.message = message
        text = """
            \(what) set aside: \(why); the text is in output.log of the run \(run) on its host, \
            \(bytes.to - bytes.from) bytes from byte \(bytes.from) on
            """
        key = "\(run)/\(bytes.from)-\(bytes.to)/placeholder"
    }
}
