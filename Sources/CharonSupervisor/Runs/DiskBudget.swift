import CharonCore
package import CharonRuns

/// How much of the disk the records may take, and what goes when they take more.
///
/// The oldest delivered runs go first, then of undelivered runs the output that Charon has, then the middle of what it
/// has not. Nothing else of an undelivered run goes, so no `end` does.
package struct DiskBudget: Hashable, Sendable {
    /// Bytes and inodes of all records.
    package var limit = DiskUse(bytes: 1 << 30, files: 100_000)
    /// What of the file system stays free for others, in percent of its size.
    package var free: Int64 = 2

    package init() {}

    /// What one run takes, and what of it may go.
    package struct Run: Hashable, Sendable {
        /// How far the run has come.
        package enum State: Hashable, Sendable {
            /// Charon has all of it, or will never take it; with `setAside`, it could not take some messages.
            case delivered(setAside: Bool)
            /// `waiting` bytes of output are not with Charon, `spare` bytes are.
            ///
            /// Both as allocated on disk.
            case undelivered(waiting: Int64, spare: Int64)
            /// Nobody's to touch: another release's, or at its gate.
            case unknown
        }

        package let directory: RunDirectory
        package let state: State
        package let use: DiskUse

        package init(_ directory: RunDirectory, _ state: State, _ use: DiskUse) {
            self.directory = directory
            self.state = state
            self.use = use
        }
    }

    /// One step towards the budget.
    package enum Action: Hashable, Sendable {
        /// The run becomes a line of the history.
        case retire(RunDirectory)
        /// The output that Charon has goes.
        case free(RunDirectory)
        /// The middle of the output that Charon has not goes too, so that about so many bytes of it stay.
        case cut(RunDirectory, keeping: Int64)
    }

    /// What of an undelivered run's output always stays: some of the longest entries at both of its ends.
    package static let leastKept: Int64 = 65_536
    /// The fewest bytes that are worth a cut.
    package static let leastCut: Int64 = 16_384
    /// What is aimed at beyond the limit, in percent of it, so that not every further line costs a look at all runs.
    package static let lowWater: Int64 = 90

    /// The limit on a file system of which `used` is ours.
    ///
    /// The records never take what is to stay free, however large the budget is.
    package func limit(used: DiskUse, on fileSystem: FileSystem?) -> DiskUse {
        guard let fileSystem else { return limit }
        func least(_ limit: Int64, _ used: Int64, available: Int64, size: Int64) -> Int64 {
            size > 0 ? min(limit, max(used + available - size / 100 * free, 0)) : limit
        }
        return DiskUse(
            bytes: least(limit.bytes, used.bytes, available: fileSystem.available.bytes, size: fileSystem.size.bytes),
            files: least(limit.files, used.files, available: fileSystem.available.files, size: fileSystem.size.files))
    }

    /// What has to go of `runs`, so that they and `other` files keep within `limit`; nothing while they do.
    package static func actions(_ runs: [Run], other: DiskUse, limit: DiskUse) -> [Action] {
        var total = runs.reduce(other) { $0 + $1.use }
        guard total.exceeds(limit) else { return [] }
        let aim = DiskUse(
            bytes: total.bytes > limit.bytes ? limit.bytes / 100 * lowWater : limit.bytes,
            files: total.files > limit.files ? limit.files * lowWater / 100 : limit.files)
        var actions: [Action] = []
        for run in runs.filter(\.isDelivered).sorted(by: Run.goesFirst) {
            guard total.exceeds(aim) else { break }
            actions.append(.retire(run.directory))
            total -= run.use
        }
        let undelivered = runs.compactMap(Undelivered.init).sorted { $0.directory.run < $1.directory.run }
        for run in undelivered.sorted(by: { $0.spare > $1.spare }) where run.spare >= leastCut {
            guard total.bytes > aim.bytes else { break }
            actions.append(.free(run.directory))
            total.bytes -= run.spare
        }
        guard total.bytes > aim.bytes else { return actions }
        let waiting = undelivered.map(\.waiting)
        let room = aim.bytes - (total.bytes - waiting.reduce(0, +))
        let kept = max(level(of: waiting, room: room), leastKept)
        for run in undelivered where run.waiting >= kept + leastCut {
            actions.removeAll { $0 == .free(run.directory) }
            actions.append(.cut(run.directory, keeping: kept))
        }
        return actions
    }

    /// The largest number so that `sizes`, each cut down to it, fit into `room`: a run that wrote little loses nothing
    /// because of one that wrote much.
    private static func level(of sizes: [Int64], room: Int64) -> Int64 {
        var room = max(room, 0)
        var left = Int64(sizes.count)
        for size in sizes.sorted() {
            guard size * left > room else {
                room -= size
                left -= 1
                continue
            }
            return room / left
        }
        return .max
    }
}

/// A run of which something must still reach Charon.
private struct Undelivered {
    let directory: RunDirectory
    let waiting: Int64
    let spare: Int64

    /// Nil for any other run.
    init?(_ run: DiskBudget.Run) {
        guard case .undelivered(let waiting, let spare) = run.state else { return nil }
        directory = run.directory
        self.waiting = max(waiting, 0)
        self.spare = max(spare, 0)
    }
}

extension DiskBudget.Run {
    fileprivate var isDelivered: Bool { if case .delivered = state { true } else { false } }

    /// The oldest first; those of which Charon has not all come after the others.
    fileprivate static func goesFirst(_ a: Self, _ b: Self) -> Bool {
        let hasSetAside = (a.state == .delivered(setAside: true), b.state == .delivered(setAside: true))
        return hasSetAside.0 == hasSetAside.1 ? a.directory.run < b.directory.run : hasSetAside.1
    }
}

extension DiskUse {
    /// Whether it is more than `limit`, in bytes or in files.
    package func exceeds(_ limit: DiskUse) -> Bool { bytes > limit.bytes || files > limit.files }
}
