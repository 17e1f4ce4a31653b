package import CharonAPI
package import CharonCore
package import CharonRuns

/// What an operator has a delivery do.
extension DeliveryMachine {
    /// Ends the pause before the next request, and has the next pauses begin short again.
    package mutating func goOn() {
        notBefore = nil
        attempt = min(attempt, 1)
    }

    /// Gives up what Charon has not taken of the run, set-aside messages too; `reason` is what its record says.
    package mutating func drop(_ reason: String) {
        settle()
        underWay = nil
        record.setAside = DeliveryRecord.SetAside()
        record.note = reason
        guard !record.isDone else { return }
        if case .answered = record.start { record.end = .givenUp } else { record.start = .refused(reason) }
    }

    /// The messages that can be sent again: set aside, and with their placeholder behind them.
    package var resendable: [DeliveryRecord.SetAside.Message] {
        record.setAside.messages.filter { $0 != record.setAside.placeholder }
    }

    /// A set-aside message as it was sent before, with its key, out of the entries of its bytes.
    ///
    /// Charon has done nothing under that key, or has the message already. Nil if the lines are gone.
    package func resend(
        _ message: DeliveryRecord.SetAside.Message, _ entries: [OutputReader.Entry]
    ) -> (batch: MessageBatch, call: CharonCall, key: String)? {
        guard case .answered(let execution) = record.start, entries.last?.end == message.bytes.to,
            let batch = MessageBatch(
                entries, from: message.bytes.from, bounds: message.bytes, limits.form, after: LineLevels(request))
        else { return nil }
        return (batch, .message(execution, message.level, batch.text), batch.key(request.run))
    }

    /// The answer to a message that was sent again; `wall` is the time by the wall clock.
    package mutating func handle(
        _ answer: DeliveryAnswer, to message: DeliveryRecord.SetAside.Message, _ batch: MessageBatch, wall: Instant
    ) {
        switch answer {
        case .accepted:
            record.setAside.remove(message)
            record.messages += 1
            record.lines += batch.lines
            record.textBytes += Int64(batch.text.utf8.count)
            if record.setAside.count == 0 { record.note = "Charon took what was set aside, when it was sent again" }
        case .refused(let status, let reason):
            record.setAside.refused(message, status: status, reason: reason, at: wall)
        case .notFound, .unauthorized, .later: break
        }
    }
}
