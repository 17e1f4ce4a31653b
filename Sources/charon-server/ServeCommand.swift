import ArgumentParser
import CharonServer
import Glibc
import Logging

/// `charon-server serve`: runs the server until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the API over plain HTTP until SIGTERM or SIGINT.",
        discussion: """
            Prints 'listening on URL' on stdout when it accepts connections; its log goes to stderr. A signal stops it \
            after the requests under way, with exit code 0.

            The options called test aids make it a difficult server to test clients with: it then answers in another \
            form, late, wrongly or not at all, and logs every fault that it injected. They are not for use in earnest. \
            '--dialect help' and '--fault help' list the names.
            """
    )

    @OptionGroup var database: DatabaseOptions

    @Option(help: .init("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var listen = ListenAddress.standard

    @Flag(help: "Allow an address that other hosts reach. Keys and messages then cross the network unencrypted.")
    var allowRemote = false

    @Option(help: .init("The path that all calls begin with.", valueName: "path"))
    var basePath = "/api"

    @Option(
        help: .init(
            "When a call is answered: 'full', after it is on the disk; 'normal', sooner: a power cut may undo it.",
            valueName: "full|normal")
    )
    var durability = Store.Durability.full

    @Option(help: .init("Test aid: delay every answer by so many milliseconds.", valueName: "ms"))
    var latency = 0

    @Option(help: .init("Test aid: accept at most so many connections at a time.", valueName: "n"))
    var connections: Int?

    @Option(
        help: .init("Test aid: answer the documented calls in that form.", valueName: "name"),
        transform: { name in
            if name == "help" { ServeCommand.exit(withError: CleanExit.message(Dialect.list)) }
            return try Dialect(name)
        }
    )
    var dialect = Dialect.standard

    @Option(
        help: .init(
            """
            Test aid: let that go wrong with the documented calls, or with CALL only (can-start, start, message or \
            end), at a rate of 0 to 1. May be given several times.
            """,
            valueName: "name[@call][:rate]"),
        transform: { text in
            if text == "help" { ServeCommand.exit(withError: CleanExit.message(Fault.list)) }
            return try Fault(text)
        }
    )
    var fault: [Fault] = []

    @Option(
        help: .init(
            "Test aid: draw the faults from that number, so that they can be repeated. Default: a new one, logged.",
            valueName: "n")
    )
    var faultSeed: UInt64?

    @Flag(help: "Test aid: do not look at Idempotency-Key, as a server that does not know it.")
    var ignoreIdempotencyKeys = false

    func validate() throws {
        guard (0...600_000).contains(latency) else { throw ValidationError("--latency is 0 to 600000 ms.") }
        guard connections.map({ $0 > 0 }) ?? true else { throw ValidationError("--connections is at least 1.") }
        guard listen.isLoopback || allowRemote else {
            throw ValidationError(
                "\(listen) can be reached from other hosts over plain HTTP; say --allow-remote if that is meant.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let logger = Logger(label: "charon-server")
        var options = Server.Options()
        options.listen = listen
        options.allowRemote = allowRemote
        options.basePath = basePath
        options.latency = .milliseconds(latency)
        options.connections = connections
        options.dialect = dialect
        options.faults = fault
        options.ignoresIdempotencyKeys = ignoreIdempotencyKeys
        if let faultSeed { options.faultSeed = faultSeed }
        if !fault.isEmpty {
            let faults = fault.map(\.description).joined(separator: " ")
            logger.info("faults will be injected", metadata: ["faults": "\(faults)", "seed": "\(options.faultSeed)"])
        }
        let store = try database.open(create: true, durability: durability)
        if try store.keys().allSatisfy({ $0.revokedAt != nil }) {
            logger.warning("no API key is valid, so every request is refused; add one with 'charon-server key add'")
        }
        try await Server(store: store, options: options, logger: logger).run { url in
            print("listening on \(url)")
            fflush(nil)
        }
    }
}

extension ListenAddress: ExpressibleByArgument {
    /// Nil for what `ListenAddress` does not read.
    package init?(argument: String) { try? self.init(argument) }

    package var defaultValueDescription: String { description }
}

extension Store.Durability: ExpressibleByArgument {}
