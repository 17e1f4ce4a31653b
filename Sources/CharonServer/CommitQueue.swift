import GRDB
import Synchronization

/// Group commit: all writes that wait while a commit is on its way to the disk share the next one.
///
/// So a burst of requests costs a few syncs instead of one each, and none is answered before its commit.
final class CommitQueue: Sendable {
    typealias Work = @Sendable (Database) throws -> Answer

    private struct Waiting {
        let work: Work
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private let writer: any DatabaseWriter
    private let waiting = Mutex<[Waiting]>([])

    init(_ writer: any DatabaseWriter) { self.writer = writer }

    /// Runs `work` after all earlier writes and returns its answer once that is committed.
    ///
    /// - Throws: What `work` threw, whose own changes are then undone, or the commit's error.
    func run(_ work: @escaping Work) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Waiting(work: work, continuation: continuation))
                return waiting.count == 1
            }
            // The first one books the writer; whoever comes until that runs is taken along.
            if isFirst { writer.asyncWriteWithoutTransaction { self.commit($0) } }
        }
    }

    private func commit(_ db: Database) {
        let batch = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
        var results: [Result<Answer, any Error>] = []
        do {
            try db.inTransaction(.immediate) {
                results = try batch.map { try Self.attempt($0.work, db) }
                return .commit
            }
        } catch {
            results = batch.map { _ in .failure(error) }
        }
        for (entry, result) in zip(batch, results) { entry.continuation.resume(with: result) }
    }

    private static func attempt(_ work: Work, _ db: Database) throws -> Result<Answer, any Error> {
        var result: Result<Answer, any Error> = .failure(CancellationError())
        do {
            try db.inSavepoint {
                result = .success(try work(db))
                return .commit
            }
        } catch {
            // SQLite ends the whole transaction after some errors (full disk, I/O): then the others are undone too.
            guard db.isInsideTransaction else { throw error }
            result = .failure(error)
        }
        return result
    }
}
