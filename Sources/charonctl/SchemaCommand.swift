import ArgumentParser
import CharonCore
import CharonJobs

/// `charonctl schema [jobs|charon|reference]`.
struct SchemaCommand: ParsableCommand {
    enum Subject: String, ExpressibleByArgument, CaseIterable { case jobs, charon, reference }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of job files or of charon.yaml, for editors, or the reference of their keys.",
        discussion: """
            The schemas are of draft 2020-12. An editor with the YAML language server takes one by a first line such as \
            '# yaml-language-server: $schema=/usr/share/charon/jobs.schema.json'. The reference is Markdown.

            Exit status: 0.
            """)

    @Argument(help: "jobs (job files), charon (charon.yaml) or reference.")
    var subject = Subject.jobs

    func run() {
        switch subject {
        case .jobs: print(KeyTable.jobFileSchema)
        case .charon: print(KeyTable.settingsSchema)
        case .reference: print(KeyReference.markdown, terminator: "")
        }
    }
}
