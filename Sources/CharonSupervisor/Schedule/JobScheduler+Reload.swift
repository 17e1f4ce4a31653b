import CharonCore
package import CharonJobs
import CharonSchedule
import Logging

extension JobScheduler {
    /// What a reading of the files has changed, and what is wrong in them.
    package struct Reload: Sendable {
        package var changes: JobChanges
        package var problems: [SettingsError.Problem]
        package var notices: [SettingsError.Problem]
    }

    /// Reads the files again and puts what they say in force; what runs goes on.
    ///
    /// `isAsked`: somebody waits for it, so that it is said even if nothing has changed.
    package func reload(isAsked: Bool = true) async -> Reload {
        settling?.cancel()
        settling = nil
        watchAgain()
        let read = await read()
        // What is due by now goes by what was in force: nothing fires because of an edit.
        wake()
        let changes = JobChanges(from: scheduler.jobs, to: read)
        for slug in changes.removed where scheduler.running(slug) > 0 { leaving[slug] = scheduler.job(slug) }
        let isNews = !changes.isEmpty || read.problems != loaded.problems
        loaded = read
        perform(scheduler.replace(changes.jobs))
        writeKnown()
        await daemon.own(changes.jobs)
        guard isAsked || isNews else {
            return Reload(changes: changes, problems: [], notices: read.notices)
        }
        log.notice(
            "job files read",
            metadata: [
                "jobs": "\(changes.jobs.count)", "added": "\(changes.added.count)",
                "changed": "\(changes.changed.count)", "removed": "\(changes.removed.count)",
                "kept": "\(changes.kept.count)",
            ])
        tell(read)
        return Reload(changes: changes, problems: read.problems, notices: read.notices)
    }

    /// Files have changed: they are read when they rest.
    func settle() {
        settling?.cancel()
        settling = Task {
            await Wakeup.sleep(for: Self.settleTime)
            if !Task.isCancelled { _ = await reload(isAsked: false) }
        }
    }

    /// At most so many problems go to the log one by one.
    private static let mostTold = 50

    func tell(_ read: LoadedJobs) {
        for problem in read.problems.prefix(Self.mostTold) {
            log.error("job refused", metadata: ["problem": "\(problem)"])
        }
        if read.problems.count > Self.mostTold {
            log.error("more jobs refused", metadata: ["count": "\(read.problems.count - Self.mostTold)"])
        }
        for notice in read.notices.prefix(Self.mostTold) { log.warning("\(notice)") }
    }
}
