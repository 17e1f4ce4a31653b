import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The disk budget: what goes, and in which order")
struct DiskBudgetTests {
    private static let mib: Int64 = 1 << 20

    private func directory(_ age: Double) throws -> RunDirectory {
        RunDirectory(state: "/state", slug: try slug(), run: RunID(at: noon + -age, random: 0))
    }

    private func delivered(_ age: Double, _ mib: Int64, setAside: Bool = false) throws -> DiskBudget.Run {
        DiskBudget.Run(
            try directory(age), .delivered(setAside: setAside), DiskUse(bytes: mib * Self.mib, files: 6))
    }

    private func undelivered(_ age: Double, waiting: Int64, spare: Int64 = 0) throws -> DiskBudget.Run {
        DiskBudget.Run(
            try directory(age), .undelivered(waiting: waiting * Self.mib, spare: spare * Self.mib),
            DiskUse(bytes: (waiting + spare) * Self.mib, files: 6))
    }

    private func actions(
        _ runs: [DiskBudget.Run], mib: Int64 = 100, files: Int64 = 1000, other: DiskUse = DiskUse()
    ) -> [DiskBudget.Action] {
        DiskBudget.actions(runs, other: other, limit: DiskUse(bytes: mib * Self.mib, files: files))
    }

    @Test("Within the budget nothing goes, to the last byte and file")
    func within() throws {
        #expect(actions([]).isEmpty)
        let runs = [try delivered(10, 60), try undelivered(5, waiting: 40)]
        #expect(actions(runs).isEmpty)
        #expect(actions(runs, files: 12).isEmpty)
        #expect(!actions(runs, files: 11).isEmpty)
        #expect(!actions(runs, other: DiskUse(bytes: 1, files: 1)).isEmpty)
    }

    @Test("The oldest delivered run goes first, and no more than it takes to come below nine tenths")
    func deliveredFirst() throws {
        let runs = try [delivered(10, 30), delivered(40, 30), delivered(30, 5), delivered(20, 40)]
        let big = try undelivered(50, waiting: 20)
        #expect(actions(runs.shuffled() + [big]) == [.retire(runs[1].directory), .retire(runs[2].directory)])
        #expect(actions(runs.shuffled() + [big], mib: 50).count == 4)
    }

    @Test("A delivered run of which Charon has not all goes after the others, however old it is")
    func setAside() throws {
        let aside = try delivered(100, 50, setAside: true)
        let other = try delivered(10, 60)
        #expect(actions([aside, other]) == [.retire(other.directory)])
        #expect(actions([aside, other], mib: 40) == [.retire(other.directory), .retire(aside.directory)])
    }

    @Test("By files: only whole runs give them back, and what is undelivered is not cut for them")
    func files() throws {
        let done = try (1...10).map { try delivered(Double($0), 0) }
        let runs = done + [try undelivered(50, waiting: 20, spare: 20)]
        // 66 files; 90 % of 60 are 54, so two go.
        #expect(actions(runs, files: 60) == [.retire(done[9].directory), .retire(done[8].directory)])
        #expect(actions(runs, files: 3).count == 10)
        #expect(actions([try undelivered(50, waiting: 20, spare: 20)], files: 3).isEmpty)
    }

    @Test("Then goes what Charon has of undelivered runs, the most first")
    func spare() throws {
        let runs = try [undelivered(3, waiting: 30, spare: 10), undelivered(2, waiting: 30, spare: 40)]
        #expect(actions(runs) == [.free(runs[1].directory)])
        let done = try delivered(1, 1)
        #expect(
            actions(runs + [done], mib: 70)
                == [.retire(done.directory), .free(runs[1].directory), .free(runs[0].directory)])
    }

    @Test("Then the middle of what waits: all are cut down to one size, so that who wrote little loses nothing")
    func cut() throws {
        let small = try undelivered(9, waiting: 5)
        let (big, bigger) = (try undelivered(3, waiting: 60), try undelivered(2, waiting: 300))
        // 90 MiB less 5 are 85 for two, and the smaller of them stays as it is at 60 only if there is room.
        #expect(
            actions([small, big, bigger]) == [
                .cut(big.directory, keeping: 85 * Self.mib / 2), .cut(bigger.directory, keeping: 85 * Self.mib / 2),
            ])
        #expect(actions([small, big, bigger], mib: 200) == [.cut(bigger.directory, keeping: 115 * Self.mib)])
    }

    @Test("A cut gives back what Charon has too, so both are one order")
    func cutAndSpare() throws {
        let runs = try [undelivered(3, waiting: 200, spare: 50), undelivered(2, waiting: 1, spare: 50)]
        #expect(actions(runs) == [.free(runs[1].directory), .cut(runs[0].directory, keeping: 89 * Self.mib)])
    }

    @Test("However many runs there are, the ends of each stay")
    func least() throws {
        let runs = try (1...300).map { try undelivered(Double($0), waiting: 1) }
        let orders = actions(runs, mib: 10)
        #expect(orders.count == 300)
        #expect(orders.allSatisfy { if case .cut(_, DiskBudget.leastKept) = $0 { true } else { false } })
    }

    @Test("What is nobody's to touch is counted and left")
    func unknown() throws {
        let run = DiskBudget.Run(try directory(5), .unknown, DiskUse(bytes: 200 * Self.mib, files: 6))
        #expect(actions([run]).isEmpty)
        let done = try delivered(1, 1)
        #expect(actions([run, done]) == [.retire(done.directory)])
    }

    @Test(
        "Of the file system a share stays free, whatever the budget is; one that counts no files has no limit of them")
    func fileSystem() {
        var budget = DiskBudget()
        #expect(budget.limit == DiskUse(bytes: 1 << 30, files: 100_000) && budget.free == 2)
        let used = DiskUse(bytes: 500, files: 50)
        func limit(size: DiskUse, available: DiskUse) -> DiskUse {
            budget.limit(used: used, on: FileSystem(size: size, available: available))
        }
        #expect(budget.limit(used: used, on: nil) == budget.limit)
        let large = DiskUse(bytes: 1 << 40, files: 1 << 30)
        #expect(limit(size: large, available: large) == budget.limit)
        let small = DiskUse(bytes: 10_000, files: 1000)
        #expect(limit(size: small, available: small) == DiskUse(bytes: 10_300, files: 1030))
        #expect(limit(size: small, available: DiskUse(bytes: 100, files: 10)) == DiskUse(bytes: 400, files: 40))
        #expect(limit(size: small, available: DiskUse()) == DiskUse(bytes: 300, files: 30))
        #expect(limit(size: DiskUse(bytes: 10_000, files: 0), available: DiskUse()).files == 100_000)
        budget.free = 0
        #expect(limit(size: small, available: DiskUse()) == used)
    }
}
