import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("Which runs stay, and the history of those that do not")
struct RetentionTests {
    private func runs(_ ages: [Double]) -> [RunID] { ages.map { RunID(at: noon + -$0) } }

    @Test("The newest stay up to a number, and none beyond an age")
    func expired() {
        var retention = Retention()
        retention.runs = 3
        retention.age = .seconds(1000)
        let table: [([Double], Set<Int>)] = [
            ([], []), ([10, 20, 30], []), ([40, 10, 30, 20], [0]), ([10, 2000], [1]), ([2000, 3000], [0, 1]),
            ([10, 20, 30, 40, 2000], [3, 4]), ([-60, 10, 20, 30], [3]),
        ]
        for (ages, gone) in table {
            let all = runs(ages)
            #expect(Set(retention.expired(all, at: noon)) == Set(gone.map { all[$0] }), "\(ages)")
        }
    }

    @Test("The defaults of the design: 50 runs, 7 days")
    func defaults() {
        let all = runs((0..<60).map { Double($0) })
        #expect(Retention().expired(all, at: noon).count == 10)
        #expect(Retention().expired(runs([7 * 86_400 + 1]), at: noon).count == 1)
        #expect(Retention().expired(runs([7 * 86_400 - 1]), at: noon).isEmpty)
    }

    @Test("A line for each run, whole even behind one that a full disk has torn")
    func history() throws {
        let directory = try TemporaryDirectory()
        let history = History(state: directory.path)
        let path = directory.path + "/history.jsonl"
        let run = try request()
        try history.append(run, outcome: .skipped(.off), execution: nil, endedAt: noon, note: nil)
        try Descriptor.open(path, O_WRONLY | O_APPEND).write(#"{"v":1,"run":"2026"#.utf8)
        try history.append(
            run, outcome: .exited(code: 2), execution: ExecutionID("e1"), endedAt: noon, note: "set aside")
        let text = String(decoding: try #require(try RecordFile.read(path)), as: UTF8.self)
        let lines = text.split(separator: "\n").compactMap { try? JSON.parse($0.utf8) }
        #expect(lines.count == 2)
        #expect(lines[0]["outcome"] == RunOutcome.skipped(.off).json)
        #expect(lines[1]["execution"] == "e1")
        #expect(lines[1]["note"] == "set aside")
        #expect(lines[1]["run"]?.string == run.run.text)
        #expect(text.hasSuffix("\n"))
    }

    @Test("The history begins anew when it is large, and keeps what was before once")
    func turnOver() throws {
        let directory = try TemporaryDirectory()
        var budget = DiskBudget()
        budget.limit.bytes = 1 << 20
        let history = History(state: directory.path, budget: budget)
        let path = directory.path + "/history.jsonl"
        let note = String(repeating: "n", count: 700)
        func lines(_ path: String) throws -> [JSON] {
            (try RecordFile.read(path) ?? []).split(separator: 0x0A).compactMap { try? JSON.parse($0) }
        }
        var count = 0
        func append() throws {
            try history.append(
                try request(), outcome: .exited(code: 0), execution: ExecutionID("\(count)"), endedAt: noon, note: note)
            count += 1
        }
        while access(path + ".1", F_OK) != 0, count < 1000 { try append() }
        #expect(try lines(path).count == 1 && lines(path + ".1").count == count - 1)
        #expect((65_536..<67_000).contains(try RecordFile.read(path + ".1")?.count ?? 0))
        for _ in 0..<2 * count { try append() }
        let left = try (lines(path + ".1") + lines(path)).compactMap { $0["execution"]?.string.flatMap { Int($0) } }
        #expect(left == Array(count - left.count..<count))
        #expect(try RecordFile.names(in: directory.path).count == 2)
    }
}
