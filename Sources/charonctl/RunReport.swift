import CharonControl
import CharonCore

/// The reply to `GetRun`, for people.
struct RunReport {
    private let reply: JSON

    init(_ reply: JSON) { self.reply = reply }

    func print(_ style: Style) {
        for (heading, fields) in [
            ("run \(Shown.text(reply["run"]))", run), ("asked", asked), ("command", command), ("delivery", delivery),
            ("set aside", setAside),
        ] {
            Section(heading: heading, fields: fields).print(style)
        }
    }

    private var run: [Section.Field] {
        var state: Table.Cell = reply["running"]?.bool == true ? "running" : "unknown"
        if let outcome = reply["ended"]?["outcome"].flatMap(RunOutcome.init(json:)) { state = Shown.outcome(outcome) }
        let record = reply["kept"]?.bool == false ? "a line of history.jsonl: its output is no longer kept" : nil
        return [
            ("cron", text(reply["slug"])), ("state", state), ("application", text(reply["application"])),
            ("uid", text(reply["uid"])), ("record", record.map { Table.Cell($0) } ?? text(reply["path"])),
        ]
    }

    private var asked: [Section.Field] {
        let asked = reply["asked"]
        return [
            ("at", time(reply["asked_at"])),
            ("due at", cell(reply["due"]?.array?.map { Shown.text($0) }.joined(separator: ", "))),
            ("attempt", text(reply["attempt"])),
            ("command", Table.Cell(Shown.command(asked?["argv"]))),
            ("directory", text(asked?["directory"])), ("host", text(asked?["host"])),
            ("cron id", text(asked?["cron_id"])), ("timeout", span(asked?["timeout_ms"])),
            ("success codes", text(asked?["success_codes"])), ("overlap", text(asked?["overlap"])),
            ("unreachable", text(asked?["when_unreachable"])), ("unregistered", text(asked?["when_unregistered"])),
            ("uncertain", text(asked?["when_uncertain"])),
        ]
    }

    private var command: [Section.Field] {
        let (ended, output) = (reply["ended"], reply["output"])
        let lines = ended?["stdout_lines"]?.integer.map { out in
            "\(Shown.count(out, "line")) of stdout, \(ended?["stderr_lines"]?.integer ?? 0) of stderr, "
                + "\(ByteCount(output?["bytes"]?.integer ?? 0)) in the record"
        }
        let processor = ended?["user_ms"]?.integer.map { user in
            "\(TimeSpan(milliseconds: user)) user, "
                + "\(TimeSpan(milliseconds: ended?["system_ms"]?.integer ?? 0)) system"
        }
        let dropped = Shown.remarks(["dropped": output?["dropped"]], "none")
        let holders = (ended?["holders"]?.array ?? []).map { Shown.text($0) }.joined(separator: ", ")
        let lost = ended?["lost_bytes"]?.integer ?? 0
        return [
            ("started", time(reply["started"]?["at"])), ("pid", text(reply["started"]?["pid"])),
            ("ended", time(ended?["at"])), ("exit code", text(ended?["exit_code"])),
            ("duration", span(ended?["duration_ms"])), ("processor", cell(processor)),
            ("memory", cell(ended?["max_resident_kib"]?.integer.map { "\(ByteCount($0 * 1024)) at most" })),
            ("output", cell(lines)), ("dropped", Table.Cell(dropped, .bad)),
            ("not recorded", lost > 0 ? Table.Cell("\(ByteCount(lost))", .bad) : Table.Cell(Shown.nothing)),
            ("still open by", cell(holders.isEmpty ? nil : holders)),
        ]
    }

    private var delivery: [Section.Field] {
        let delivery = reply["delivery"]
        let isDone = delivery?["delivered"]?.bool == true
        let waiting = delivery?["waiting_bytes"]?.integer ?? 0
        let sent = delivery?["messages"]?.integer.map { messages in
            "\(Shown.count(messages, "message")) with \(Shown.count(delivery?["lines"]?.integer ?? 0, "line"))"
        }
        return [
            ("gate", text(delivery?["gate"])),
            ("start", text(delivery?["start"])), ("execution", text(delivery?["execution"])),
            ("cron id", text(delivery?["cron_id"])), ("delivered", isDone ? Table.Cell("yes", .good) : "no"),
            ("end", text(delivery?["end"])), ("sent", cell(sent)),
            ("waiting", cell(waiting > 0 && !isDone ? "\(ByteCount(waiting))" : nil)),
            ("note", text(delivery?["note"])),
        ]
    }

    private var setAside: [Section.Field] {
        (reply["delivery"]?["set_aside_messages"]?.array ?? []).map { message in
            let status = message["status"].map { "status \(Shown.text($0))" } ?? "server errors"
            let lines = Shown.count(message["lines"]?.integer ?? 0, "line")
            let place = "\(Shown.text(message["from"]))-\(Shown.text(message["to"]))"
            return (place, "\(lines), \(Shown.text(message["level"])), \(status): \(Shown.text(message["reason"]))")
        }
    }

    private func text(_ value: JSON?) -> Table.Cell { Table.Cell(Shown.text(value)) }

    private func cell(_ value: String?) -> Table.Cell { Table.Cell(value ?? Shown.nothing) }

    private func time(_ value: JSON?) -> Table.Cell { Table.Cell(Shown.time(value)) }

    private func span(_ milliseconds: JSON?) -> Table.Cell {
        cell(milliseconds?.integer.map { "\(TimeSpan(milliseconds: $0))" })
    }
}
