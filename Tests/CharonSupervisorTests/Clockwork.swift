import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import CharonSupervisor
import Testing

/// A scheduler and the two clocks that it goes by, which a test moves; nobody sleeps.
struct Clockwork {
    var scheduler: Scheduler
    private(set) var wall: Instant
    private(set) var boot: Int64 = 1_000_000_000_000
    /// What was decided, in words, and not taken yet.
    private(set) var decided: [String] = []
    /// The starts, in order.
    private(set) var starts: [JobStart] = []
    /// How often the timer rang.
    private(set) var wakes = 0

    /// `jobs` is what stands below `jobs:` in a job file.
    init(_ start: String, _ jobs: String) throws {
        wall = try #require(Instant(rfc3339: start.utf8))
        scheduler = Scheduler(from: ClockReading(wall: wall, boot: boot), host: "host")
        take(scheduler.replace(try Self.load(jobs)))
    }

    static func load(_ jobs: String) throws -> [Job] {
        var text = "jobs:\n"
        for line in jobs.split(separator: "\n") {
            let parts = line.split(separator: "{", maxSplits: 1)
            text += "  \(parts[0]){user: root, command: ['true'], \(parts[1])\n"
        }
        let loaded = JobLoader().load(text: text, file: "f")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        return loaded.jobs
    }

    var reading: ClockReading { ClockReading(wall: wall, boot: boot) }

    /// Lets time go on by so many seconds, and the timer ring whenever it is due.
    mutating func pass(_ seconds: Double) {
        var left = Int64(seconds * 1e9)
        while let next = scheduler.nextWake, next.nanoseconds - wall.nanoseconds <= left {
            let step = max(next.nanoseconds - wall.nanoseconds, 0)
            left -= step
            move(wall: step, boot: step)
            wakes += 1
            wake()
        }
        move(wall: left, boot: left)
    }

    /// The machine sleeps, or nothing rings: time goes on, and then the timer rings.
    mutating func sleep(_ seconds: Double) {
        move(wall: Int64(seconds * 1e9), boot: Int64(seconds * 1e9))
        wake()
    }

    /// Somebody sets the wall clock, which makes the timer ring.
    mutating func step(_ seconds: Double) {
        move(wall: Int64(seconds * 1e9), boot: 0)
        wake()
    }

    private mutating func move(wall: Int64, boot: Int64) {
        self.wall = Instant(nanoseconds: self.wall.nanoseconds + wall)
        self.boot += boot
    }

    mutating func wake() { take(scheduler.wake(at: reading)) }

    /// The run that was started last has ended.
    mutating func end(_ result: JobResult, _ index: Int? = nil) {
        let start = starts[index ?? starts.count - 1]
        take(scheduler.ended(start.run, of: start.job.slug, start.mark, result, at: reading))
    }

    mutating func edit(_ jobs: String) throws {
        wake()
        take(scheduler.replace(try Self.load(jobs)))
    }

    mutating func take(_ actions: [Scheduler.Action]) {
        for action in actions {
            switch action {
            case .start(let start):
                starts.append(start)
                decided.append("\(clock) start \(start.job.slug) \(start.mark.reason.rawValue)\(Self.times(start))")
            case .skip(let start, let reason): decided.append("\(clock) skip \(start.job.slug) \(reason.rawValue)")
            case .missed(let slug, _): decided.append("\(clock) missed \(slug)")
            case .clock(let kind): decided.append("\(clock) clock \(kind)")
            case .keep: break
            }
        }
    }

    /// What was decided since it was asked last.
    mutating func said() -> [String] {
        defer { decided = [] }
        return decided
    }

    var clock: String { String(wall.rfc3339.dropFirst(11).prefix(8)) }

    /// The times of day that a run stands for, if that is not the one at which it starts.
    private static func times(_ start: JobStart) -> String {
        start.mark.times.isEmpty ? "" : " \(start.mark.times.map { $0.suffix(8) }.joined(separator: ","))"
    }
}
