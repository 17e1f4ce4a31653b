import CharonSupervisor
import Testing

@Suite("Starts go before reports")
struct StartRushTests {
    private let rush = StartRush()
    private let passed = Counter()

    /// A report that waits.
    private func report() -> Task<Void, Never> {
        Task { [rush, passed] in
            await rush.wait()
            passed.add()
        }
    }

    @Test("A few starts hold nothing back")
    func few() async {
        for _ in 0..<Timing.rush.starts { rush.began() }
        await rush.wait()
    }

    @Test("Many hold reports back until the last of them is over")
    func many() async {
        let count = Timing.rush.starts + 1
        for _ in 0..<count { rush.began() }
        let reports = (0..<3).map { _ in report() }
        for _ in 1..<count { rush.ended() }
        for _ in 0..<1000 { await Task.yield() }
        #expect(passed.value == 0)
        rush.ended()
        for report in reports { await report.value }
        #expect(passed.value == 3)
        await rush.wait()
    }

    @Test("A rush that goes on holds nothing back for longer than its patience, and nothing when the daemon stops")
    func patience() async {
        for _ in 0...Timing.rush.starts { rush.began() }
        let waiting = report()
        await waiting.value
        #expect(passed.value == 1)
        rush.began()
        let stopped = report()
        rush.release()
        await stopped.value
    }
}
