import ArgumentParser
import CharonCall
import CharonCore
import Glibc

/// `charon-call`: one authenticated REST call as a job.
@main
struct CharonCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "charon-call",
        abstract: "Make a REST call from a YAML file: authenticate, send, wait, and end with an exit code that tells.",
        discussion: """
            The file says what is sent and what the answers mean; secrets come from files, the environment and systemd \
            credentials, never from the command line. Tokens are kept in a cache of this user's own.

            Exit status: \(CallExit.allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ")).
            """)

    @Argument(help: "The call file.")
    var file: String?

    @Argument(help: ArgumentHelp("Values of the file's variables.", valueName: "name=value"))
    var variables: [String] = []

    @Flag(help: "Print what would be sent, without secrets, and send nothing.")
    var dryRun = false

    @Flag(help: "Have the API check the request without executing it, by the header that the file names.")
    var serverDryRun = false

    @Flag(help: "Check the file, and list its variables.")
    var check = false

    @Flag(help: "Print no progress: only the output of the file, warnings and errors.")
    var quiet = false

    @Flag(help: "Print the JSON Schema of call files, for editors.")
    var schema = false

    @Flag(help: "Print the reference of all keys, in Markdown.")
    var reference = false

    func validate() throws {
        guard (file != nil) != (schema || reference) else {
            throw ValidationError("name a call file, or say --schema or --reference")
        }
        guard [dryRun, serverDryRun, check].count(where: { $0 }) <= 1 else {
            throw ValidationError("--dry-run, --server-dry-run and --check exclude each other")
        }
        for variable in variables where !variable.contains("=") || variable.hasPrefix("=") {
            // What stands there may be a secret that was meant for somewhere else.
            throw ValidationError("behind the file, each argument must be name=value")
        }
    }

    func run() async throws {
        // What is printed is not what a call is for: it goes on when nobody reads any more.
        signal(SIGPIPE, SIG_IGN)
        let isLevelled = ["CHARON_SLUG", "JOURNAL_STREAM"].contains { Self.variable($0) != nil }
        guard let file else {
            return print(schema ? CallReference.schema.description : CallReference.markdown, terminator: "")
        }
        let printer = Printer(isLevelled: isLevelled, isQuiet: quiet)
        let call: CallFile
        do {
            call = try CallFile.load(file)
        } catch {
            printer.print(Line(.error, "\(error)"))
            throw ArgumentParser.ExitCode(CallExit.configuration.rawValue)
        }
        guard !check else {
            printer.print(
                Line(.output, (["\(file): no mistakes"] + call.summary.map { "  \($0)" }).joined(separator: "\n")))
            return
        }
        let pairs = variables.map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        }
        let arguments = Dictionary(pairs.map { ($0[0], $0[1]) }) { _, last in last }
        let program = CallProgram(path: file, arguments: arguments, printer: printer) { Self.variable($0) }
        let exit = await program.run(serverDryRun ? .serverDryRun : dryRun ? .dryRun : .call, call)
        guard exit == .done else { throw ArgumentParser.ExitCode(exit.rawValue) }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
