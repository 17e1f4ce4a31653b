package import CharonCore

/// The tables of keys, as the reference, the JSON Schema and their tests read them.
package enum KeyTable {
    /// The keys of a job, in parts with their headings.
    package static let job: [(heading: String, keys: [KeyDescription])] = [
        ("When a job runs", JobKeys.when.map(\.description)),
        ("What is run, and by whom", JobKeys.what.map(\.description)),
        ("The surroundings of the process", JobKeys.surroundings.map(\.description)),
        ("What a run may take", JobKeys.bounds.map(\.description)),
        ("What Charon's answers mean", JobKeys.charon.map(\.description)),
        ("What becomes of the output", JobKeys.output.map(\.description)),
    ]

    /// The keys of `charon.yaml`.
    package static let settings = SettingsKeys.all.map(\.description)

    /// JSON Schema (draft 2020-12) of a job file.
    ///
    /// It tells an editor most of what the daemon would refuse; `user` may come from `defaults`.
    package static let jobFileSchema: JSON = [
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A job file of charond",
        "type": "object", "additionalProperties": false,
        "properties": [
            "jobs": [
                "type": ["object", "null"], "propertyNames": ["pattern": .string(Schema.slugPattern)],
                "additionalProperties": Schema.mapping(job.flatMap(\.keys), required: ["command"]),
            ]
        ],
    ]

    /// JSON Schema (draft 2020-12) of `charon.yaml`.
    package static let settingsSchema: JSON = {
        var members: [JSON.Member] = [
            JSON.Member("$schema", "https://json-schema.org/draft/2020-12/schema"),
            JSON.Member("title", "The configuration of charond"),
        ]
        members += Schema.mapping(settings).members ?? []
        return .object(members)
    }()
}
