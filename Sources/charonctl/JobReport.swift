import CharonControl
import CharonCore

/// The reply to `GetJob`, for people.
struct JobReport {
    private let reply: JSON
    private let pauseOfAll: JSON?
    private let isDraining: Bool

    /// With what `Jobs` says of all jobs.
    init(_ reply: JSON, pauseOfAll: JSON?, isDraining: Bool) {
        self.reply = reply
        self.pauseOfAll = pauseOfAll
        self.isDraining = isDraining
    }

    private var job: JSON { reply["job"] ?? [:] }

    func print(_ style: Style) { for line in lines(style) { Swift.print(line) } }

    func lines(_ style: Style) -> [String] {
        var lines: [String] = []
        for (heading, fields) in [
            ("job \(Shown.text(job["slug"]))", definition), ("schedule", schedule), ("switches", switches),
        ] {
            lines += Section(heading: heading, fields: fields).lines(style)
        }
        let runs = reply["runs"]?.array ?? []
        guard !runs.isEmpty else { return lines }
        return lines + [style.apply(.heading, "last runs")] + Self.table(runs).lines(style).map { "  \($0)" }
    }

    private var definition: [Section.Field] {
        let retries = reply["retries"]?.integer ?? 0
        let isRemoved = job["removed"]?.bool == true
        return [
            ("file", text(job["source"])), ("problem", Table.Cell(Shown.text(job["problem"]), .bad)),
            ("removed", isRemoved ? Table.Cell("its file no longer has it; its run goes on", .warning) : .nothing),
            ("state", JobState.cell(job)), ("command", Table.Cell(Shown.command(reply["command"]))),
            ("user", text(job["user"])), ("directory", text(reply["directory"])),
            ("application", text(reply["application"])), ("timeout", span("timeout_ms")),
            ("overlap", text(reply["overlap"])),
            ("retries", retries > 0 ? Table.Cell("\(retries)") : .nothing),
            ("usually takes", span("usual_ms")), ("last", JobState.last(job)),
        ]
    }

    private var schedule: [Section.Field] {
        let schedules = job["schedules"]?.array ?? []
        guard !schedules.isEmpty else { return [("by hand", "charonctl start \(Shown.text(job["slug"]))")] }
        let words = reply["words"]?.array ?? []
        let times = reply["next"]?.array ?? []
        return schedules.indices.map { index in
            let meaning = words.indices.contains(index) ? ": \(Shown.text(words[index]))" : ""
            return ("when", Table.Cell(Shown.text(schedules[index]) + meaning))
        } + [
            ("zone", text(reply["zone"])), ("spread", span("spread_ms")), ("catch up", text(reply["catch_up"])),
            ("start deadline", span("start_deadline_ms")),
        ] + times.enumerated().map { ($0.offset == 0 ? "next" : "", text($0.element)) }
    }

    /// The three switches, in the order in which they count.
    private var switches: [Section.Field] {
        let isEnabled = job["enabled"]?.bool != false
        var fields: [Section.Field] = [
            ("enabled", isEnabled ? "yes" : Table.Cell("no: off in its file", .warning))
        ]
        switch (job["paused"], pauseOfAll) {
        case (let own?, _) where own != .null: fields.append(("pause", Table.Cell(JobState.whole(own), .warning)))
        case (_, let all?) where all != .null: break
        default: fields.append(("pause", "no"))
        }
        if let all = pauseOfAll, all != .null {
            fields.append(("pause of all", Table.Cell(JobState.whole(all), .warning)))
        }
        if isDraining { fields.append(("draining", Table.Cell(JobSummary.draining, .warning))) }
        return fields + [("Charon", charon)]
    }

    /// What Charon said last, as far as it is known here.
    private var charon: Table.Cell {
        let ask = "'charonctl probe \(Shown.text(job["slug"]))' asks"
        if let said = reply["charon"], let isActive = said["active"]?.bool {
            let time = Shown.time(said["at"])
            return isActive
                ? "active, as it said at \(time)" : Table.Cell("off, as it said at \(time); \(ask)", .warning)
        }
        if case .skipped(.off)? = job["last"]?["outcome"].flatMap(RunOutcome.init(json:)) {
            return Table.Cell("off, as it said at \(Shown.time(job["last"]?["at"])); \(ask)", .warning)
        }
        return "not known here; \(ask)"
    }

    private static func table(_ runs: [JSON]) -> Table {
        var table = Table("ASKED", "ENDED", "RUN", "STATE", "ATTEMPT", "NOTE")
        for run in runs {
            table.add(
                "\(Shown.time(run["asked_at"]))", "\(Shown.time(run["ended_at"]))", "\(Shown.text(run["run"]))",
                Shown.state(run), "\(Shown.text(run["attempt"]))", "\(Shown.remarks(run, "note"))")
        }
        return table
    }

    private func text(_ value: JSON?) -> Table.Cell { Table.Cell(Shown.text(value)) }

    private func span(_ member: String) -> Table.Cell {
        reply[member]?.integer.map { Table.Cell("\(TimeSpan(milliseconds: $0))") } ?? .nothing
    }
}
