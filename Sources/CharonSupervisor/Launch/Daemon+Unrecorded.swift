import CLinux
import CharonCore
import CharonJobs
import CharonRuns
import Glibc
import Logging

/// A full or broken disk does not keep a job from running, as it does not keep a wrapped line.
extension Daemon {
    /// Starts a job of which no record can be made, if Charon's switch and the policies let it run.
    ///
    /// Its execution is not started, since nothing of it would outlive this process. The journal has its lines and its
    /// outcome.
    func launchUnrecorded(
        _ start: JobStart, _ request: RunRequest, _ prepared: Result<ChildSetup, UnpreparedJob>,
        _ application: Application
    ) async -> Launch {
        if !start.isUngated, let reason = await switchedOff(request, application) {
            forget(request.run)
            report(skipped: request, reason, note: nil)
            return .skipped(reason)
        }
        guard let handles = Self.handlesInMemory() else {
            forget(request.run)
            return .failed("no record, and no memory for one")
        }
        log.report(
            .recordFailed, "running without a record: nothing of this run reaches Charon", .error,
            metadata(request, [:]))
        let pid = await supervise(start, request, prepared, nil, handles)
        let process = pid.map(clinux_pidfd_open) ?? -1
        Task { await watch(request, process < 0 ? nil : Descriptor(owning: process), handles) }
        return .begun(execution: nil)
    }

    /// Why the gate lets a run pass; nil if it may run.
    private func switchedOff(_ request: RunRequest, _ application: Application) async -> SkipReason? {
        let memory = memory(configuration.state, request)
        let last = await disk.perform { memory.answer(for: request.slug, at: .now()) }
        var machine = GateMachine(request, lastAnswer: last)
        var action = machine.resume(isReachable: mayAsk(application))
        while true {
            switch action {
            case .askCanStart:
                let answer = await application.canStart(request.slug)
                action = machine.handle(answer, isReachable: application.isReachable)
            case .pause(let time):
                await Wakeup.sleep(for: time)
                action = machine.resume(isReachable: mayAsk(application))
            case .decide(.skip(let reason, _, _)): return reason
            case .start, .decide(.run): return nil
            }
        }
    }

    /// The supervisor's file in memory, and no output.
    private static func handlesInMemory() -> RunDirectory.Handles? {
        let memory = clinux_memory("supervisor")
        guard memory >= 0 else { return nil }
        let supervisor = Descriptor(owning: memory)
        guard let output = try? Descriptor.open("/dev/null", O_WRONLY | O_APPEND) else { return nil }
        return RunDirectory.Handles(supervisor: supervisor, output: output)
    }

    /// How often is looked whether such a run has ended.
    private static let look = TimeSpan.seconds(1)

    /// Waits for the end of a supervisor; what it wrote to memory is the outcome.
    private func watch(_ request: RunRequest, _ process: Descriptor?, _ handles: RunDirectory.Handles) async {
        while let process, !Self.hasEnded(process), !isStopping { await Wakeup.sleep(for: Self.look) }
        let text = (try? handles.supervisor.read(at: 0, limit: 65_536)) ?? []
        var outcome = RunOutcome.lost
        for case .ended(let ended) in SupervisorRecord.read(text) { outcome = ended.outcome }
        if isStopping, outcome == .lost { return }
        let (event, message, level) = Follower.event(of: outcome, request.policies.successCodes)
        log.report(event, message, level, metadata(request, ["outcome": "\(EndReport.sentence(outcome))"]))
        entries[request.run] = nil
        observer?.ended(request, outcome, isNew: true)
        runsChanged()
    }

    /// Of a pidfd: whether its process has ended.
    private static func hasEnded(_ process: Descriptor) -> Bool {
        var state = pollfd(fd: process.number, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }
}
