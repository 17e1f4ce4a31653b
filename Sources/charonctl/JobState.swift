import CharonCore

/// What is to be said of a job, as `Jobs` and `GetJob` have it, in a few words.
enum JobState {
    /// Everything that is not as usual; for a job that waits for its time, nothing.
    static func cell(_ job: JSON) -> Table.Cell {
        var words: [String] = []
        var tone = Tone.plain
        let running = job["running"]?.integer ?? 0
        if running > 0 {
            words.append(running == 1 ? "running" : "running (\(running))")
            tone = .good
        }
        if job["queued"]?.bool == true { words.append("queued") }
        if isGiven(job["retry_at"]) {
            words.append("retry at \(Shown.time(job["retry_at"]))")
            tone = .warning
        }
        if let pause = job["paused"], pause != .null {
            words.append(self.pause(pause))
            tone = .warning
        }
        if job["enabled"]?.bool == false { words.append("off") }
        if job["removed"]?.bool == true { words.append("removed") }
        if isGiven(job["problem"]) {
            words.append("refused")
            tone = .bad
        }
        return words.isEmpty ? .nothing : Table.Cell(words.joined(separator: ", "), tone)
    }

    /// `paused`, or until when.
    static func pause(_ pause: JSON) -> String {
        isGiven(pause["until"]) ? "paused until \(Shown.time(pause["until"]))" : "paused"
    }

    /// A pause with all that is known of it.
    static func whole(_ pause: JSON) -> String {
        let reason = isGiven(pause["reason"]) ? ": \(Shown.text(pause["reason"]))" : ""
        return "\(self.pause(pause))\(reason) (since \(Shown.time(pause["since"])), by uid \(Shown.text(pause["uid"])))"
    }

    /// How the last run ended, and when.
    static func last(_ job: JSON) -> Table.Cell {
        guard let last = job["last"], last != .null else { return .nothing }
        let outcome = last["outcome"].flatMap(RunOutcome.init(json:)).map { Shown.outcome($0) }
        let tone: Tone =
            switch last["success"]?.bool {
            case true?: .good
            case false?: .bad
            case nil: outcome?.tone ?? .plain
            }
        return Table.Cell("\(outcome?.text ?? "unknown"), \(Shown.time(last["at"]))", tone)
    }

    /// Whether an optional member says something.
    static func isGiven(_ value: JSON?) -> Bool { value != nil && value != .null }
}
