import CharonCore
import CharonRuns
package import Logging
import Synchronization

/// Puts on disk which starts may have been written to Charon: in the intent log, or in the run's own record where the
/// log has no room or cannot be used.
package final class Intents: Sendable {
    private let intentLog = Mutex<IntentLog?>(nil)
    private let log: Logger

    package init(_ log: Logger) { self.log = log }

    private var opened: IntentLog? { intentLog.withLock { $0 } }

    /// Opens the log of a state directory, and makes the records again that a power cut has taken.
    func recover(state: String) {
        let left: [IntentLog.Intent]
        do {
            let (opened, intents) = try IntentLog.open(state: state)
            intentLog.withLock { $0 = opened }
            left = intents
        } catch {
            log.warning("intent log not usable, each start waits for the disk", metadata: ["reason": "\(error)"])
            return
        }
        for intent in left {
            let run = intent.request.run
            let directory = RunDirectory(state: state, slug: intent.request.slug, run: run)
            do {
                if try directory.restore(intent.request) { try restore(intent, in: directory) }
                try settle(directory)
            } catch {
                log.error("record not restored", metadata: ["run": "\(run)", "reason": "\(error)"])
            }
        }
    }

    private func restore(_ intent: IntentLog.Intent, in directory: RunDirectory) throws(SystemError) {
        var delivery = try directory.delivery() ?? DeliveryRecord()
        guard delivery.start == .unsent else { return }
        delivery.gate = .yes
        delivery.start = .sent(at: intent.at)
        try directory.write(delivery, durability: .process)
    }

    /// Writes how far a run's delivery is, so that a start that may have been written outlives a power cut.
    ///
    /// A start that has its intent in the log is in `delivery.json` only once it is answered.
    func write(_ delivery: DeliveryRecord, of request: RunRequest, to directory: RunDirectory) throws(SystemError) {
        guard try place(delivery, of: request, to: directory) else { return }
        if (try? flush()) == nil { try writeThrough(delivery, to: directory) }
    }

    /// The same, but what it puts into the log is on disk only after `flush`: true if there is something.
    func place(
        _ delivery: DeliveryRecord, of request: RunRequest, to directory: RunDirectory
    ) throws(SystemError) -> Bool {
        switch delivery.start {
        case .sent(let at):
            if place(IntentLog.Intent(request: request, at: at)) { return true }
            try writeThrough(delivery, to: directory)
        case .unsent, .refused:
            // There is no execution, so nothing may be made of the intent later.
            try directory.write(delivery, durability: .process)
            release(request.run)
        case .answered, .uncertain:
            try directory.write(delivery, durability: .process)
        }
        return false
    }

    func flush() throws(SystemError) { try opened?.flush() }

    /// Puts the run's own record on disk, where the log cannot hold its intent.
    func writeThrough(_ delivery: DeliveryRecord, to directory: RunDirectory) throws(SystemError) {
        try directory.write(delivery, durability: .process)
        try directory.sync()
    }

    /// Puts a run's record on disk, where its intent then need not be.
    func settle(_ directory: RunDirectory) throws(SystemError) {
        try directory.sync()
        release(directory.run)
    }

    private func place(_ intent: IntentLog.Intent) -> Bool {
        do {
            return try opened?.place(intent) ?? false
        } catch {
            log.warning("intent not kept", metadata: ["run": "\(intent.request.run)", "reason": "\(error)"])
            return false
        }
    }

    /// Forgets a run that has no execution.
    func release(_ run: RunID) {
        do {
            try opened?.release(run)
        } catch {
            log.warning("intent not released", metadata: ["run": "\(run)", "reason": "\(error)"])
        }
    }
}
