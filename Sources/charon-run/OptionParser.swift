import CharonCapture
import CharonCore
import CharonJournald
import CharonLevels

/// Reads a command line: `[options] SLUG -- COMMAND [ARG...]`, options as `--option value` or `--option=value`.
struct OptionParser {
    private var rest: ArraySlice<[UInt8]>
    private var seen: Set<String> = []
    private var slug: Slug?
    /// Collects the options until slug and command are known.
    private var options: Options

    /// Throws a `usage` error that names the option, what is wrong with it and what is allowed.
    static func parse(_ arguments: [[UInt8]]) throws(CharonError) -> CommandLineRequest {
        guard let placeholder = Slug("x") else { return .help }
        var parser = OptionParser(rest: arguments[...], options: Options(slug: placeholder, command: []))
        return try parser.parse()
    }

    private init(rest: ArraySlice<[UInt8]>, options: Options) {
        self.rest = rest
        self.options = options
    }

    private mutating func parse() throws(CharonError) -> CommandLineRequest {
        while let word = rest.popFirst().map({ String(decoding: $0, as: UTF8.self) }) {
            switch word {
            case "--": return .run(try finished())
            case "--help", "-h": return .help
            case "--version": return .version
            case _ where word.hasPrefix("-"): try readOption(word)
            case _ where slug == nil:
                guard let slug = Slug(word) else { throw Self.usage("'\(word)' is no slug: \(Slug.rule)") }
                self.slug = slug
            default:
                throw Self.usage(
                    "'\(word)' is not expected here: the command comes after '--', as in "
                        + "charon-run \(slug?.text ?? "SLUG") -- \(word)")
            }
        }
        throw Self.usage(
            slug == nil ? "a slug and a command are missing" : "the command is missing: -- COMMAND [ARG...]")
    }

    private func finished() throws(CharonError) -> Options {
        guard let slug else { throw Self.usage("the slug is missing before '--'") }
        guard let name = rest.first else { throw Self.usage("the command is missing after '--'") }
        guard !name.isEmpty else { throw Self.usage("the command after '--' is empty") }
        guard options.record != nil || !["--execution", "--hold", "--setup"].contains(where: seen.contains) else {
            throw Self.usage("--execution, --hold and --setup need --record")
        }
        var options = options
        options.slug = slug
        options.command = Array(rest)
        return options
    }

    private mutating func readOption(_ word: String) throws(CharonError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let attached = parts.count > 1 ? String(parts[1]) : nil
        guard Self.names.contains(name) else {
            throw Self.usage("unknown option '\(name)'; charon-run --help lists what there is")
        }
        guard Self.repeatable.contains(name) || seen.insert(name).inserted else {
            throw Self.usage("\(name) is given twice")
        }
        if name == "--quiet" {
            guard attached == nil else { throw Self.usage("--quiet takes no value") }
            options.isQuiet = true
            return
        }
        guard let value = attached ?? rest.popFirst().map({ String(decoding: $0, as: UTF8.self) }), value != "--" else {
            throw Self.usage("\(name) needs a value")
        }
        try set(name, value)
    }
}

extension OptionParser {
    static let names: Set<String> = [
        "--application", "--cron-id", "--execution", "--hold", "--journal-level", "--level", "--level-presets",
        "--overlap", "--quiet",
        "--record", "--redact", "--send-level", "--setup", "--stop-grace", "--stop-signal", "--success-codes",
        "--timeout", "--wait", "--when-unreachable",
    ]
    private static let repeatable: Set<String> = ["--level", "--redact"]

    private static func usage(_ message: String) -> CharonError { CharonError(.usage, message) }

    private mutating func set(_ name: String, _ value: String) throws(CharonError) {
        switch name {
        case "--application":
            let rule = "the name of an application, which follows the rule of slugs"
            options.application = try Self.take(name, value, Slug(value)?.text, rule)
        case "--cron-id": options.cronID = try Self.take(name, value, CronID(value), "an id that Charon gave")
        case "--journal-level":
            let priority = Severity(name: value)
            let isKnown = priority != nil || value == "none"
            let rule = "it is one of \(Severity.names.joined(separator: ", ")), none"
            options.journalLevel = try Self.take(name, value, isKnown ? .some(priority) : nil, rule)
        case "--level":
            var levels = options.levels ?? LevelRules()
            guard levels.rules.count < LevelRules.mostRules else {
                throw Self.usage("--level is given more than \(LevelRules.mostRules) times")
            }
            levels.rules.append(try Self.named(name) { () throws(CharonError) in try LevelRule(value) })
            options.levels = levels
        case "--level-presets":
            var levels = options.levels ?? LevelRules()
            levels.presets = try Self.named(name) { () throws(CharonError) in try LevelPresets(list: value) }
            options.levels = levels
        case "--overlap": options.overlap = try Self.choice(name, value)
        case "--record":
            let rule = "SUPERVISOR:OUTPUT, two descriptor numbers above 2"
            options.record = try Self.take(name, value, Self.record(value), rule)
        case "--redact":
            options.redactions.append(
                try Self.take(name, value, try? RedactionGlob(value.utf8), RedactionGlob.rule))
        case "--send-level": options.sendLevel = try Self.choice(name, value)
        case "--execution": options.execution = value
        case "--hold": options.hold = try Self.descriptor(name, value)
        case "--setup": options.setup = try Self.descriptor(name, value)
        case "--stop-signal":
            let rule = "it is one of \(SignalName.names.joined(separator: ", "))"
            options.stopSignal = try Self.take(name, value, SignalName(value), rule)
        case "--stop-grace": options.stopGrace = try Self.take(name, value, TimeSpan(value), TimeSpan.rule)
        case "--success-codes":
            options.successCodes = try Self.take(name, value, SuccessCodes(value), SuccessCodes.rule)
        case "--timeout":
            let timeout = TimeSpan(value).flatMap { $0.milliseconds > 0 ? $0 : nil }
            options.timeout = try Self.take(name, value, timeout, "\(TimeSpan.rule), above 0")
        case "--wait": options.wait = try Self.take(name, value, TimeSpan(value), TimeSpan.rule)
        default: options.whenUnreachable = try Self.choice(name, value)
        }
    }

    /// Has an error of `read` name the option.
    private static func named<Value>(
        _ name: String, _ read: () throws(CharonError) -> Value
    ) throws(CharonError) -> Value {
        do { return try read() } catch { throw usage("\(name): \(error.message)") }
    }

    private static func take<Value>(
        _ name: String, _ text: String, _ value: Value?, _ rule: String
    ) throws(CharonError) -> Value {
        guard let value else { throw usage("\(name): '\(text)' is not allowed: \(rule)") }
        return value
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ text: String
    ) throws(CharonError) -> Value {
        let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try take(name, text, Value(rawValue: text), "it is one of \(allowed)")
    }

    private static func descriptor(_ name: String, _ value: String) throws(CharonError) -> Int32 {
        try take(name, value, Int32(value).flatMap { $0 > 2 ? $0 : nil }, "a descriptor number above 2")
    }

    private static func record(_ text: String) -> CaptureRequest.RecordFiles? {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
        guard numbers.count == 2, let supervisor = numbers[0], let output = numbers[1], supervisor > 2, output > 2,
            supervisor != output
        else { return nil }
        return CaptureRequest.RecordFiles(supervisor: supervisor, output: output)
    }
}
