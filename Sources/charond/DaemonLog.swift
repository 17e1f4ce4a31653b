import CharonCore
import CharonJournald
import CharonSupervisor
import Glibc
import Logging

/// The daemon's log: native entries with their fields where standard error is the journal, else lines on it.
///
/// A line is `message key=value …`, which is an entry's `MESSAGE` too.
struct DaemonLog: LogHandler {
    private enum Target {
        /// Standard error; `isJournal`: what reads it takes a priority before the line (sd-daemon(3)).
        case lines(isJournal: Bool)
        case journal(JournalLog)
    }

    static let identifier = "charond"

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let target: Target

    static func logger() -> Logger {
        let isJournal = JournalStream.ofEnvironment?.matches(STDERR_FILENO) ?? false
        let journal = isJournal ? JournalLog() : nil
        let target = journal.map { Target.journal($0) } ?? .lines(isJournal: isJournal)
        return Logger(label: identifier) { _ in DaemonLog(target: target) }
    }

    private init(target: Target) { self.target = target }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let kind = all.removeValue(forKey: Logger.eventKey).flatMap { Event(rawValue: "\($0)") }
        let values = all.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
        let text = "\(event.message)" + values.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
        let priority = Self.priority(event.level)
        switch target {
        case .lines(let isJournal):
            let prefix = isJournal ? "<\(priority.rawValue)>" : "\(Instant.now().rfc3339) \(event.level): "
            let line = Array("\(prefix)\(text)\n".utf8)
            // One write(2) a line, so that lines of several threads never mix.
            _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        case .journal(let journal):
            journal.send(Self.entry(text, priority, kind, values))
        }
    }

    private static func entry(
        _ text: String, _ priority: Severity, _ event: Event?, _ values: [(key: String, value: String)]
    ) -> JournalFields {
        var fields = JournalFields()
        // What happens to a run stands among its lines.
        let slug = event == nil ? nil : values.first { $0.key == "slug" }?.value
        fields.add("SYSLOG_IDENTIFIER", slug ?? identifier)
        fields.add(priority)
        if let event { fields.add(event) }
        for (key, value) in values { fields.add(charon: key, value) }
        fields.add("MESSAGE", text)
        return fields
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }
        return isPlain ? value : JSON.string(value).description
    }

    private static func priority(_ level: Logger.Level) -> Severity {
        switch level {
        case .trace, .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
