extension Settings {
    /// What other modules demand of a value, so that a mistake is reported with its position.
    ///
    /// Each returns what is wrong, or nil; its text must not repeat the value.
    package struct Checks: Sendable {
        /// For `url`, with the value of `allow_plain_http`.
        package var url: @Sendable (String, Bool) -> String?
        /// For each of `pointers`.
        package var pointer: @Sendable (String) -> String?

        /// By default only the forms of URLs and pointers are checked.
        package init(
            url: @escaping @Sendable (String, Bool) -> String? = { text, _ in
                text.hasPrefix("https://") || text.hasPrefix("http://") ? nil : "must begin with https:// or http://"
            },
            pointer: @escaping @Sendable (String) -> String? = { text in
                text.hasPrefix("/") ? nil : "must be a JSON pointer (RFC 6901), as in /data/active"
            }
        ) {
            self.url = url
            self.pointer = pointer
        }
    }

    /// Reads the text of a `charon.yaml`; `file` stands before each problem.
    ///
    /// User names are looked up in `users`. Throws everything that is wrong.
    package static func parse(
        text: String, file: String, users: UserTable = UserTable(passwd: ""), checks: Checks = Checks()
    ) throws(SettingsError) -> Settings {
        let problems = ProblemList(file: file)
        let document = YAMLDocument.read(text, problems)
        try problems.check()
        guard let document else { return Settings() }
        let parser = SettingsParser(problems: problems, users: users, checks: checks)
        let settings = parser.settings(document)
        try problems.check()
        return settings
    }
}
