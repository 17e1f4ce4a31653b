import CharonCore
import CharonSchedule

/// What a mapping of a job file or the `defaults` of `charon.yaml` say of a job, before anything is demanded of it.
package struct JobDraft: Hashable, Sendable {
    var schedules: [Schedule] = []
    var timezone: String?
    var command: JobCommand?
    var user: String?
    var group: String?
    var environment: [EnvironmentVariable] = []
    var cronID: CronID?
    var isEnabled = true
    var options = JobOptions()

    /// Without any defaults of an operator's own.
    package init() {}
}
