import CharonCore
import Glibc
import Logging

/// Lines on standard error: `message key=value …`, with the journal's level prefix (sd-daemon(3)) where it is read.
struct DaemonLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let isJournal = getenv("JOURNAL_STREAM") != nil

    static func logger() -> Logger { Logger(label: "charond") { _ in DaemonLog() } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let fields = all.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        let prefix = isJournal ? "<\(Self.priority(event.level))>" : "\(Instant.now().rfc3339) \(event.level): "
        let line = Array("\(prefix)\(event.message)\(fields)\n".utf8)
        // One write(2) a line, so that lines of several threads never mix.
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }
        return isPlain ? value : JSON.string(value).description
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
