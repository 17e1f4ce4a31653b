import CharonCore
import CharonRuns
import Logging

extension Logger {
    /// The key under which metadata names an `Event`: who writes the log gives it a message id, where it has such.
    package static let eventKey = "event"

    /// Logs an event: a constant message, and what there is to say of it as metadata.
    func report(_ event: Event, _ message: Message, _ level: Level, _ metadata: Metadata) {
        log(level: level, message, metadata: metadata.merging([Self.eventKey: "\(event.rawValue)"]) { mine, _ in mine })
    }
}

extension RunRequest {
    /// What every log line about the run names.
    var metadata: Logger.Metadata { ["slug": "\(slug)", "run": "\(run)", "application": "\(application)"] }
}

extension DeliveryRecord.Start {
    /// The execution as metadata; none as long as Charon gave none.
    var metadata: Logger.Metadata {
        if case .answered(let execution) = self { ["execution": "\(execution)"] } else { [:] }
    }
}
