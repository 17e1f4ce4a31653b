import CharonCore
import CharonSchedule
import Testing

extension Fixture {
    /// The first `count` runs from a time on, as ISO strings with offsets.
    static func runs(_ text: String, _ zone: String, from: String, _ count: Int) throws -> [String] {
        try occurrences(text, zone, from: from, count).map { $0.instant.text(in: try Self.zone(zone)) }
    }

    /// The first `count` runs from a time on, that second included.
    static func occurrences(_ text: String, _ zone: String, from: String, _ count: Int) throws -> [Occurrence] {
        let (schedule, zone) = (try Schedule(text, seed: 1), try Self.zone(zone))
        var runs: [Occurrence] = []
        var after = Instant(seconds: try seconds(from) - 1)
        for _ in 0..<count {
            guard let run = schedule.next(after: after, in: zone) else { break }
            #expect(run.instant > after)
            runs.append(run)
            after = run.instant
        }
        return runs
    }

    /// The runs from one time on and before another; that `previous` finds the same ones is expected as well.
    static func runs(_ text: String, _ zone: String, from: String, to: String) throws -> [String] {
        let (schedule, zone) = (try Schedule(text, seed: 1), try Self.zone(zone))
        let (start, end) = (Instant(seconds: try seconds(from) - 1), Instant(seconds: try seconds(to)))
        var forward: [Occurrence] = []
        while let run = schedule.next(after: forward.last?.instant ?? start, in: zone), run.instant < end {
            guard forward.last.map({ $0.instant < run.instant }) ?? true else { break }
            forward.append(run)
        }
        var backward: [Occurrence] = []
        while let run = schedule.previous(before: backward.last?.instant ?? end, in: zone), run.instant > start {
            guard backward.last.map({ $0.instant > run.instant }) ?? true else { break }
            backward.append(run)
        }
        #expect(backward.reversed() == forward, "\(text)")
        return forward.map { $0.instant.text(in: zone) }
    }
}
