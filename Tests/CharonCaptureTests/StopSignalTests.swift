import CharonCapture
import CharonCore
import Glibc
import Testing

private func second(_ count: Int64) -> RunMachine.Moment { count * 1_000_000_000 }

private func machine(stopSignal: Int32, hasScope: Bool, timeout: Int64? = nil) -> RunMachine {
    RunMachine(
        startedAt: second(100), timeout: timeout.map { .seconds($0) }, stopGrace: .seconds(10), hasTerminal: false,
        stopSignal: stopSignal, hasScope: hasScope)
}

/// A stop signal of the job's own, and a service manager that signals every process of a run.
@Suite struct StopSignalTests {
    @Test func aStopSendsTheJobsSignal() {
        var run = machine(stopSignal: SIGINT, hasScope: false)
        #expect(run.handle(.signal(SIGTERM), at: second(101)) == [.signalGroup(SIGINT), .signalGroup(SIGCONT)])
        #expect(run.deadline == second(111))
        #expect(run.handle(.ended(.killed(SIGINT)), at: second(102)) == [.lookAtGroup])
        #expect(
            run.handle(.groupEmpty, at: second(102)) == [
                .signalGroup(SIGKILL), .finish(.stopped(by: "SIGTERM", signal: SIGINT)),
            ])
    }

    @Test func aTimeoutSendsItToo() {
        var run = machine(stopSignal: SIGQUIT, hasScope: false, timeout: 5)
        #expect(run.handle(.time, at: second(105)) == [.signalGroup(SIGQUIT), .signalGroup(SIGCONT)])
    }

    /// In a scope the command has the signal already, from whoever stops the scope.
    @Test(arguments: [SIGTERM, SIGINT]) func ofAScopeNothingIsSentTwice(signal: Int32) {
        var run = machine(stopSignal: SIGINT, hasScope: true)
        #expect(run.handle(.signalOfInit(signal), at: second(101)) == [.signalGroup(SIGCONT)])
        #expect(run.deadline == second(111))
        _ = run.handle(.ended(.killed(signal)), at: second(102))
        #expect(
            run.handle(.groupEmpty, at: second(102)).last
                == .finish(.stopped(by: RunOutcome.byInit, signal: signal)))
    }

    @Test func outsideOfAScopeItIsPassedOn() {
        var run = machine(stopSignal: SIGTERM, hasScope: false)
        #expect(run.handle(.signalOfInit(SIGTERM), at: second(101)) == [.signalGroup(SIGTERM), .signalGroup(SIGCONT)])
        _ = run.handle(.ended(.killed(SIGTERM)), at: second(102))
        #expect(
            run.handle(.groupEmpty, at: second(102)).last
                == .finish(.stopped(by: RunOutcome.byInit, signal: SIGTERM)))
    }

    @Test func whoDoesNotEndIsKilledAfterTheGrace() {
        var run = machine(stopSignal: SIGINT, hasScope: true)
        _ = run.handle(.signalOfInit(SIGINT), at: second(101))
        #expect(run.handle(.time, at: second(111)) == [.signalGroup(SIGKILL)])
        _ = run.handle(.ended(.killed(SIGKILL)), at: second(112))
        #expect(
            run.handle(.groupEmpty, at: second(112)).last
                == .finish(.stopped(by: RunOutcome.byInit, signal: SIGKILL)))
    }

    /// Other signals of process 1 are those of anybody.
    @Test func otherSignalsAreForwarded() {
        var run = machine(stopSignal: SIGTERM, hasScope: true)
        #expect(run.handle(.signalOfInit(SIGUSR1), at: second(101)) == [.signalGroup(SIGUSR1)])
        #expect(run.deadline == nil)
    }
}
