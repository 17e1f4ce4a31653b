import CharonAPI
import CharonCore
import HTTPTypes

/// Decides what a call does next: authenticate, send, wait, try again, end.
///
/// Pure; times and answers are given to it.
struct CallMachine: Sendable {
    /// What has happened.
    enum Event: Sendable {
        case begin
        case authenticated(Token)
        case answered(Answer)
        case failed(TransportFailure)
        /// The time of `sleep` is over.
        case woke
        case saved
        /// Something that was to be done could not be done.
        case ended(CallFailure)
    }

    /// What is to be done, in this order; the last one gives the next event.
    enum Action: Sendable {
        case say(Line)
        /// A token is needed, and not the one that the API has refused.
        case authenticate(refused: Token?)
        case send(Sending)
        case sleep(TimeSpan)
        case save([UInt8], SaveTarget)
        case finish(CallExit)
    }

    /// When something has happened.
    struct Moment: Sendable {
        /// Since the call began, on a clock that nobody sets.
        let elapsed: TimeSpan
        let wall: Instant
    }

    /// What the current request is for.
    enum Purpose: Sendable {
        case step
        case poll(Polling)
    }

    /// The waiting for what a step has begun.
    struct Polling: Sendable {
        let wait: Wait
        /// Nil if only the call has one.
        let deadline: TimeSpan?
        var interval: TimeSpan
        var progress: String?
    }

    /// The current request, over all its attempts.
    struct Exchange: Sendable {
        let template: RequestTemplate
        var purpose: Purpose
        var attempt = 0
        /// A token is renewed once for a request, so that one that is always refused comes to an end.
        var isRenewed = false
        var request: PreparedRequest?
    }

    let file: CallFile
    let base: BaseURL
    let boundary: String
    let isServerDryRun: Bool
    var values: Values
    var token: Token?
    var index = 0
    var exchange: Exchange?
    /// Method and address of the step's own request, once it is answered.
    var stepShown = ""

    /// `values` are those of all variables and built-ins; `boundary` divides the parts of multipart bodies.
    init(_ file: CallFile, base: BaseURL, _ values: Values, boundary: String, isServerDryRun: Bool = false) {
        self.file = file
        self.base = base
        self.values = values
        self.boundary = boundary
        self.isServerDryRun = isServerDryRun
    }

    var step: Step { file.steps[index] }

    /// What to do after an event.
    mutating func next(_ event: Event, at moment: Moment) -> [Action] {
        do throws(CallFailure) {
            switch event {
            case .begin: return try begin(moment)
            case .authenticated(let token):
                self.token = token
                return try send(moment)
            case .answered(let answer): return judge(answer, moment)
            case .failed(let failure): return try judge(failure, moment)
            case .woke: return try sendFresh(moment)
            case .saved: return nextStep(moment)
            case .ended(let failure): throw failure
            }
        } catch {
            return end(error)
        }
    }

    /// The end of a call that is not done.
    func end(_ failure: CallFailure) -> [Action] { [.say(Line(.error, failure.message)), .finish(failure.exit)] }

    mutating func begin(_ moment: Moment) throws(CallFailure) -> [Action] {
        guard let template = step.request else { throw CallFailure(.configuration, "a step has no \"request\"") }
        exchange = Exchange(template: template, purpose: .step)
        return try sendFresh(moment)
    }

    /// Sends the current request, with a token that lives.
    mutating func sendFresh(_ moment: Moment) throws(CallFailure) -> [Action] {
        if case .token = file.auth, token?.isFresh(at: moment.wall) != true { return [.authenticate(refused: nil)] }
        return try send(moment)
    }

    private mutating func send(_ moment: Moment) throws(CallFailure) -> [Action] {
        guard var exchange else { return [.finish(.done)] }
        let left = try remaining(moment)
        var request = try exchange.template.prepare(base: base, values, boundary: boundary)
        if isServerDryRun, isDryRun(request), let name = try file.serverDryRun?.header?.value(values) {
            try request.headers.add(name, file.serverDryRun?.value?.render(values) ?? "true")
        }
        exchange.request = request
        self.exchange = exchange
        try file.auth?.apply(to: &request, values, token: token?.value)
        var sending = Sending(request, limit: min(file.timeout, left))
        if case .step = exchange.purpose, step.isStreamed, !isServerDryRun { sending.target = target }
        return [.send(sending)]
    }

    /// Whether the API is asked not to execute the request: those that change something, or all if none does.
    func isDryRun(_ request: PreparedRequest) -> Bool {
        let changes = file.steps.contains { $0.request.map { !$0.isSafe(values) } ?? false }
        return !request.isSafe || !changes
    }

    var target: SaveTarget? {
        step.save.flatMap { save in
            save.file.map { SaveTarget(path: $0.render(values), mode: save.mode, success: step.expect.success) }
        }
    }

    /// What is left until the nearest deadline.
    func remaining(_ moment: Moment) throws(CallFailure) -> TimeSpan {
        var end = file.deadline
        if case .poll(let polling) = exchange?.purpose, let deadline = polling.deadline { end = min(end, deadline) }
        guard moment.elapsed < end else { throw deadlineFailure }
        return TimeSpan(milliseconds: end.milliseconds - moment.elapsed.milliseconds)
    }

    var deadlineFailure: CallFailure {
        let what = if case .poll = exchange?.purpose { "the operation was not done" } else { "the call was not done" }
        return CallFailure(.deadline, "\(prefix)the deadline is over: \(what) in time")
    }

    /// The name of the step before a line, where there are several.
    var prefix: String { file.steps.count > 1 ? "\(step.name): " : "" }

    /// Method and address of the current request.
    var shown: String {
        guard let request = exchange?.request else { return prefix }
        return "\(prefix)\(request.method.rawValue) \(request.shownURL)"
    }
}

extension RequestTemplate {
    func isSafe(_ values: Values) -> Bool {
        guard let method = try? method.value(values) else { return false }
        return method == .get || method == .head || method == .options
    }
}

extension Step {
    /// Whether nobody has to look at the body of a success before it is saved.
    var isStreamed: Bool {
        save != nil && wait == nil && values.isEmpty && expect.json == nil
            && !output.flatMap(\.tags).contains { $0.name == "json" }
    }
}
