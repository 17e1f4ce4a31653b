import CharonJournald
import Testing

@Suite struct JournalBudgetTests {
    private let second: Int64 = 1_000_000_000

    /// Takes `count` lines at `now`; how many of them may go.
    private func take(_ count: Int, _ budget: inout JournalBudget, at now: Int64) -> Int {
        (0..<count).count { _ in budget.take(at: now) }
    }

    @Test func aThousandLinesInThirtySecondsAndNoMore() {
        var budget = JournalBudget()
        #expect(!budget.isExhausted(at: 0))
        #expect(take(999, &budget, at: 5 * second) == 999)
        #expect(!budget.isExhausted(at: 34 * second))
        #expect(take(5, &budget, at: 34 * second) == 1)
        #expect(budget.isExhausted(at: 34 * second) && budget.isExhausted(at: 35 * second - 1))
        #expect(take(5, &budget, at: 35 * second - 1) == 0)
    }

    @Test func theNextWindowBeginsWithTheFirstLineAfterTheLast() {
        var budget = JournalBudget()
        #expect(take(2000, &budget, at: 0) == 1000)
        #expect(!budget.isExhausted(at: 30 * second))
        #expect(take(1, &budget, at: 45 * second) == 1)
        #expect(take(2000, &budget, at: 74 * second) == 999)
        #expect(take(2000, &budget, at: 75 * second) == 1000)
    }

    @Test func whatIsMissingIsToldOnceWhenTheWindowIsOver() {
        var budget = JournalBudget()
        #expect(budget.deadline == nil && budget.settle(at: 0, isLast: true) == nil)
        _ = take(1000, &budget, at: second)
        budget.miss(7)
        budget.miss(5)
        #expect(budget.deadline == 31 * second)
        #expect(budget.settle(at: 31 * second - 1) == nil)
        #expect(budget.settle(at: 31 * second) == 12)
        #expect(budget.settle(at: 31 * second) == nil && budget.deadline == nil)
    }

    @Test func atTheEndItIsToldAtOnce() {
        var budget = JournalBudget()
        _ = take(1, &budget, at: second)
        budget.miss(3)
        #expect(budget.settle(at: 2 * second) == nil)
        #expect(budget.settle(at: 2 * second, isLast: true) == 3)
    }

    @Test func newsThatDidNotGetThroughIsToldLater() {
        var budget = JournalBudget()
        budget.miss(3)
        let told = budget.settle(at: second)
        #expect(told == 3)
        budget.unsettle(3)
        budget.miss(1)
        #expect(budget.settle(at: second) == 4)
    }
}
