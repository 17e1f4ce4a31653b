import CharonControl
import CharonCore
import Glibc

/// Prints the lines of runs, their parts joined.
struct LogPrinter {
    /// A line whose end has not come yet.
    fileprivate struct Begun {
        var line: JSON
        var text: [UInt8]
    }

    /// The most bytes of a line that are shown on a terminal.
    static let longestShown = 16_384

    private let isJSON: Bool
    private let showsRuns: Bool
    private let showsEnds: Bool
    private let isTerminal = isatty(1) == 1
    private let style = Style.standardOutput
    private var begun: [RunID: [String: Begun]] = [:]
    /// The run of the last line.
    private var current: RunID?
    private var buffer: [UInt8] = []

    /// With `showsRuns`, where lines of another run begin its name is shown; with `showsEnds`, how each run ended.
    init(isJSON: Bool, showsRuns: Bool, showsEnds: Bool) {
        self.isJSON = isJSON
        self.showsRuns = showsRuns
        self.showsEnds = showsEnds
    }

    /// Prints the lines of a reply to `Logs`.
    mutating func print(_ run: RunID, _ reply: JSON) {
        for line in reply["lines"]?.array ?? [] {
            guard let stream = line["stream"]?.string else {
                put(run, reply, line, [])
                continue
            }
            var whole = begun[run]?.removeValue(forKey: stream) ?? Begun(line: line, text: [])
            whole.text += RecordedText.bytes(of: line)
            if line["partial"]?.bool == true {
                begun[run, default: [:]][stream] = whole
            } else {
                put(run, reply, whole.line, whole.text)
            }
        }
        if buffer.count > 65_536 { flush() }
    }

    /// No more comes of a run: prints what has no end, and with `showsEnds` how it ended.
    mutating func end(_ run: RunID, _ reply: JSON) {
        for whole in (begun.removeValue(forKey: run) ?? [:]).values.sorted(by: { $0.offset < $1.offset }) {
            put(run, reply, whole.line, whole.text)
        }
        guard showsEnds, let outcome = reply["outcome"].flatMap(RunOutcome.init(json:)) else { return }
        if isJSON {
            put("\(["run": .string(run.text), "slug": reply["slug"], "outcome": outcome.json] as JSON)")
        } else {
            let cell = Shown.outcome(outcome)
            put(style.apply(.heading, "==> \(name(run, reply)): ") + style.apply(cell.tone, cell.text))
            current = nil
        }
    }

    private func name(_ run: RunID, _ reply: JSON) -> String { "\(Shown.text(reply["slug"])) \(run)" }

    private mutating func put(_ run: RunID, _ reply: JSON, _ line: JSON, _ text: [UInt8]) {
        if isJSON { return put("\(Self.object(run, reply, line, text))") }
        if showsRuns, current != run { put(style.apply(.heading, "==> \(name(run, reply))")) }
        current = run
        if let dropped = line["dropped"] { return put(style.apply(.warning, "--- \(Self.words(dropped))")) }
        let level = line["level"]?.string.flatMap(Level.init(rawValue:)) ?? .info
        let label = level.rawValue.padded(to: 7)
        let time = "\(Shown.text(line["at"]).prefix(23))Z"
        guard isTerminal else {
            buffer += Array("\(time) \(label) ".utf8) + text + [0x0A]
            return
        }
        put("\(time) \(style.apply(level.tone, "\(label) \(Self.shown(text))"))")
    }

    private mutating func put(_ line: String) { buffer += Array(line.utf8) + [0x0A] }

    private static func object(_ run: RunID, _ reply: JSON, _ line: JSON, _ text: [UInt8]) -> JSON {
        [
            "run": .string(run.text), "slug": reply["slug"], "offset": line["offset"], "at": line["at"],
            "stream": line["stream"], "level": line["level"],
            "text": line["stream"].map { _ in .string(String(decoding: text, as: UTF8.self)) },
            "dropped": line["dropped"],
        ]
    }

    private static func words(_ dropped: JSON) -> String {
        let bytes = Shown.count(dropped["bytes"]?.integer ?? 0, "byte")
        guard let lines = dropped["lines"]?.integer else { return "\(bytes) were dropped here by the disk budget" }
        return "\(Shown.count(lines, "line")) (\(bytes)) were dropped here by the disk budget"
    }

    private static func shown(_ text: [UInt8]) -> String {
        let shown = SafeText.caret(String(decoding: text.prefix(longestShown), as: UTF8.self))
        return text.count <= longestShown ? shown : "\(shown)… (\(text.count - longestShown) bytes more)"
    }

    /// Writes what was printed; ends the program where nobody reads it.
    mutating func flush() {
        Console.output(buffer)
        buffer = []
    }
}

extension LogPrinter.Begun {
    fileprivate var offset: Int64 { line["offset"]?.integer ?? 0 }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
