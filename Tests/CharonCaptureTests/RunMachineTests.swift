import CharonCapture
import CharonCore
import Glibc
import Testing

/// Moments are seconds here; a run starts at 100 s with a grace of 10 s.
private func second(_ count: Int64) -> RunMachine.Moment { count * 1_000_000_000 }

private func machine(timeout: Int64? = nil, terminal: Bool = false, grace: Int64 = 10) -> RunMachine {
    RunMachine(
        startedAt: second(100), timeout: timeout.map { .seconds($0) }, stopGrace: .seconds(grace), hasTerminal: terminal
    )
}

@Suite struct RunMachineEndTests {
    @Test(arguments: [
        (ChildEnd.exited(0), RunOutcome.exited(code: 0)), (.exited(255), .exited(code: 255)),
        (.killed(SIGSEGV), .killed(signal: SIGSEGV)), (.killed(SIGTERM), .killed(signal: SIGTERM)),
        (.killed(SIGKILL), .killed(signal: SIGKILL)),
    ])
    func anEndOfItsOwnSignalsNothing(end: ChildEnd, outcome: RunOutcome) {
        var run = machine()
        #expect(run.deadline == nil)
        #expect(run.handle(.ended(end), at: second(101)) == [.finish(outcome)])
        #expect(run.deadline == nil)
    }

    @Test func aFailedStepIsTheOutcomeWhateverTheStatus() {
        var run = machine(terminal: true)
        #expect(run.handle(.startFailed(step: "exec", errno: ENOENT), at: second(100)) == [])
        let outcome = RunOutcome.couldNotStart(step: "exec", errno: ENOENT)
        #expect(run.handle(.ended(.exited(127)), at: second(101)) == [.takeTerminal, .finish(outcome)])
    }

    @Test func nothingHappensTwice() {
        var run = machine()
        _ = run.handle(.ended(.exited(3)), at: second(101))
        #expect(run.handle(.ended(.exited(3)), at: second(102)) == [])
        #expect(run.handle(.groupEmpty, at: second(102)) == [])
        #expect(run.handle(.time, at: second(1000)) == [])
        #expect(run.handle(.signal(SIGUSR1), at: second(102)) == [])
        #expect(run.handle(.signal(SIGTSTP), at: second(102)) == [.stopSelf(SIGTSTP)])
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
    func afterTheEndASignalLeavesASlowReader(signal: Int32) {
        var run = machine()
        _ = run.handle(.ended(.exited(0)), at: second(101))
        #expect(run.handle(.signal(signal), at: second(102)) == [.abandonPassThrough])
    }
}

@Suite struct RunMachineSignalTests {
    @Test(arguments: [SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2])
    func othersThanTermAreForwardedAndNoMore(signal: Int32) {
        var run = machine()
        for time in 101...103 as ClosedRange<Int64> {
            #expect(run.handle(.signal(signal), at: second(time)) == [.signalGroup(signal)])
            #expect(run.deadline == nil)
        }
        #expect(run.handle(.ended(.exited(0)), at: second(104)) == [.finish(.exited(code: 0))])
    }

    @Test(arguments: [(SIGINT, "SIGINT"), (SIGHUP, "SIGHUP"), (SIGQUIT, "SIGQUIT")])
    func aCommandThatEndsByAForwardedSignalWasStopped(signal: Int32, name: String) {
        var run = machine()
        _ = run.handle(.signal(signal), at: second(101))
        #expect(run.handle(.ended(.killed(signal)), at: second(102)) == [.lookAtGroup])
        #expect(run.deadline == second(112))
        let outcome = RunOutcome.stopped(by: name, signal: signal)
        #expect(run.handle(.groupEmpty, at: second(103)) == [.signalGroup(SIGKILL), .finish(outcome)])
    }

    @Test func userSignalsDoNotStop() {
        var run = machine()
        _ = run.handle(.signal(SIGUSR1), at: second(101))
        #expect(run.handle(.ended(.killed(SIGUSR1)), at: second(102)) == [.finish(.killed(signal: SIGUSR1))])
    }

    @Test func aStopSendsTermThenKill() {
        var run = machine()
        #expect(run.handle(.signal(SIGTERM), at: second(101)) == [.signalGroup(SIGTERM), .signalGroup(SIGCONT)])
        #expect(run.deadline == second(111))
        #expect(run.handle(.time, at: second(110)) == [])
        #expect(run.handle(.time, at: second(111)) == [.signalGroup(SIGKILL)])
        #expect(run.deadline == nil)
        let outcome = RunOutcome.stopped(by: "SIGTERM", signal: SIGKILL)
        #expect(run.handle(.ended(.killed(SIGKILL)), at: second(112)) == [.signalGroup(SIGKILL), .lookAtGroup])
        #expect(run.handle(.groupEmpty, at: second(112)) == [.signalGroup(SIGKILL), .finish(outcome)])
    }

    @Test func aSecondTermKillsAtOnce() {
        var run = machine()
        _ = run.handle(.signal(SIGTERM), at: second(101))
        _ = run.handle(.signal(SIGINT), at: second(102))
        #expect(run.handle(.signal(SIGTERM), at: second(103)) == [.signalGroup(SIGKILL)])
        #expect(run.deadline == nil)
    }

    @Test func noGraceKillsAtOnce() {
        var run = machine(grace: 0)
        _ = run.handle(.signal(SIGTERM), at: second(101))
        #expect(run.deadline == second(101))
        #expect(run.handle(.time, at: second(101)) == [.signalGroup(SIGKILL)])
    }

    @Test(arguments: [
        (ChildEnd.exited(0), RunOutcome.exited(code: 0)), (.exited(143), .exited(code: 143)),
        (.killed(SIGTERM), .stopped(by: "SIGTERM", signal: SIGTERM)), (.killed(SIGSEGV), .killed(signal: SIGSEGV)),
        (.killed(SIGKILL), .killed(signal: SIGKILL)),
    ])
    func afterAStopTheRestOfTheGroupHasTheSameGrace(end: ChildEnd, outcome: RunOutcome) {
        var run = machine()
        _ = run.handle(.signal(SIGTERM), at: second(101))
        #expect(run.handle(.ended(end), at: second(102)) == [.lookAtGroup])
        #expect(run.deadline == second(111))
        #expect(run.handle(.signal(SIGUSR1), at: second(103)) == [.signalGroup(SIGUSR1)])
        #expect(run.handle(.time, at: second(111)) == [.signalGroup(SIGKILL), .lookAtGroup])
        #expect(run.deadline == second(112))
        #expect(run.handle(.signal(SIGTERM), at: second(111)) == [])
        #expect(run.handle(.time, at: second(112)) == [.signalGroup(SIGKILL), .finish(outcome)])
        #expect(run.deadline == second(122))
        #expect(run.handle(.time, at: second(122)) == [.abandonPassThrough])
        #expect(run.deadline == nil)
    }

    @Test func aSecondTermSweepsTheRestAtOnce() {
        var run = machine()
        _ = run.handle(.signal(SIGTERM), at: second(101))
        _ = run.handle(.ended(.exited(1)), at: second(102))
        #expect(run.handle(.signal(SIGTERM), at: second(103)) == [.signalGroup(SIGKILL), .lookAtGroup])
        let actions = run.handle(.groupEmpty, at: second(103))
        #expect(actions == [.signalGroup(SIGKILL), .finish(.exited(code: 1))])
    }
}

@Suite struct RunMachineTimeoutTests {
    @Test func aTimeoutEndsAsAStopDoes() {
        var run = machine(timeout: 60)
        #expect(run.deadline == second(160))
        #expect(run.handle(.time, at: second(159)) == [])
        #expect(run.handle(.time, at: second(160)) == [.signalGroup(SIGTERM), .signalGroup(SIGCONT)])
        #expect(run.deadline == second(170))
        #expect(run.handle(.time, at: second(170)) == [.signalGroup(SIGKILL)])
        #expect(run.handle(.ended(.killed(SIGKILL)), at: second(171)) == [.signalGroup(SIGKILL), .lookAtGroup])
        let actions = run.handle(.groupEmpty, at: second(171))
        #expect(actions == [.signalGroup(SIGKILL), .finish(.timedOut(afterSeconds: 60))])
    }

    @Test(arguments: [ChildEnd.exited(0), .exited(1), .killed(SIGTERM), .killed(SIGSEGV)])
    func whateverTheEndItTimedOut(end: ChildEnd) {
        var run = machine(timeout: 60)
        _ = run.handle(.time, at: second(161))
        #expect(run.handle(.ended(end), at: second(162)) == [.lookAtGroup])
        let actions = run.handle(.groupEmpty, at: second(163))
        #expect(actions == [.signalGroup(SIGKILL), .finish(.timedOut(afterSeconds: 60))])
    }

    @Test func anEndInTimeIsNoTimeout() {
        var run = machine(timeout: 60)
        #expect(run.handle(.ended(.exited(0)), at: second(161)) == [.finish(.exited(code: 0))])
        #expect(run.deadline == nil)
    }

    @Test func aTermDuringATimeoutKills() {
        var run = machine(timeout: 60)
        _ = run.handle(.time, at: second(160))
        #expect(run.handle(.signal(SIGTERM), at: second(161)) == [.signalGroup(SIGKILL)])
        #expect(run.handle(.ended(.killed(SIGKILL)), at: second(162)) == [.signalGroup(SIGKILL), .lookAtGroup])
        let actions = run.handle(.groupEmpty, at: second(162))
        #expect(actions == [.signalGroup(SIGKILL), .finish(.timedOut(afterSeconds: 60))])
    }

    @Test func aStopBeforeTheTimeoutIsAStop() {
        var run = machine(timeout: 5)
        _ = run.handle(.signal(SIGTERM), at: second(101))
        #expect(run.deadline == second(111))
        #expect(run.handle(.time, at: second(106)) == [])
        _ = run.handle(.ended(.killed(SIGTERM)), at: second(107))
        let outcome = RunOutcome.stopped(by: "SIGTERM", signal: SIGTERM)
        #expect(run.handle(.groupEmpty, at: second(107)) == [.signalGroup(SIGKILL), .finish(outcome)])
    }

    @Test func anEndlessTimeDoesNotOverflow() {
        let run = RunMachine(
            startedAt: second(100), timeout: TimeSpan(milliseconds: .max), stopGrace: .seconds(1), hasTerminal: false)
        #expect(run.deadline == .max)
    }
}

@Suite struct RunMachineTerminalTests {
    @Test(arguments: [SIGTSTP, SIGTTIN, SIGTTOU])
    func aStoppedCommandStopsTheSupervisor(signal: Int32) {
        var run = machine(terminal: true)
        let actions = run.handle(.stopped(by: signal, canForeground: false), at: second(101))
        #expect(actions == [.takeTerminal, .stopSelf(signal)])
        #expect(run.handle(.signal(SIGCONT), at: second(200)) == [.giveTerminal, .signalGroup(SIGCONT)])
    }

    @Test func stopIsPassedOnAsATerminalStop() {
        var run = machine(terminal: true)
        let stopped = run.handle(.stopped(by: SIGSTOP, canForeground: false), at: second(101))
        #expect(stopped == [.takeTerminal, .stopSelf(SIGTSTP)])
        #expect(run.handle(.selfStopIgnored, at: second(101)) == [])
    }

    @Test(arguments: [SIGTTIN, SIGTTOU])
    func aCommandThatNeedsTheTerminalGetsIt(signal: Int32) {
        var run = machine(terminal: true)
        let actions = run.handle(.stopped(by: signal, canForeground: true), at: second(101))
        #expect(actions == [.giveTerminal, .signalGroup(SIGCONT)])
    }

    @Test func aStopThatNobodyWouldUndoIsUndone() {
        var run = machine(terminal: true)
        _ = run.handle(.stopped(by: SIGTSTP, canForeground: false), at: second(101))
        #expect(run.handle(.selfStopIgnored, at: second(101)) == [.giveTerminal, .signalGroup(SIGCONT)])
        #expect(run.handle(.selfStopIgnored, at: second(101)) == [])
    }

    @Test func aTerminalStopAtTheSupervisorGoesToTheCommand() {
        var run = machine(terminal: true)
        #expect(run.handle(.signal(SIGTSTP), at: second(101)) == [.signalGroup(SIGTSTP)])
    }

    @Test func withoutATerminalOnlyTheSupervisorsOwnStopCounts() {
        var run = machine()
        #expect(run.handle(.stopped(by: SIGSTOP, canForeground: false), at: second(101)) == [])
        #expect(run.handle(.signal(SIGTSTP), at: second(102)) == [.signalGroup(SIGSTOP)])
        #expect(run.handle(.stopped(by: SIGSTOP, canForeground: false), at: second(102)) == [.stopSelf(SIGTSTP)])
        #expect(run.handle(.signal(SIGCONT), at: second(103)) == [.signalGroup(SIGCONT)])
        #expect(run.handle(.stopped(by: SIGSTOP, canForeground: false), at: second(104)) == [])
    }

    @Test func withoutATerminalAnIgnoredStopIsUndone() {
        var run = machine()
        _ = run.handle(.signal(SIGTSTP), at: second(102))
        _ = run.handle(.stopped(by: SIGSTOP, canForeground: false), at: second(102))
        #expect(run.handle(.selfStopIgnored, at: second(102)) == [.signalGroup(SIGCONT)])
    }

    @Test func aStoppedCommandThatIsToEndIsNotWaitedFor() {
        var run = machine(terminal: true)
        _ = run.handle(.signal(SIGTERM), at: second(101))
        #expect(run.handle(.stopped(by: SIGTSTP, canForeground: false), at: second(102)) == [])
    }

    @Test func theTerminalIsTakenBackAtTheEnd() {
        var run = machine(terminal: true)
        #expect(run.handle(.ended(.exited(0)), at: second(101)) == [.takeTerminal, .finish(.exited(code: 0))])
    }
}
