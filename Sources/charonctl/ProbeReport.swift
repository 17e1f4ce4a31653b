import CharonControl
import CharonCore

/// The reply to `Probe`, for people.
struct ProbeReport {
    private let reply: JSON

    init(_ reply: JSON) { self.reply = reply }

    func print(_ style: Style) {
        for step in reply["steps"]?.array ?? [] {
            for line in Self.lines(step, style) { Swift.print(line) }
            Swift.print("")
        }
        for line in conclusion { Swift.print(line) }
    }

    private static func lines(_ step: JSON, _ style: Style) -> [String] {
        var lines = [style.apply(.heading, Shown.text(step["request"]))]
        let time = "\(step["duration_ms"]?.integer ?? 0) ms"
        if let status = step["status"], status != .null {
            let type = step["content_type"].map { Shown.text($0) } ?? "no content type"
            let size = Shown.count(step["body_bytes"]?.integer ?? 0, "byte")
            lines.append("  status \(Shown.text(status)), \(type), \(size), \(time)")
            let body = SafeText.escaped(step["body"]?.string ?? "", keepsLines: true)
            // Marked, so that no answer can be taken for words of ours.
            lines += body.split(separator: "\n").map { "  | \($0)" }
        } else {
            lines.append("  nothing came back, \(time)")
        }
        let understood = step["understood"]?.string ?? ""
        let isGood = ["yes", "started", "accepted"].contains(understood)
        var verdict = "  " + style.apply(isGood ? .good : .bad, SafeText.escaped(understood))
        if let id = step["id"], id != .null { verdict += ", id \(Shown.text(id))" }
        if let rule = step["rule"], rule != .null { verdict += " (by: \(Shown.text(rule)))" }
        lines.append(verdict)
        if let reason = step["reason"], reason != .null { lines.append("  \(Shown.text(reason))") }
        return lines
    }

    private var conclusion: [String] {
        var lines = ["application: \(Shown.text(reply["application"]))"]
        if let id = reply["cron_id"], id != .null {
            let source =
                switch reply["cron_id_from"]?.string {
                case "given": "given by --cron-id"
                case "answer": "from the answer"
                case "slug": "the slug in its place: the answer names none"
                default: Shown.text(reply["cron_id_from"])
                }
            lines.append("cron id: \(Shown.text(id)) (\(source))")
        }
        let result = reply["result"]?.string
        lines.append("result: \(result == "no answer" ? "no usable answer" : Shown.text(reply["result"]))")
        let isEnded = (reply["steps"]?.array ?? []).contains {
            $0["call"]?.string == "end" && $0["understood"]?.string == "accepted"
        }
        if let execution = reply["execution"], execution != .null, !isEnded {
            lines.append("the execution \(Shown.text(execution)) was started and not ended: end it on Charon")
        }
        return lines
    }
}
