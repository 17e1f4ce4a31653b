package import CharonAPI
package import CharonControl
package import CharonCore

/// One probe of a cron: which call comes next, and what is told of it in the end.
///
/// Pure; the runner makes the calls.
package struct Probe: Sendable {
    /// What a probe says where Charon shows it to people.
    package static let text = "charonctl probe"

    /// The parameters of `Probe`, checked.
    package struct Parameters: Hashable, Sendable {
        package let slug: Slug
        package let application: String
        /// Configured, so that neither Charon's answer nor the slug stands in its place.
        package let cronID: CronID?
        /// Go on behind can-start, which makes an execution.
        package let execute: Bool

        /// Reads a call; `application` is the default one's name.
        package init(_ json: JSON, application: String) throws(InvalidParameter) {
            let reader = ParameterReader(json)
            slug = try reader.required("slug", Slug.init)
            self.application = try reader.optional("application") { Slug($0)?.text } ?? application
            cronID = try reader.optional("cron_id", CronID.init)
            execute = try reader.flag("execute")
        }
    }

    private let parameters: Parameters
    /// What stands before the idempotency keys, as the run's id does in those of a run.
    private let run: RunID
    package private(set) var steps: [ProbeStep] = []

    package init(_ parameters: Parameters, run: RunID) {
        self.parameters = parameters
        self.run = run
    }

    /// The next call and its idempotency key; nil when the probe is over.
    package var next: (call: CharonCall, key: String?)? {
        guard let last = steps.last else { return (.canStart(parameters.slug), nil) }
        guard parameters.execute, last.meaning.isGood else { return nil }
        switch last.request.kind {
        case .canStart: return reference.map { (.start($0.reference), "\(run)/start") }
        case .start: return execution.map { (.message($0, .info, Self.text), "\(run)/message") }
        case .message:
            return execution.map { (.end($0, .success, success: true, message: Self.text), "\(run)/end") }
        case .end: return nil
        }
    }

    package mutating func add(_ step: ProbeStep) { steps.append(step) }

    /// What start takes, and where that comes from; nil while nothing is known.
    private var reference: (reference: StartReference, from: String)? {
        if let id = parameters.cronID { return (.cron(id), "given") }
        guard let first = steps.first, first.meaning == .yes || first.meaning == .no else { return nil }
        if let id = first.id.flatMap(CronID.init) { return (.cron(id), "answer") }
        return (.slug(parameters.slug), "slug")
    }

    /// The execution that was started.
    private var execution: ExecutionID? {
        steps.first { $0.meaning == .started }.flatMap(\.id).flatMap(ExecutionID.init)
    }

    /// What Charon says in all: `yes` only if every call went well.
    package var result: ProbeStep.Meaning {
        switch steps.last?.meaning {
        case .yes, .started, .accepted: .yes
        case .no: .no
        default: .noAnswer
        }
    }

    /// The reply; `url` is the application's address, where the caller may know it.
    package func reply(url: String?) -> VarlinkReply {
        VarlinkReply([
            "application": .string(parameters.application), "result": .string(result.rawValue),
            "cron_id": reference.map { .string($0.reference.text) }, "cron_id_from": reference.map { .string($0.from) },
            "execution": execution.map { .string($0.text) },
            "steps": .array(steps.map { $0.json(base: url) }),
        ])
    }
}
