import CharonCore
import CharonLevels
import CharonRuns
import Glibc
import Logging

/// The record of a followed run, with all blocking work on the disk's threads and every failure in the log.
struct FollowedRecord: Sendable {
    let directory: RunDirectory
    let request: RunRequest
    let context: Follower.Context

    /// The longest supervisor file that is read: it has two lines, and its writer may be the job's user.
    static let longestSupervisor = 65_536

    /// What a look at the record shows of its outcome.
    private enum Outcome: Sendable {
        case none
        /// In `exit.json`.
        case written(SupervisorRecord.Ended)
        /// To be written once the output is on disk.
        case new(SupervisorRecord.Ended)
    }

    /// The outcome once there is one, validated and written to `exit.json`; `isNew`: just now.
    ///
    /// `takeoverDeadline` is when a run that no supervisor took counts as lost.
    /// `stopper` is who had it stopped, as far as this daemon knows.
    func outcome(
        takeoverDeadline: Instant, stopper: String?, _ isMachineStopping: () async -> Bool
    ) async -> (ended: SupervisorRecord.Ended, isNew: Bool)? {
        let (directory, uid) = (directory, request.uid)
        let mayStillBeTaken = SteadyClock.now() < takeoverDeadline
        let found = await attempt("supervisor") { () throws(SystemError) in
            try Self.look(directory, uid: uid, mayStillBeTaken: mayStillBeTaken)
        }
        switch found {
        case nil, Outcome.none?: return nil
        case .written(let ended)?: return (ended, isNew: false)
        case .new(let found)?:
            let ended = await named(found, stopper, isMachineStopping)
            // The supervisor's last line is the outcome that outlives a power cut. A full disk must not keep it from
            // Charon.
            await settle()
            await attempt("exit.json") { () throws(SystemError) in try directory.write(ended, durability: .process) }
            CrashPoint.afterExitRecord.reached()
            return (ended, isNew: true)
        }
    }

    /// With the cause of a stop in the place of the signal that the supervisor got.
    private func named(
        _ found: SupervisorRecord.Ended, _ stopper: String?, _ isMachineStopping: () async -> Bool
    ) async -> SupervisorRecord.Ended {
        guard case .stopped(let sender, let signal) = found.outcome else { return found }
        let cause = sender == RunOutcome.byInit ? await shutdown(isMachineStopping) : stopper
        var ended = found
        if let cause { ended.outcome = .stopped(by: cause, signal: signal) }
        return ended
    }

    /// Why process 1 stopped the run: the machine went down meanwhile, or is just doing so; nil if neither is so.
    private func shutdown(_ isMachineStopping: () async -> Bool) async -> String? {
        let directory = directory
        let records = await attempt("supervisor") { () throws(SystemError) in try directory.supervisorRecords() } ?? []
        for case .started(let started) in records where started.boot != Orphan.bootID() { return Self.byShutdown }
        return await isMachineStopping() ? Self.byShutdown : nil
    }

    private static let byShutdown = "a shutdown"

    private static func look(
        _ directory: RunDirectory, uid: UInt32, mayStillBeTaken: Bool
    ) throws(SystemError) -> Outcome {
        if let ended = try directory.exit() { return .written(ended) }
        // The lock first: a supervisor that dies between the two looks has written all it will write.
        let isSupervised = try directory.isSupervised()
        let file = try Descriptor.open(directory.supervisorPath, O_RDONLY | O_NOFOLLOW)
        let records = SupervisorRecord.read(try file.read(at: 0, limit: longestSupervisor))
        for case .ended(let ended) in records { return .new(ended) }
        if isSupervised || (records.isEmpty && mayStillBeTaken) { return .none }
        var lost = SupervisorRecord.Ended(at: .now(), outcome: .lost, exitCode: ExitCode.ownFailure)
        if case .started(let started)? = records.first {
            Orphan.end(started, uid: uid)
            lost.duration = TimeSpan(milliseconds: Int64(max(lost.at.seconds(since: started.at), 0) * 1000))
        }
        lost.outputBytes = (try? OutputReader(directory).size) ?? 0
        // Decided and written in one step, so that no caller takes the run over in between.
        if records.isEmpty { try? directory.write(lost, durability: .disk) }
        return .new(lost)
    }

    /// What `wanted` asks for of the output, and where it begins; nil if it could not be read.
    ///
    /// `withContext` are the last lines before it too.
    func output(
        _ wanted: DeliveryMachine.Wanted, for record: DeliveryRecord, until ended: SupervisorRecord.Ended?,
        withContext: Bool
    ) async -> Output? {
        let directory = directory
        // What was being sent is sent again as it was, even if it holds what a descendant wrote behind the outcome.
        let end = ended.map { max($0.outputBytes, record.ends.last ?? 0) } ?? .max
        switch wanted {
        case .nothing: return Output(from: record.acknowledged, entries: [])
        case .next(let limit, let text):
            return await attempt("output.log") { () throws(SystemError) in
                // Up to what was dropped: in the place of that a message of its own goes out.
                let (from, end) = (record.acknowledged, record.waiting(before: end).first?.to ?? end)
                let reader = try OutputReader(directory)
                let first = withContext ? try reader.boundary(from: max(from - Self.contextBytes, 0)) : from
                let before = first < from ? try reader.entries(from: first, to: from, limit: Int(from - first)) : []
                let entries = try reader.entries(from: from, to: end, limit: limit, text: text)
                return Output(from: from, before: before.suffix(LineClassifier.replayedLines), entries: entries)
            }
        case .last(let limit):
            return await attempt("output.log", on: context.bulk) { () throws(SystemError) in
                let reader = try OutputReader(directory)
                let first = end - Int64(limit)
                let begin = record.waiting(before: end).last?.from ?? record.acknowledged
                let from = first > begin ? try reader.boundary(from: first) : begin
                return Output(from: from, entries: try reader.entries(from: from, to: end, limit: limit))
            }
        }
    }

    /// The entries of some bytes of the output; none if they cannot be read.
    func entries(of bytes: DeliveryRecord.Batch) async -> [OutputReader.Entry] {
        let directory = directory
        return await attempt("output.log", on: context.bulk) { () throws(SystemError) in
            let length = Int(clamping: bytes.to - bytes.from)
            return try OutputReader(directory).entries(from: bytes.from, to: bytes.to, limit: length)
        } ?? []
    }

    /// As much of the output as is read for the lines before those to be sent.
    private static let contextBytes: Int64 = 65_536

    /// Entries of the output from an offset on.
    struct Output: Sendable {
        let from: Int64
        var before: ArraySlice<OutputReader.Entry> = []
        let entries: [OutputReader.Entry]
    }

    /// The last lines of stderr of a run that failed, cleaned.
    func lastErrors(_ ended: SupervisorRecord.Ended) async -> [String] {
        guard !request.policies.successCodes.isSuccess(ended.outcome) else { return [] }
        let directory = directory
        let hygiene = TextHygiene(messageBytes: min(context.limits.form.messageBytes, Self.longestErrorLine))
        return await attempt("output.log") { () throws(SystemError) in
            try OutputReader(directory).tail(.stderr, before: ended.outputBytes, count: 5).map(hygiene.text(of:))
        } ?? []
    }

    private static let longestErrorLine = 512

    /// Writes `delivery.json`, and the intent that may be in it to disk; false if that failed.
    func write(_ delivery: DeliveryRecord) async -> Bool {
        let (directory, request, intents) = (directory, request, context.intents)
        return await attempt("delivery.json") { () throws(SystemError) in
            try intents.write(delivery, of: request, to: directory)
        } != nil
    }

    /// Puts the record on disk, where its intent then need not be.
    func settle() async {
        let (directory, intents) = (directory, context.intents)
        await attempt("sync", on: context.bulk) { () throws(SystemError) in try intents.settle(directory) }
    }

    /// Puts the record of a running command on disk, the first time as a whole, later what output there is beyond `size`.
    ///
    /// Its size now.
    func sync(beyond size: Int64?) async -> Int64? {
        let (directory, intents) = (directory, context.intents)
        return await attempt("sync", on: context.bulk) { () throws(SystemError) in
            let now = try OutputReader(directory).size
            if let size {
                if now > size { try directory.syncOutput() }
            } else {
                try intents.settle(directory)
            }
            return now
        } ?? size
    }

    @discardableResult
    func attempt<Value: Sendable>(
        _ what: String, on disk: Disk? = nil, _ work: @escaping @Sendable () throws(SystemError) -> Value
    ) async -> Value? {
        do {
            return try await (disk ?? context.disk).perform(work)
        } catch {
            let metadata: Logger.Metadata = ["step": "\(what)", "reason": "\(error)"]
            context.log.report(.recordFailed, "record not read or written", .error, self.metadata(metadata))
            return nil
        }
    }

    func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(request.metadata) { mine, _ in mine }
    }
}
