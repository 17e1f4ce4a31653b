import ArgumentParser
import CharonCore
import CharonServer

/// `charon-server key`: gives API keys out and takes them back.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Add and revoke API keys, one for each application.",
        subcommands: [Add.self, Revoke.self, List.self])

    /// `key add LABEL`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once: the database keeps only its hash.")

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "The application's name.") var label: String

        func run() throws { print(try database.open(create: true).addKey(label)) }
    }

    /// `key revoke LABEL`.
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key invalid, for ever and at once.")

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "The label of a valid key.") var label: String

        func run() throws { try database.open(create: false).revokeKey(label) }
    }

    /// `key list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the keys: added, revoked or valid, label. Never the keys themselves.")

        @OptionGroup var database: DatabaseOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() throws {
            let keys = try database.open(create: false).keys()
            guard !json else { return print(JSON.array(keys.map(\.json))) }
            for key in keys { print(key.createdAt, key.revokedAt ?? "valid", key.label, separator: "\t") }
        }
    }
}
