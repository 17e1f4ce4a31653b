extension Job {
    /// The PATH of a job that sets none, as cron's.
    package static let usualPath = "/usr/bin:/bin"

    /// The environment that the job's command gets: cron's, then the variables of its files, then its own.
    ///
    /// cron's is empty but for HOME, LOGNAME, USER, SHELL, PATH and, if the daemon has one, TZ. `files` are the
    /// variables of the environment files, in their order. A later variable replaces an earlier one of its name.
    package func environment(
        of account: Account, files: [EnvironmentVariable] = [], timeZone: String? = nil
    ) -> [EnvironmentVariable] {
        var variables = [
            EnvironmentVariable("HOME", account.home), EnvironmentVariable("LOGNAME", account.name),
            EnvironmentVariable("USER", account.name), EnvironmentVariable("SHELL", "/bin/sh"),
            EnvironmentVariable("PATH", Self.usualPath),
        ]
        if let timeZone { variables.append(EnvironmentVariable("TZ", timeZone)) }
        for variable in files + environment {
            if let index = variables.firstIndex(where: { $0.name == variable.name }) {
                variables[index] = variable
            } else {
                variables.append(variable)
            }
        }
        return variables
    }
}
