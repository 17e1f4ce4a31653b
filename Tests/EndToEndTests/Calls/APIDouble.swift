import Synchronization

/// What stands for an API in a test, strict about all that the API's documentation states.
protocol APIDouble: Sendable {
    /// Answers a request as the API would; throws a `Refusal` for what it does not take.
    mutating func answer(_ request: StubServer.Request) throws -> StubServer.Answer

    /// The API's own form of a refusal.
    func form(_ refusal: Refusal) -> StubServer.Answer
}

extension APIDouble {
    /// The answer to a request, and what was wrong with the request.
    mutating func judge(_ request: StubServer.Request) -> (answer: StubServer.Answer, fault: String?) {
        do {
            return (try answer(request), nil)
        } catch {
            let refusal = error as? Refusal ?? Refusal(500, "the double failed: \(error)")
            return (form(refusal), refusal.isFault ? "\(request.method) \(request.path): \(refusal.reason)" : nil)
        }
    }

    /// The status of the answer to a request, with the word "fault" if the client is to blame.
    mutating func verdict(_ request: StubServer.Request) -> String {
        let (answer, fault) = judge(request)
        return "\(answer.status)\(fault == nil ? "" : " fault")"
    }

    /// As above, for one request after the other.
    mutating func verdicts(_ requests: [StubServer.Request]) -> [String] { requests.map { verdict($0) } }
}

/// Why an API does not do what a request asks for.
struct Refusal: Error {
    let status: Int
    let reason: String
    /// Whether the client did something that the documentation does not allow, rather than met with bad luck.
    var isFault = true

    init(_ status: Int, _ reason: String, isFault: Bool = true) {
        self.status = status
        self.reason = reason
        self.isFault = isFault
    }
}

/// Throws a refusal with this status unless `isTrue`.
func demand(_ isTrue: Bool, _ status: Int, _ reason: @autoclosure () -> String) throws {
    if !isTrue { throw Refusal(status, reason()) }
}

/// Throws a refusal as a bad request unless `isTrue`.
func demand(_ isTrue: Bool, _ reason: @autoclosure () -> String) throws { try demand(isTrue, 400, reason()) }

/// A double on a loopback port of its own.
final class Listening<API: APIDouble>: Sendable {
    private struct State {
        var api: API
        var faults: [String] = []
    }

    private let state: Mutex<State>
    private let server: StubServer
    /// `http://127.0.0.1:PORT`.
    let url: String

    init(_ api: API) throws {
        state = Mutex(State(api: api))
        server = try StubServer { _ in .close }
        url = String(server.url.dropLast("/api".count))
        server.change { [weak self] in self?.answer($0) ?? .close }
    }

    deinit { server.stop() }

    private func answer(_ request: StubServer.Request) -> StubServer.Answer {
        state.withLock { state in
            let (answer, fault) = state.api.judge(request)
            if let fault { state.faults.append(fault) }
            return answer
        }
    }

    /// The double as it is now.
    var api: API { state.withLock { $0.api } }
    /// What the double has disliked so far.
    var faults: [String] { state.withLock { $0.faults } }
    var requests: [StubServer.Request] { server.requests }

    func change(_ body: (inout API) -> Void) { state.withLock { body(&$0.api) } }
}
