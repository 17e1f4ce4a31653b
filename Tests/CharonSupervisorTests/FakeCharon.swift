import CharonAPI
import CharonCore
import Synchronization

/// A Charon in memory, behind the transport's protocol: the documented calls, `Idempotency-Key`, and faults on demand.
final class FakeCharon: CharonTransport {
    let executor: (any TaskExecutor)? = nil

    /// What a message or an end said.
    struct Said: Hashable {
        let type: String
        let text: String
        var success: Bool?
    }

    /// One execution as the server knows it.
    struct Execution {
        let cron: String
        var messages: [Said] = []
        var ends: [Said] = []
    }

    /// What goes wrong with one request.
    enum Fault {
        /// The server does nothing and this is what the client sees.
        case instead(Exchange)
        /// The server does its part, and the client sees this.
        case afterwards(Exchange)
        /// No answer until `release` says what it is, or the caller gives up.
        case hang
    }

    struct State {
        /// On or off; what is not in here is not registered.
        var crons: [String: Bool] = [:]
        var executions: [String: Execution] = [:]
        var requests: [CharonRequest] = []
        var faults: [CharonCall.Kind: [Fault]] = [:]
        /// Takes the place of every answer until it is set back.
        var outage: Exchange?
        var answered: [String: Exchange] = [:]
        var honoursKeys = true
        var released: [Exchange] = []
    }

    private let state: Mutex<State>

    init(_ crons: [String: Bool] = ["nightly": true]) { state = Mutex(State(crons: crons)) }

    func with<Result>(_ body: (inout State) -> sending Result) -> sending Result { state.withLock { body(&$0) } }

    func fail(_ kind: CharonCall.Kind, _ faults: Fault...) { with { $0.faults[kind, default: []] += faults } }

    /// Gives a request that hangs its answer.
    func release(_ exchange: Exchange) { with { $0.released.append(exchange) } }

    var executions: [Execution] { with { state in state.executions.sorted { $0.key < $1.key }.map(\.value) } }

    func requests(_ kind: CharonCall.Kind) -> [CharonRequest] { with { $0.requests.filter { $0.kind == kind } } }

    func exchange(_ request: CharonRequest, deadline: TimeSpan) async -> Exchange {
        let fault: Fault? = with { state in
            state.requests.append(request)
            if let outage = state.outage { return .instead(outage) }
            guard var faults = state.faults[request.kind], !faults.isEmpty else { return nil }
            defer { state.faults[request.kind] = faults }
            return faults.removeFirst()
        }
        switch fault {
        case nil: return with { $0.answer(request) }
        case .instead(let exchange)?: return exchange
        case .afterwards(let exchange)?:
            _ = with { $0.answer(request) }
            return exchange
        case .hang?:
            while !Task.isCancelled {
                if let exchange = with({ $0.released.popLast() }) { return exchange }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return .failure(ExchangeFailure(.cancelled, written: true, detail: "cancelled"))
        }
    }
}

extension FakeCharon.State {
    fileprivate mutating func answer(_ request: CharonRequest) -> Exchange {
        if honoursKeys, let key = request.idempotencyKey, let known = answered[key] { return known }
        let exchange = make(request)
        if let key = request.idempotencyKey { answered[key] = exchange }
        return exchange
    }

    private mutating func make(_ request: CharonRequest) -> Exchange {
        let name = String(request.path.split(separator: "/")[0])
        let body = request.body.flatMap { try? JSON.parse($0) }
        switch request.kind {
        case .canStart:
            return crons[name].map { .json(200, ["active": .bool($0)]) } ?? .json(404, [:])
        case .start:
            guard let isActive = crons[name] else { return .json(404, [:]) }
            guard isActive else { return .json(418, [:]) }
            let id = "e\(executions.count + 1)"
            executions[id] = FakeCharon.Execution(cron: name)
            return .json(200, ["id": .string(id)])
        case .message, .end:
            guard executions[name] != nil else { return .json(404, [:]) }
            let said = FakeCharon.Said(
                type: body?["type"]?.string ?? "", text: body?["message"]?.string ?? "", success: body?["success"]?.bool
            )
            if request.kind == .end {
                executions[name]?.ends.append(said)
            } else {
                executions[name]?.messages.append(said)
            }
            return .json(200, ["id": 1])
        }
    }
}

extension Exchange {
    /// A complete answer with a JSON body.
    static func json(_ status: Int, _ body: JSON = .object([]), retryAfter: TimeSpan? = nil) -> Exchange {
        .response(
            CharonResponse(
                status: status, contentType: "application/json", retryAfter: retryAfter, body: body.bytes))
    }

    static let refused = Exchange.failure(ExchangeFailure(.refused, written: false, detail: "connection refused"))
    static let lost = Exchange.failure(ExchangeFailure(.reset, written: true, detail: "connection lost"))
}
