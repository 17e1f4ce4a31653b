package import CharonCore
package import CharonSchedule

/// What to run for a slug and when: one definition of a job file, checked, with every default filled in.
package struct Job: Hashable, Sendable {
    /// Its key under `jobs`: the cron's name on Charon.
    package let slug: Slug
    /// Where it is defined.
    package let source: JobSource
    /// `schedule`: it is due when any of them is; none for a job that is only started by hand.
    package let schedules: [Schedule]
    /// `timezone`: whose clock the schedules go by; nil for the host's.
    package let timezone: String?
    /// `command`: what is run.
    package let command: JobCommand
    /// `user`: whose right it runs with, as name or uid; nil for the daemon's own user, in a private daemon only.
    package let user: String?
    /// `group`: its primary group, as name or gid; nil for the user's own.
    package let group: String?
    /// `environment`: on top of cron's environment and of the environment files, in the order of the file.
    package let environment: [EnvironmentVariable]
    /// `cron_id`: for the call of start, where Charon's answer does not give it.
    package let cronID: CronID?
    /// `enabled`: whether its schedules count.
    package let isEnabled: Bool
    /// All else; one value for all the jobs that say the same.
    private let shared: Shared<JobOptions>

    /// How it is run and reported.
    package var options: JobOptions { shared.value }

    init(_ draft: JobDraft, slug: Slug, source: JobSource, command: JobCommand, options: Shared<JobOptions>) {
        self.slug = slug
        self.source = source
        self.command = command
        schedules = draft.schedules
        timezone = draft.timezone
        user = draft.user
        group = draft.group
        environment = draft.environment
        cronID = draft.cronID
        isEnabled = draft.isEnabled
        shared = options
    }
}
