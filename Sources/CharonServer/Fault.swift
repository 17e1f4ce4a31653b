package import CharonCore

/// A test aid: something that goes wrong with some of the documented calls, never with the read API.
package struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// What a fault does to a request that it befalls.
    enum Effect: Hashable, Sendable {
        /// The client gets that instead of the answer, before or after the work is done.
        case replacement(Replacement, Moment)
        /// The work is done and the client gets its answer, or a part of it, in that way.
        case disturbance(Disturbance)
    }

    /// When a replacement strikes.
    enum Moment: String, CaseIterable, Sendable {
        /// The server has done nothing.
        case before
        /// The server has done its work, which an `Idempotency-Key` remembers.
        case after
    }

    /// What comes instead of an answer.
    enum Replacement: Hashable, Sendable {
        /// Another answer.
        case page(Page)
        /// A reset of the connection.
        case reset
        /// Nothing, on a connection that stays open.
        case silence
        /// The head of an answer and a body without end.
        case endless
    }

    /// What happens to an answer on its way.
    enum Disturbance: Hashable, Sendable {
        /// The connection is reset in the middle of the body.
        case resetBody
        /// The body comes at one byte a second.
        case slow
        /// The answer promises to keep the connection, which is closed right behind it.
        case closeIdle
    }

    /// The name as given, such as `status-500-after`.
    package let name: String
    let effect: Effect
    /// The only call that it befalls; nil for all four.
    let call: DocumentedCall?
    /// The share of the requests that it befalls, 0 to 1.
    let rate: Double

    /// Reads `NAME[@CALL][:RATE]`; without a rate, 1.
    ///
    /// - Throws: `usage` with what is allowed for a name, a call or a rate that is none.
    package init(_ text: String) throws(CharonError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let subject = parts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(subject[0])
        guard let effect = FaultCatalogue.effect(of: name) else {
            throw CharonError(.usage, "there is no such fault; use NAME[@CALL][:RATE] with one of\n\(Self.list)")
        }
        self.effect = effect
        call = try subject.dropFirst().first.map { text throws(CharonError) in
            guard let call = DocumentedCall(rawValue: String(text)) else {
                let calls = DocumentedCall.allCases.map(\.rawValue).joined(separator: ", ")
                throw CharonError(.usage, "'\(text)' is no call; behind the @ stands one of \(calls)")
            }
            return call
        }
        rate =
            try parts.dropFirst().first.map { text throws(CharonError) in
                guard let rate = Double(String(text)), (0...1).contains(rate) else {
                    throw CharonError(.usage, "'\(text)' is no rate; behind the colon stands a number from 0 to 1")
                }
                return rate
            } ?? 1
    }

    /// All names, one a line, each with what it does.
    package static var list: String { FaultCatalogue.list }

    package var description: String {
        name + (call.map { "@\($0.rawValue)" } ?? "") + (rate == 1 ? "" : ":\(rate)")
    }
}
