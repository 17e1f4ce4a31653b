/// The tables of keys, as the reference, the JSON Schema and their tests read them.
package enum KeyTable {
    /// A part of the keys of a job, with its heading.
    package static let job: [(heading: String, keys: [KeyDescription])] = [
        ("When a job runs", JobKeys.when.map(\.description)),
        ("What is run, and by whom", JobKeys.what.map(\.description)),
        ("The surroundings of the process", JobKeys.surroundings.map(\.description)),
        ("What a run may take", JobKeys.bounds.map(\.description)),
        ("What Charon's answers mean", JobKeys.charon.map(\.description)),
        ("What becomes of the output", JobKeys.output.map(\.description)),
    ]
}
