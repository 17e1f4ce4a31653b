import CharonCore
import CharonLevels

/// Secrets that everyone reads who can read the job file, or the list of processes.
extension Check {
    mutating func lookAtSecrets(_ job: Job) {
        for variable in EnvironmentVariable.secrets(among: job.environment) where !variable.value.hasPrefix("/") {
            add(
                .literalSecret, job,
                "the value of \(variable.name) stands in the job file: put it into a file of mode 600 and name that in "
                    + "\"environment_files\"")
        }
        let words =
            switch job.command {
            case .words(let words): words
            case .shell(let text): text.split(whereSeparator: \.isWhitespace).map(String.init)
            }
        guard words.contains(where: Self.holdsSecret) else { return }
        add(
            .literalSecret, job,
            "\"command\" holds a secret, which the list of processes shows to everyone: have the program read it from a "
                + "file or from its environment")
    }

    private static let names = ["password", "passwd", "token", "secret", "api-key", "api_key", "apikey"]
    /// How tokens of known kinds begin.
    private static let prefixes = ["sk_live_", "ghp_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA"]

    private static func holdsSecret(_ word: String) -> Bool {
        if prefixes.contains(where: { word.contains($0) && word.utf8.count >= $0.utf8.count + 12 }) { return true }
        if String(decoding: Redactor.redact(word.utf8, RedactionRules()), as: UTF8.self) != word { return true }
        let parts = word.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let first = parts[1].first(where: { $0 != "\"" && $0 != "'" }) else { return false }
        // A variable of the shell, a file or a command's output is no secret itself.
        guard first != "$", first != "/", first != "@", first != "`" else { return false }
        let name = parts[0].lowercased()
        return names.contains { name.hasSuffix($0) }
    }
}
