/// The findings about jobs that are good in themselves; the loader's own are `SettingsError.Problem.Code`.
package enum FindingCode: String, Hashable, Sendable, CaseIterable {
    case unknownUser = "unknown-user"
    case unknownGroup = "unknown-group"
    case unknownApplication = "unknown-application"
    case commandNotFound = "command-not-found"
    case commandNotExecutable = "command-not-executable"
    case missingInterpreter = "missing-interpreter"
    case commandOfOthers = "command-of-others"
    case crontabPercent = "crontab-percent"
    case missingDirectory = "missing-directory"
    case forbiddenDirectory = "forbidden-directory"
    case missingEnvironmentFile = "missing-environment-file"
    case badEnvironmentFile = "bad-environment-file"
    case openEnvironmentFile = "open-environment-file"
    case neverRuns = "never-runs"
    case rarelyRuns = "rarely-runs"
    case runsTwice = "runs-twice"
    case alsoWrapped = "also-wrapped"
    case overlapRisk = "overlap-risk"
    case timeoutOverInterval = "timeout-over-interval"
    case literalSecret = "literal-secret"

    /// Whether the job cannot run as it is.
    package var severity: Finding.Severity {
        switch self {
        case .unknownUser, .unknownGroup, .unknownApplication, .commandNotFound, .commandNotExecutable,
            .missingInterpreter, .missingDirectory, .forbiddenDirectory, .missingEnvironmentFile, .badEnvironmentFile:
            .error
        case .commandOfOthers, .crontabPercent, .openEnvironmentFile, .neverRuns, .rarelyRuns, .runsTwice, .alsoWrapped,
            .overlapRisk, .timeoutOverInterval, .literalSecret:
            .warning
        }
    }
}
