import ArgumentParser
import CharonServer
import Glibc

/// The database that every command works on.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .long,
        help: .init(
            "The SQLite database. Default: the environment variable CHARON_SERVER_DATABASE.", valueName: "file")
    )
    var database: String?

    mutating func validate() throws {
        if database == nil, let value = getenv("CHARON_SERVER_DATABASE") { database = String(cString: value) }
        guard let database, !database.isEmpty else {
            throw ValidationError("Say which database with --database FILE or CHARON_SERVER_DATABASE.")
        }
    }

    /// Opens it; only with `create` is a missing file made.
    func open(create: Bool, durability: Store.Durability = .full) throws -> Store {
        try Store(path: database ?? "", durability: durability, create: create)
    }
}
