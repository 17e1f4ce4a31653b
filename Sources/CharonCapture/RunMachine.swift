package import CharonCore
import Glibc

/// Decides what the supervisor of one run does: a pure state machine, told of events with their times, returning
/// actions in the order in which to perform them.
///
/// It begins when the command's process exists. A *stop* is a SIGTERM at the supervisor; it and a timeout send the stop
/// signal (with SIGCONT, for a stopped command) to the group, then SIGKILL after the grace or at the next SIGTERM. Other
/// signals are forwarded and nothing more. After a stop or a timeout what is left of the group has the same grace when
/// the command itself has ended, then it is swept; after any other end nothing is signalled.
package struct RunMachine: Sendable {
    /// Nanoseconds of a clock that never goes back.
    package typealias Moment = Int64

    package enum Event: Hashable, Sendable {
        /// A step between fork and exec failed; the process is about to exit.
        case startFailed(step: String, errno: Int32)
        /// The supervisor got a signal.
        case signal(Int32)
        /// The supervisor got a signal of process 1, which also sends it to every other process of the run's scope.
        case signalOfInit(Int32)
        /// The command was stopped by a signal; `canForeground`: the supervisor's group has the terminal.
        case stopped(by: Int32, canForeground: Bool)
        /// Stopping itself had no effect, because nobody is there who would continue it.
        case selfStopIgnored
        /// The command has ended and is not reaped.
        case ended(ChildEnd)
        /// The answer to `lookAtGroup`: no process is left in the group.
        case groupEmpty
        /// Time has passed; see `deadline`.
        case time
    }

    package enum Action: Hashable, Sendable {
        /// Send the signal to every process of the command's group.
        case signalGroup(Int32)
        /// Make the command's group the foreground group of the terminal, if the supervisor's own group is.
        case giveTerminal
        /// Make the supervisor's group the foreground group again, if the command's is.
        case takeTerminal
        /// Stop the supervisor itself by this signal; then tell `selfStopIgnored` if it was not stopped.
        case stopSelf(Int32)
        /// Look for processes in the group, now and whenever a child has ended; tell `groupEmpty`.
        case lookAtGroup
        /// Reap the command, drain its output, write the outcome.
        case finish(RunOutcome)
        /// Write no more to a reader who is slow: the command has ended, and the supervisor is to end too.
        case abandonPassThrough
    }

    /// Why the command is being ended.
    private enum Cause: Hashable {
        case stop, timeout
    }

    private enum State: Hashable {
        case running
        /// The stop signal was sent; SIGKILL comes at `killAt`, and was sent when that is nil.
        case ending(Cause, killAt: Moment?)
        /// The command has ended after a stop or a timeout; the rest of its group has until `killAt`.
        case sweeping(RunOutcome, killAt: Moment)
        /// The rest of the group got SIGKILL, which takes a moment; nobody waits for it beyond `giveUpAt`.
        case vanishing(RunOutcome, giveUpAt: Moment)
        /// The outcome is known.
        ///
        /// After a stop or a timeout a slow reader of the output has until `abandonAt`.
        case over(abandonAt: Moment?)
    }

    private static let longestVanishing = TimeSpan.seconds(1)

    private let startedAt: Moment
    private let timeout: TimeSpan?
    private let stopGrace: TimeSpan
    private let hasTerminal: Bool
    private let endSignal: Int32
    private let hasScope: Bool
    private var state = State.running
    private var startFailure: RunOutcome?
    /// The signals to end that were sent to the group on somebody's behalf.
    private var sent: Set<Int32> = []
    /// Who had the command stopped, where the signal that ended it does not tell.
    private var stopper: String?
    /// The signal that stopped the command last, of those that somebody at the terminal or the supervisor caused.
    private var stopSignal: Int32?

    /// - Parameters:
    ///   - startedAt: when the command was released to its exec; `timeout` counts from here.
    ///   - hasTerminal: the command has a group in the supervisor's session, for job control.
    ///   - stopSignal: what tells the command to end.
    ///   - hasScope: all processes of the run get the signals that process 1 sends.
    package init(
        startedAt: Moment, timeout: TimeSpan?, stopGrace: TimeSpan, hasTerminal: Bool, stopSignal: Int32 = SIGTERM,
        hasScope: Bool = false
    ) {
        self.startedAt = startedAt
        self.timeout = timeout
        self.stopGrace = stopGrace
        self.hasTerminal = hasTerminal
        endSignal = stopSignal
        self.hasScope = hasScope
    }

    /// When to tell `time`, if nothing else happens before.
    package var deadline: Moment? {
        switch state {
        case .running: timeout.map { startedAt.advanced(by: $0) }
        case .ending(_, let killAt): killAt
        case .sweeping(_, let killAt): killAt
        case .vanishing(_, let giveUpAt): giveUpAt
        case .over(let abandonAt): abandonAt
        }
    }

    /// What to do about `event`, which happened at `now`.
    package mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        switch event {
        case .startFailed(let step, let errno):
            startFailure = .couldNotStart(step: step, errno: errno)
            return []
        case .signal(let signal): return handleSignal(signal, at: now)
        case .signalOfInit(let signal): return handleSignalOfInit(signal, at: now)
        case .stopped(let signal, let canForeground): return handleStopped(by: signal, canForeground)
        case .selfStopIgnored: return handleSelfStopIgnored()
        case .ended(let end): return handleEnd(end, at: now)
        case .groupEmpty:
            switch state {
            case .sweeping(let outcome, _), .vanishing(let outcome, _): return finishSweep(outcome, at: now)
            case .running, .ending, .over: return []
            }
        case .time: return handleTime(now)
        }
    }
}

extension RunMachine {
    /// The signals that ask a command to end; SIGUSR1 and SIGUSR2 do not.
    private static let endings: Set<Int32> = [SIGTERM, SIGINT, SIGHUP, SIGQUIT]

    private mutating func handleSignal(_ signal: Int32, at now: Moment) -> [Action] {
        switch state {
        case .running, .ending:
            if signal == SIGTERM { return handleStop(at: now) }
            if signal == SIGTSTP {
                // The kernel stops no orphaned group by SIGTSTP, and a session of its own is one.
                stopSignal = hasTerminal ? nil : SIGTSTP
                return [.signalGroup(hasTerminal ? SIGTSTP : SIGSTOP)]
            }
            if signal == SIGCONT {
                stopSignal = nil
                return hasTerminal ? [.giveTerminal, .signalGroup(SIGCONT)] : [.signalGroup(SIGCONT)]
            }
            if Self.endings.contains(signal) { sent.insert(signal) }
            return [.signalGroup(signal)]
        case .sweeping(let outcome, _): return signal == SIGTERM ? sweep(outcome, at: now) : forwardToRest(signal)
        case .vanishing: return []
        case .over:
            if signal == SIGTSTP { return [.stopSelf(SIGTSTP)] }
            return Self.endings.contains(signal) ? [.abandonPassThrough] : []
        }
    }

    private mutating func handleSignalOfInit(_ signal: Int32, at now: Moment) -> [Action] {
        guard case .running = state, signal == SIGTERM || signal == endSignal else {
            return handleSignal(signal, at: now)
        }
        stopper = RunOutcome.byInit
        guard hasScope else { return handleStop(at: now) }
        // The command has the signal already: a second one could cut its clean-up short.
        sent.formUnion([SIGTERM, signal])
        state = .ending(.stop, killAt: now.advanced(by: stopGrace))
        return [.signalGroup(SIGCONT)]
    }

    private func forwardToRest(_ signal: Int32) -> [Action] { signal == SIGTSTP ? [] : [.signalGroup(signal)] }

    private mutating func handleStop(at now: Moment) -> [Action] {
        sent.formUnion([SIGTERM, endSignal])
        if endSignal != SIGTERM, stopper == nil { stopper = Self.name(of: SIGTERM) }
        guard case .ending(let cause, _) = state else { return end(.stop, at: now) }
        return kill(cause)
    }

    private mutating func end(_ cause: Cause, at now: Moment) -> [Action] {
        state = .ending(cause, killAt: now.advanced(by: stopGrace))
        return [.signalGroup(endSignal), .signalGroup(SIGCONT)]
    }

    private mutating func kill(_ cause: Cause) -> [Action] {
        state = .ending(cause, killAt: nil)
        sent.insert(SIGKILL)
        return [.signalGroup(SIGKILL)]
    }

    private mutating func handleTime(_ now: Moment) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        switch state {
        case .running: return end(.timeout, at: now)
        case .ending(let cause, _): return kill(cause)
        case .sweeping(let outcome, _): return sweep(outcome, at: now)
        case .vanishing(let outcome, _): return finishSweep(outcome, at: now)
        case .over:
            state = .over(abandonAt: nil)
            return [.abandonPassThrough]
        }
    }
}

extension RunMachine {
    private mutating func handleStopped(by signal: Int32, _ canForeground: Bool) -> [Action] {
        guard case .running = state else { return [] }
        guard hasTerminal else {
            // Only a stop that the supervisor was asked for is its own stop too.
            return stopSignal == nil ? [] : [.stopSelf(SIGTSTP)]
        }
        // It wants the terminal, and the supervisor can give it.
        if canForeground, signal == SIGTTIN || signal == SIGTTOU { return [.giveTerminal, .signalGroup(SIGCONT)] }
        stopSignal = signal
        return [.takeTerminal, .stopSelf(signal == SIGSTOP ? SIGTSTP : signal)]
    }

    private mutating func handleSelfStopIgnored() -> [Action] {
        // SIGTSTP has no effect in an orphaned group; SIGSTOP was meant, and SIGTTIN would come back at once.
        guard stopSignal == SIGTSTP else { return [] }
        stopSignal = nil
        return hasTerminal ? [.giveTerminal, .signalGroup(SIGCONT)] : [.signalGroup(SIGCONT)]
    }

    private mutating func handleEnd(_ end: ChildEnd, at now: Moment) -> [Action] {
        switch state {
        case .running:
            let outcome = outcome(of: end, cause: nil)
            guard case .stopped = outcome else { return finish(outcome) }
            return startSweep(outcome, killAt: now.advanced(by: stopGrace), at: now)
        case .ending(let cause, let killAt):
            return startSweep(outcome(of: end, cause: cause), killAt: killAt, at: now)
        case .sweeping, .vanishing, .over: return []
        }
    }

    private mutating func startSweep(_ outcome: RunOutcome, killAt: Moment?, at now: Moment) -> [Action] {
        guard let killAt else { return sweep(outcome, at: now) }
        state = .sweeping(outcome, killAt: killAt)
        return [.lookAtGroup]
    }

    private mutating func sweep(_ outcome: RunOutcome, at now: Moment) -> [Action] {
        state = .vanishing(outcome, giveUpAt: now.advanced(by: Self.longestVanishing))
        return [.signalGroup(SIGKILL), .lookAtGroup]
    }

    /// SIGKILL to an empty group does nothing, and no number can be taken again before the command is reaped.
    private mutating func finishSweep(_ outcome: RunOutcome, at now: Moment) -> [Action] {
        [.signalGroup(SIGKILL)] + finish(outcome, abandonAt: now.advanced(by: stopGrace))
    }

    private mutating func finish(_ outcome: RunOutcome, abandonAt: Moment? = nil) -> [Action] {
        state = .over(abandonAt: abandonAt)
        return hasTerminal ? [.takeTerminal, .finish(outcome)] : [.finish(outcome)]
    }

    private func outcome(of end: ChildEnd, cause: Cause?) -> RunOutcome {
        if let startFailure { return startFailure }
        if cause == .timeout, let timeout { return .timedOut(afterSeconds: timeout.seconds) }
        switch end {
        case .exited(let code): return .exited(code: code)
        case .killed(SIGKILL) where sent.contains(SIGKILL):
            return .stopped(by: stopper ?? Self.name(of: SIGTERM), signal: SIGKILL)
        case .killed(let signal) where sent.contains(signal):
            return .stopped(by: stopper ?? Self.name(of: signal), signal: signal)
        case .killed(let signal): return .killed(signal: signal)
        }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        case SIGHUP: "SIGHUP"
        case SIGQUIT: "SIGQUIT"
        default: "signal \(signal)"
        }
    }
}

extension RunMachine.Moment {
    fileprivate func advanced(by span: TimeSpan) -> Self {
        let (nanoseconds, overflow) = span.milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (moment, late) = addingReportingOverflow(nanoseconds)
        return overflow || late ? .max : moment
    }
}
