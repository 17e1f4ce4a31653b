import CharonAPI
import CharonCore
import CharonRuns

/// Sends again what Charon could not take of one run: each message once, on an operator's order.
struct Resend: Sendable {
    /// What came of it.
    package struct Result: Hashable, Sendable {
        /// Messages that Charon has taken, and those that it has refused again.
        package var sent = 0
        package var refused = 0
        /// Why it did not go on, or could not send some.
        package var reason: String?
    }

    let record: FollowedRecord

    /// Sends the messages one after the other until one gets no answer; `persist` writes the machine's record down.
    func run(
        _ machine: inout DeliveryMachine, _ application: Application, persist: (DeliveryRecord) async -> Bool
    ) async -> Result {
        var result = Result()
        let requests = record.context.requests
        if machine.record.setAside.placeholder != nil {
            result.reason = "the placeholder of one message goes out first: retry again after it"
        }
        for message in machine.resendable {
            let entries = await record.entries(of: message.bytes)
            guard let (batch, call, key) = machine.resend(message, entries) else {
                result.reason = "the lines of a message are not in output.log any more"
                continue
            }
            guard requests.enter() else {
                result.reason = "charond is stopping"
                break
            }
            let answer = await application.deliver(call, key: key)
            requests.leave()
            machine.handle(answer, to: message, batch, wall: .now())
            switch answer {
            case .accepted: result.sent += 1
            case .refused(_, let reason):
                result.refused += 1
                result.reason = reason
            case .notFound: result.reason = "Charon does not know the execution"
            case .unauthorized(let status): result.reason = "Charon refuses the key (\(status))"
            case .later(let reason): result.reason = reason.detail
            }
            guard await persist(machine.record) else {
                result.reason = "the record cannot be written: the log says why"
                break
            }
            guard answer.isFinal else { break }
        }
        return result
    }
}

extension DeliveryAnswer {
    /// Whether the message is settled, so that the next one may follow.
    fileprivate var isFinal: Bool {
        switch self {
        case .accepted, .refused: true
        case .notFound, .unauthorized, .later: false
        }
    }
}
