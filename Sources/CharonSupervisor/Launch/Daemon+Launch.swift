import CLinux
import CharonControl
package import CharonCore
import CharonJobs
import CharonLevels
import CharonRuns
import Glibc
import Logging

extension Daemon {
    /// What a start of a job came to.
    package enum Launch: Hashable, Sendable {
        /// Its supervisor runs, or the record says why it could not.
        case begun(execution: ExecutionID?)
        case skipped(SkipReason)
        /// There is no record of it; the reason is in the log.
        case failed(String)
    }

    /// Takes a decided start of a job through its gate, and starts its supervisor.
    package func launch(_ start: JobStart) async -> Launch {
        touch()
        guard !isStopping else { return .failed("charond is stopping") }
        context.rush.began()
        defer { context.rush.ended() }
        // Before the gate: the run belongs to the user, and its record must not name a secret of the environment files.
        let prepared = await prepare(start.job)
        var request = request(for: start, uid: (try? prepared.get())?.user, try? prepared.get())
        let application: Application
        do {
            application = try applications.resolve(request.application, nil)
        } catch {
            log.report(.recordFailed, "job not started", .error, metadata(request, ["reason": "\(error.message)"]))
            return .failed(error.message)
        }
        request.application = application.name
        entries[request.run] = Entry(request: request, application: application, delivery: DeliveryRecord())
        log.report(.begun, "run begun", .info, metadata(request, ["reason": "\(start.mark.reason.rawValue)"]))
        let beginning =
            start.isUngated
            ? await begin(ungated: request) : await passGate(request, application, isGone: { false })
        switch beginning {
        case .skip(let reason): return .skipped(reason)
        case .error(let reply): return .failed(reply.parameters["reason"]?.string ?? reply.error ?? "no record")
        case .unrecorded: return await launchUnrecorded(start, request, prepared, application)
        case .withdrawn: return .failed("charond is stopping")
        case .run(let handles):
            let execution = entries[request.run]?.delivery.start.execution
            await supervise(start, request, prepared, execution, handles)
            await handedOver(request, wasTaken: true)
            return .begun(execution: execution)
        }
    }

    /// Starts the supervisors of the runs that an earlier daemon did not come to, before they count as lost.
    ///
    /// A job that is gone, or runs as somebody else now, is not what Charon was asked for.
    func takeUp(_ jobs: [Job]) async {
        let jobs = Dictionary(jobs.map { ($0.slug, $0) }) { first, _ in first }
        for request in untaken {
            guard let entry = entries[request.run], Self.mayRun(entry.delivery), let mark = request.job,
                let job = jobs[request.slug]
            else { continue }
            let prepared = await prepare(job)
            guard ((try? prepared.get())?.user ?? geteuid()) == request.uid else { continue }
            let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
            let handles = await disk.perform { (try? Self.reopenUntaken(directory)) ?? nil }
            guard let handles else { continue }
            log.notice("run taken up: the daemon before ended while it was starting", metadata: metadata(request, [:]))
            let start = JobStart(run: request.run, job: job, mark: mark)
            await supervise(start, request, prepared, entry.delivery.start.execution, handles)
        }
        untaken = []
    }

    private func prepare(_ job: Job) async -> Result<ChildSetup, UnpreparedJob> {
        let accounts = accounts
        return await names.perform { Result { () throws(UnpreparedJob) in try job.prepare(accounts) } }
    }

    private static func mayRun(_ delivery: DeliveryRecord) -> Bool {
        switch delivery.start {
        case .answered, .sent, .uncertain: true
        case .unsent, .refused: false
        }
    }

    /// What is recorded of a start; a user that cannot be found leaves it to the daemon's own.
    private func request(for start: JobStart, uid: UInt32?, _ setup: ChildSetup?) -> RunRequest {
        let (job, options) = (start.job, start.job.options)
        let uid = uid ?? geteuid()
        var redaction = RedactionRules()
        redaction.hide(secretsOf: (setup?.environment ?? []).map { Array($0.utf8) })
        for glob in options.redactions { redaction.hide(glob) }
        var request = RunRequest(
            run: start.run, slug: job.slug, application: options.application ?? applications.defaultName(for: uid),
            argv: redaction.recorded(job.command.arguments.map { Array($0.utf8) }), uid: uid, askedAt: .now())
        request.host = configuration.host
        request.directory = setup?.directory ?? ""
        request.cronID = job.cronID
        request.policies = configuration.policies
        if let value = options.whenUnreachable { request.policies.whenUnreachable = value }
        if let value = options.whenUnknown { request.policies.whenUnregistered = value }
        if let value = options.uncertainStart { request.policies.whenUncertain = value }
        request.policies.successCodes = options.successCodes
        request.timeout = options.timeout
        request.levels = options.levels == LevelRules() ? nil : options.levels.json
        request.sendLevel = options.sendLevel
        request.job = start.mark
        return request
    }

    /// Notes a due time that passes without a run.
    package func skip(_ start: JobStart, _ reason: SkipReason) async {
        let (accounts, user) = (accounts, start.job.user)
        let uid = await names.perform { user.flatMap { accounts.account($0)?.uid } }
        let request = request(for: start, uid: uid, nil)
        await writeHistory(request, reason, note: nil)
        report(skipped: request, reason, note: nil)
    }

    /// Makes the record of a run that Charon is not asked for; delivery starts its execution later.
    private func begin(ungated request: RunRequest) async -> Beginning {
        let directory = RunDirectory(state: configuration.state, slug: request.slug, run: request.run)
        do {
            let handles = try await disk.perform { () throws(SystemError) in try directory.create(request) }
            let note = "started by hand without asking Charon"
            let decision = GateDecision.run(.unsent, .unanswered, cronID: nil, remember: nil, note: note)
            return await conclude(decision, request, directory, handles, DeliveryRecord())
        } catch {
            log.report(.recordFailed, "record not made", .error, metadata(request, ["reason": "\(error)"]))
            return .unrecorded
        }
    }

    /// Starts the supervisor of a run that may start, its pid; what keeps it from that is the run's outcome.
    @discardableResult
    func supervise(
        _ start: JobStart, _ request: RunRequest, _ prepared: Result<ChildSetup, UnpreparedJob>,
        _ execution: ExecutionID?, _ handles: RunDirectory.Handles
    ) async -> Int32? {
        var setup: ChildSetup
        switch prepared {
        case .success(let found): setup = found
        case .failure(let reason):
            await fail(request, handles, "\(reason.step) \(reason.object)", reason.errno)
            return nil
        }
        if start.mark.reason != .hand { setup.environment.append("CHARON_NOMINAL_TIME=\(start.mark.nominalTime)") }
        let hold = scopes == nil ? nil : Pipe()
        let order = Supervisor.Order(
            start: start, request: request, setup: setup, execution: execution, handles: handles,
            hold: hold?.reader)
        let supervisor = supervisor
        defer { withExtendedLifetime(hold) {} }
        do {
            let pid = try await launching.perform { () throws(SystemError) in try supervisor.start(order) }
            if let scopes, hold != nil { await enter(scopes, Self.scope(start, pid), request) }
            return pid
        } catch {
            await fail(request, handles, error.call, error.errno)
            return nil
        }
    }

    private static func scope(_ start: JobStart, _ pid: Int32) -> ScopeOrder {
        let options = start.job.options
        var scope = ScopeOrder(
            slug: start.job.slug, run: start.run, pid: pid, stopSignal: options.stopSignal.number,
            stopGrace: options.stopGrace)
        scope.memory = options.limits.memory?.bytes
        scope.tasks = options.limits.tasks
        scope.cpu = options.limits.cpu
        return scope
    }

    /// A run without a scope is better than none: its limits are then missing, and the log says so.
    private func enter(_ scopes: any Scopes, _ scope: ScopeOrder, _ request: RunRequest) async {
        do {
            try await scopes.start(scope)
        } catch {
            log.log(
                level: scope.hasLimits ? .error : .warning,
                scope.hasLimits ? "run without its scope: its limits do not hold" : "run without a scope",
                metadata: metadata(request, ["reason": "\(error)"]))
        }
    }

    private func fail(_ request: RunRequest, _ handles: RunDirectory.Handles, _ step: String, _ errno: Int32) async {
        let outcome = RunOutcome.couldNotStart(step: step, errno: errno)
        let line = SupervisorRecord.ended(.init(at: .now(), outcome: outcome, exitCode: ExitCode.of(outcome))).line
        do {
            try await disk.perform { () throws(SystemError) in try handles.supervisor.write(line) }
        } catch {
            log.report(.recordFailed, "outcome not recorded", .error, metadata(request, ["reason": "\(error)"]))
        }
    }
}

/// A pipe whose reader waits until the writer is gone.
private struct Pipe: Sendable {
    let reader: Descriptor
    let writer: Descriptor

    /// Nil if there is none to be had.
    init?() {
        var (readEnd, writeEnd): (Int32, Int32) = (-1, -1)
        guard clinux_blocking_pipe(&readEnd, &writeEnd) == 0 else { return nil }
        (reader, writer) = (Descriptor(owning: readEnd), Descriptor(owning: writeEnd))
    }
}
