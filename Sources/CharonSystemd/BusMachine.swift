import CharonCore

/// What is asked of systemd and what of it is still unanswered: decisions only.
///
/// Times are milliseconds of a clock that never goes back.
struct BusMachine {
    /// Names one request, of the caller's or of this machine's own.
    typealias Ticket = UInt64

    enum Request: Hashable, Sendable {
        case property(String)
        case scope(ScopeRequest)
    }

    enum Action: Hashable, Sendable {
        /// Send it, then say `sent` or `lost`.
        case send(Ticket, Request, hasOOMPolicy: Bool)
        case cancel(job: UInt32)
        /// The connection is of no use.
        case disconnect
        /// The answer: a property's value, or a scope's control group.
        case finish(Ticket, Result<String, ManagerError>)
    }

    private struct Pending {
        let request: Request
        var deadline: Int64
        /// Of what was sent and is not answered.
        var cookie: UInt64?
        /// The job of systemd that makes a scope.
        var job: UInt32?
    }

    /// What must be known of the manager before anything else is sent.
    private struct Facts {
        var version: String?
        var root: String?
    }

    private enum Phase {
        case disconnected
        case asking(Facts)
        /// `root` is the control group in which all slices are.
        case ready(root: String, hasOOMPolicy: Bool)
    }

    /// How long systemd may take for one request, from when it was sent.
    static let limit: Int64 = 5000
    /// How long one may wait for room, or for a connection, before.
    static let longestWait: Int64 = 10_000
    /// The most scopes that systemd makes at a time.
    ///
    /// dbus-daemon(1) refuses more than 128 unanswered messages of ours (max_replies_per_connection), and systemd, which
    /// has a match for each job under way, loses its own connection with more than 512 (max_match_rules_per_connection).
    static let window = 64
    /// Tickets for the machine's own questions; the caller's are greater.
    static let versionTicket: Ticket = 0, rootTicket: Ticket = 1
    private static let firstVersionWithOOMPolicy = 252

    private var phase = Phase.disconnected
    private var pending: [Ticket: Pending] = [:]
    private var ticketOfCookie: [UInt64: Ticket] = [:]
    private var ticketOfUnit: [String: Ticket] = [:]
    /// What is still to be sent, oldest first; may hold tickets that are no longer pending.
    private var queue: [Ticket] = []
    /// Scopes that were asked for and are not done.
    private var scopes: Set<Ticket> = []

    /// Whether something is unanswered, so that a connection is needed.
    var isBusy: Bool { !pending.isEmpty }

    /// When `expire` has something to do; nil while nothing is unanswered.
    var nextDeadline: Int64? { pending.values.lazy.map(\.deadline).min() }

    /// Takes a request of the caller's, whose ticket is 2 or more.
    mutating func add(_ ticket: Ticket, _ request: Request, at now: Int64) -> [Action] {
        pending[ticket] = Pending(request: request, deadline: now + Self.longestWait)
        if case .scope(let scope) = request {
            guard ticketOfUnit[scope.unit] == nil else {
                pending[ticket] = nil
                return [.finish(ticket, .failure(ManagerError(.refused, "\(scope.unit) has been asked for already")))]
            }
            ticketOfUnit[scope.unit] = ticket
        }
        queue.append(ticket)
        return sendNext()
    }

    /// A connection has begun.
    mutating func connected(at now: Int64) -> [Action] {
        phase = .asking(Facts())
        return [(Self.versionTicket, "Version"), (Self.rootTicket, "ControlGroup")].map { ticket, name in
            pending[ticket] = Pending(request: .property(name), deadline: now + Self.limit)
            return .send(ticket, .property(name), hasOOMPolicy: false)
        }
    }

    /// A request is on its way.
    mutating func sent(_ ticket: Ticket, cookie: UInt64, at now: Int64) {
        pending[ticket]?.cookie = cookie
        pending[ticket]?.deadline = now + Self.limit
        ticketOfCookie[cookie] = ticket
    }

    mutating func receive(_ message: BusMessage) -> [Action] {
        switch message {
        case .other: return []
        case .jobRemoved(let unit, let result):
            guard let ticket = ticketOfUnit[unit] else { return [] }
            guard result == "done", case .ready(let root, _) = phase else {
                return finish(ticket, .failure(ManagerError(.refused, "systemd did not start \(unit): \(result)")))
            }
            return finish(ticket, .success("\(root)/\(ScopeRequest.slice)/\(unit)"))
        case .error(let cookie, let name, let text):
            guard let ticket = answered(cookie) else { return [] }
            return failed(ticket, ManagerError(.refused, "systemd refused it: \(text.isEmpty ? name : text)"))
        case .answer(let cookie, let text):
            guard let ticket = answered(cookie) else { return [] }
            if case .scope = pending[ticket]?.request {
                pending[ticket]?.job = text.split(separator: "/").last.flatMap { UInt32($0) }
                return []
            }
            note(ticket, text)
            return finish(ticket, .success(text))
        }
    }

    /// Gives up what has waited for too long; a scope that is not there yet is not to come later.
    mutating func expire(at now: Int64) -> [Action] {
        let late = pending.filter { $0.value.deadline <= now }
        let error = ManagerError(.timedOut, "systemd did not answer in time")
        return late.keys.sorted().flatMap { ticket in
            (pending[ticket]?.job.map { [.cancel(job: $0)] } ?? []) + failed(ticket, error)
        }
    }

    /// There is no connection any more, or none can be made.
    mutating func lost(_ error: ManagerError) -> [Action] {
        phase = .disconnected
        queue = []
        scopes = []
        ticketOfCookie = [:]
        return pending.keys.sorted().flatMap { finish($0, .failure(error)) }
    }

    /// Sends what there is room for.
    private mutating func sendNext() -> [Action] {
        guard case .ready(_, let hasOOMPolicy) = phase else { return [] }
        var actions: [Action] = []
        queue = queue.filter { ticket in
            guard let request = pending[ticket]?.request else { return false }
            if case .scope = request {
                guard scopes.count < Self.window else { return true }
                scopes.insert(ticket)
            }
            actions.append(.send(ticket, request, hasOOMPolicy: hasOOMPolicy))
            return false
        }
        return actions
    }

    /// The ticket of what was sent with a cookie and is answered now.
    private mutating func answered(_ cookie: UInt64) -> Ticket? {
        guard let ticket = ticketOfCookie.removeValue(forKey: cookie) else { return nil }
        pending[ticket]?.cookie = nil
        return ticket
    }

    /// Takes a fact about the manager from an answer.
    private mutating func note(_ ticket: Ticket, _ text: String) {
        guard case .asking(var facts) = phase else { return }
        if ticket == Self.versionTicket { facts.version = text }
        if ticket == Self.rootTicket { facts.root = text }
        phase = .asking(facts)
        guard let version = facts.version, let root = facts.root else { return }
        // "252.38-1~deb12u1", "v255"
        let number = version.drop { !$0.isNumber }.prefix { $0.isNumber }
        let hasOOMPolicy = (Int(number) ?? 0) >= Self.firstVersionWithOOMPolicy
        phase = .ready(root: root == "/" ? "" : root, hasOOMPolicy: hasOOMPolicy)
    }

    /// Without the facts nothing can be sent, so their failure is everything's.
    private mutating func failed(_ ticket: Ticket, _ error: ManagerError) -> [Action] {
        guard pending[ticket] != nil else { return [] }
        if ticket <= Self.rootTicket { return [.disconnect] + lost(error) }
        return finish(ticket, .failure(error))
    }

    private mutating func finish(_ ticket: Ticket, _ result: Result<String, ManagerError>) -> [Action] {
        guard let request = pending.removeValue(forKey: ticket) else { return [] }
        if let cookie = request.cookie { ticketOfCookie[cookie] = nil }
        scopes.remove(ticket)
        if case .scope(let scope) = request.request { ticketOfUnit[scope.unit] = nil }
        return (ticket <= Self.rootTicket ? [] : [.finish(ticket, result)]) + sendNext()
    }
}
