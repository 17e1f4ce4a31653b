import CharonCore
import CharonSupervisor
import Logging
import Synchronization

/// A log that keeps the events that it is told.
struct EventLog: LogHandler {
    /// One of them.
    struct Entry {
        let event: Event
        let level: Logger.Level
        let fields: [String: String]
    }

    private final class Entries: Sendable {
        let all = Mutex<[Entry]>([])
    }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let entries = Entries()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    var all: [Entry] { entries.all.withLock(\.self) }
    var events: [Event] { all.map(\.event) }

    func first(_ event: Event) -> Entry? { all.first { $0.event == event } }

    func log(event: LogEvent) {
        var fields = (event.metadata ?? [:]).mapValues { "\($0)" }
        guard let kind = fields.removeValue(forKey: Logger.eventKey).flatMap(Event.init(rawValue:)) else { return }
        entries.all.withLock { $0.append(Entry(event: kind, level: event.level, fields: fields)) }
    }
}
