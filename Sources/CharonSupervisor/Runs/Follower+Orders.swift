import CharonCore
import CharonRuns
import Logging

/// What others have a follower do between two of its own steps.
extension Follower {
    /// Does what an operator has ordered.
    func obey(_ progress: inout Progress) async {
        for given in orders.take() {
            var result = Resend.Result()
            switch given.order {
            case .goOn: progress.machine.goOn()
            case .drop(let reason): progress.machine.drop(reason)
            case .resend:
                progress.machine.goOn()
                let record = record
                if let application = application() {
                    result = await Resend(record: record).run(&progress.machine, application) {
                        await record.write($0)
                    }
                } else {
                    result.reason = "the application's key is not known"
                }
            }
            await persist(&progress)
            given.continuation?.resume(returning: result)
        }
    }

    /// Tells the disk budget how large the output has become.
    func count(_ size: Int64, _ progress: inout Progress) {
        context.growth.add(bytes: max(size - progress.countedBytes, 0))
        progress.countedBytes = max(size, progress.countedBytes)
    }

    /// Does what the disk budget demands: a gap is written down before its bytes go.
    func cut(_ progress: inout Progress) async {
        guard let keeping = cutOrder.take() else { return }
        let before = progress.machine.record
        if let gap = await record.gap(in: before, keeping: keeping, until: progress.view.ended) {
            progress.machine.record.dropped.add(gap)
        }
        guard await persist(&progress) else {
            progress.machine.record = before
            return
        }
        let dropped = progress.machine.record.dropped
        if dropped != before.dropped {
            let metadata = record.metadata(["lines": "\(dropped.lines)", "bytes": "\(dropped.bytes)"])
            context.log.report(.outputDropped, "output dropped for the disk budget", .warning, metadata)
        }
        CrashPoint.afterGapRecord.reached()
        await record.free(progress.machine.record, until: progress.view.ended)
    }
}
