import CharonControl
import CharonCore
import Glibc

/// What a piece of text means to its reader.
enum Tone {
    case plain, heading, good, warning, bad
}

/// How text looks: with colours on a terminal only, and not where NO_COLOR is set (no-color.org) or TERM is dumb.
struct Style {
    let isColoured: Bool

    static let standardOutput = Style(
        isColoured: isatty(1) == 1 && Console.variable("NO_COLOR") == nil && Console.variable("TERM") != "dumb")

    /// The text as ECMA-48 (SGR) colours it.
    func apply(_ tone: Tone, _ text: String) -> String {
        let code =
            switch tone {
            case .plain: ""
            case .heading: "1"
            case .good: "32"
            case .warning: "33"
            case .bad: "31"
            }
        return isColoured && !code.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Values of replies as people read them.
enum Shown {
    /// What stands where there is nothing.
    static let nothing = "-"

    /// Text from elsewhere on one line.
    static func text(_ value: JSON?) -> String {
        switch value {
        case nil, .null?: nothing
        case .string(let text)?: text.isEmpty ? nothing : SafeText.escaped(text)
        case let other?: other.description
        }
    }

    /// Text from elsewhere on one line, in whole.
    static func line(_ text: String) -> String { SafeText.escaped(text) }

    /// An RFC 3339 time in whole seconds.
    static func time(_ value: JSON?) -> String {
        guard let text = value?.string, let instant = Instant(rfc3339: text.utf8) else { return self.text(value) }
        return "\(instant.rfc3339.prefix(19))Z"
    }

    /// Why a run is where it is, and what Charon could not take of it.
    static func remarks(_ run: JSON, _ member: String) -> String {
        var remarks: [String] = []
        if let count = run["set_aside"]?.integer, count > 0 {
            remarks.append("\(self.count(count, "message")) set aside")
        }
        if let dropped = run["dropped"], let lines = dropped["lines"]?.integer {
            remarks.append("\(count(lines, "line")) dropped by the disk budget")
        }
        if remarks.isEmpty || run[member] != nil { remarks.append(text(run[member])) }
        return remarks.joined(separator: "; ")
    }

    /// How a run ended, in two words.
    static func outcome(_ outcome: RunOutcome) -> Table.Cell {
        switch outcome {
        case .exited(let code): Table.Cell("exit \(code)", code == 0 ? .good : .bad)
        case .killed(let signal): Table.Cell("signal \(signal)", .bad)
        case .outOfMemory: Table.Cell("out of memory", .bad)
        case .timedOut: Table.Cell("timed out", .bad)
        case .stopped: Table.Cell("stopped", .bad)
        case .couldNotStart: Table.Cell("not started", .bad)
        case .lost: Table.Cell("lost", .bad)
        case .skipped(let reason): "skipped (\(reason.rawValue))"
        }
    }

    /// Where a run of a list is, or how it ended.
    static func state(_ run: JSON) -> Table.Cell {
        guard let outcome = run["outcome"].flatMap(RunOutcome.init(json:)) else {
            return run["running"]?.bool == true ? "running" : .nothing
        }
        return Shown.outcome(outcome)
    }

    /// A number with its noun.
    static func count(_ number: Int64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// The words of a command as a shell takes them.
    static func command(_ words: JSON?) -> String {
        let words = (words?.array ?? []).map { word($0.string ?? "") }
        return words.isEmpty ? nothing : words.joined(separator: " ")
    }

    /// A word of a command line, quoted where a shell would take it apart.
    private static func word(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_./:=@%+,".utf8.contains(byte) || byte > 0x7F
                }
            }
        let quoted =
            isPlain
            ? word : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
        return SafeText.escaped(quoted)
    }
}
