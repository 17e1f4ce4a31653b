import CharonCore
import CharonSchedule

/// A schedule with its words, its times and what the changes of the clocks do to them.
struct Explanation {
    /// What is to be explained.
    struct Question {
        var expression: String
        var timezone: String?
        var from: String?
        var count: Int
        /// Backwards from `from`.
        var isPrevious = false
        /// What `H` and `~` stand for.
        var seed: UInt64
    }

    /// What is wrong with a question.
    struct Failure: Error {
        let message: String
        /// Where in the expression, if it is wrong.
        var column: Int?
    }

    let schedule: Schedule
    let zone: Zone
    let from: Instant
    let runs: [Occurrence]
    let isPrevious: Bool

    init(_ question: Question, _ zones: inout ZoneStore) throws(Failure) {
        schedule = try Self.schedule(question)
        zone = try Self.zone(schedule, question, &zones)
        isPrevious = question.isPrevious
        if let text = question.from {
            guard let instant = Instant(iso8601: text, in: zone) else {
                throw Failure(message: "'\(text)' is no time: \(Instant.iso8601Rule)")
            }
            from = instant
        } else {
            from = .now()
        }
        var runs: [Occurrence] = []
        while runs.count < question.count {
            let last = runs.last?.instant ?? from
            let run = isPrevious ? schedule.previous(before: last, in: zone) : schedule.next(after: last, in: zone)
            guard let run else { break }
            runs.append(run)
        }
        self.runs = runs
    }

    private static func schedule(_ question: Question) throws(Failure) -> Schedule {
        do throws(ScheduleError) {
            return try Schedule(question.expression, seed: question.seed)
        } catch {
            throw Failure(message: "the expression is wrong at \(error)", column: error.column)
        }
    }

    private static func zone(
        _ schedule: Schedule, _ question: Question, _ zones: inout ZoneStore
    ) throws(Failure) -> Zone {
        if let own = schedule.zone, let other = question.timezone, own != other {
            throw Failure(message: "the expression names the time zone \(own) itself: leave \(other) out")
        }
        do throws(CharonError) {
            guard let name = schedule.zone ?? question.timezone else { return try zones.local() }
            return try zones.zone(name)
        } catch {
            throw Failure(message: error.description)
        }
    }

    /// What the clocks' changes do, from `from` to a day behind the last time that is shown.
    var notes: [String] {
        guard let last = runs.last?.instant, !runs.isEmpty else { return [] }
        return schedule.notes(from: min(from, last), to: max(from, last), in: zone)
    }

    /// Words, times and notes; `nominal` has for each time the local times that it stands for.
    var json: JSON {
        [
            "schedule": .string(schedule.description), "words": .string(schedule.describe()),
            "timezone": .string(zone.name), "times": .array(runs.map { .string($0.instant.text(in: zone)) }),
            "nominal": .array(runs.map { .array($0.nominal.map { .string($0.description) }) }),
            "notes": .array(notes.map { .string($0) }),
        ]
    }

    /// For people.
    func print(_ style: Style) {
        Swift.print(style.apply(.heading, schedule.describe()))
        Swift.print("schedule   \(schedule)\ntime zone  \(zone.name)")
        guard !runs.isEmpty else {
            return Swift.print(schedule.isReboot ? "no times of the clock" : "no times within 50 years")
        }
        Swift.print("\n\(isPrevious ? "before" : "after") \(from.text(in: zone)):")
        for run in runs { Swift.print("  \(run.instant.text(in: zone))  \(Self.weekday(run.instant, zone))") }
        let notes = notes
        guard !notes.isEmpty else { return }
        Swift.print("")
        for note in notes { Swift.print(style.apply(.warning, "note: \(note)")) }
    }

    private static func weekday(_ instant: Instant, _ zone: Zone) -> String {
        let day = (LocalTime(instant, in: zone).seconds / 86_400 + 4) % 7
        return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int((day + 7) % 7)]
    }
}
