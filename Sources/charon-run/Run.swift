import CharonCapture
import CharonCore
import CharonJournald
import CharonLevels
import CharonRuns
import Glibc

/// One run, from the command line to the exit code.
enum Run {
    /// As process 1 nothing outlives charon-run, so it waits for the delivery.
    private static let usualWaitAsInit = TimeSpan.seconds(10)

    static func main(_ arguments: [[UInt8]]) -> Int32 {
        let secrets = RedactionRules(environment: ChildEnvironment.current)
        do {
            switch try OptionParser.parse(arguments) {
            case .help: return print(Help.text)
            case .version: return print(Help.version + "\n")
            case .run(let options): return try run(try withOwnDescriptors(options), secrets)
            }
        } catch {
            StandardDescriptors.complain(secrets.redacted("\(error)"))
            return ExitCode.ownFailure
        }
    }

    private static func print(_ text: String) -> Int32 {
        Swift.print(text, terminator: "")
        return 0
    }

    /// The inherited descriptors of a record are for this process alone.
    private static func withOwnDescriptors(_ options: Options) throws(CharonError) -> Options {
        for descriptor in [options.record?.supervisor, options.record?.output, options.hold].compactMap(\.self) {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
                throw CharonError(.usage, "--record, --hold: descriptor \(descriptor) is not open")
            }
        }
        return options
    }

    private static func run(_ options: Options, _ secrets: RedactionRules) throws -> Int32 {
        var redaction = secrets
        for glob in options.redactions { redaction.hide(glob) }
        if let record = options.record {
            // The daemon says in the environment which run it is.
            let given = getenv("CHARON_RUN_ID").flatMap { RunID(String(cString: $0)) }
            let setup = try options.setup.map(ChildSetup.init(reading:))
            let environment = setup?.environment.map { Array($0.utf8) }
            if let environment { redaction.hide(secretsOf: environment) }
            var request = request(options, record, given, redaction, environment ?? ChildEnvironment.current)
            request.setup = setup
            for glob in setup?.redactions ?? [] {
                if let glob = try? RedactionGlob(glob.utf8) { request.redaction.hide(glob) }
            }
            var options = options
            options.levels = setup?.levels.flatMap { try? LevelRules(json: $0) }
            request.journal = journal(
                options, run: given, application: options.application, execution: options.execution)
            if let hold = options.hold {
                request.hasScope = true
                waitForEnd(of: hold)
            }
            return capture(request).exitCode
        }
        let call = RunCall(options, redaction)
        var command = request(options, nil, call.run, redaction, ChildEnvironment.current)
        var ladder = Ladder(call, command)
        switch ladder.begin() {
        case .refuse(let reason): throw CharonError(.permission, reason)
        case .skip(let code): return code
        case .run(let handles):
            command.record = handles.map {
                CaptureRequest.RecordFiles(supervisor: $0.supervisor.number, output: $0.output.number)
            }
            command.redaction = ladder.command.redaction
            command.journal = journal(
                options, run: call.run, application: ladder.application ?? options.application,
                execution: ladder.execution, isRecorded: handles != nil)
            let result = withExtendedLifetime(handles) { capture(command, ladder.held) }
            let wait = options.wait ?? (getpid() == 1 ? usualWaitAsInit : .seconds(0))
            ladder.finish(
                wait: wait, endedBy: result.signals, isStillWritten: !result.ended.holders.isEmpty)
            return result.exitCode
        }
    }

    /// Waits until the other end of a pipe is closed: then the run's scope holds this process.
    private static func waitForEnd(of descriptor: Int32) {
        let pipe = Descriptor(owning: descriptor)
        var byte: UInt8 = 0
        while read(pipe.number, &byte, 1) > 0 || errno == EINTR {}
    }

    private static func request(
        _ options: Options, _ record: CaptureRequest.RecordFiles?, _ run: RunID?, _ redaction: RedactionRules,
        _ environment: [[UInt8]]
    ) -> CaptureRequest {
        let environment = ChildEnvironment.scrub(environment, slug: options.slug, runID: run)
        var request = CaptureRequest(command: options.command, environment: environment)
        request.passThrough = !options.isQuiet
        request.timeout = options.timeout
        request.stopGrace = options.stopGrace
        request.stopSignal = options.stopSignal.number
        request.record = record
        request.redaction = redaction
        return request
    }

    /// What goes to the journal; nil if nothing does.
    private static func journal(
        _ options: Options, run: RunID?, application: String?, execution: String?, isRecorded: Bool = true
    ) -> JournalRequest? {
        guard let level = options.journalLevel else { return nil }
        var journal = JournalRequest()
        journal.level = level
        if let levels = options.levels { journal.levels = levels }
        journal.stream = .ofEnvironment
        if let path = getenv("CHARON_JOURNAL_SOCKET") { journal.socket = String(cString: path) }
        journal.fields.add("SYSLOG_IDENTIFIER", options.slug.text)
        journal.fields.add("CHARON_SLUG", options.slug.text)
        journal.fields.add("CHARON_RUN", run?.text)
        journal.fields.add("CHARON_APPLICATION", application)
        journal.fields.add("CHARON_EXECUTION", execution)
        if isRecorded, let run { journal.otherPlace = "charonctl logs \(run)" }
        return journal
    }

    private static func capture(_ request: CaptureRequest, _ held: HeldCommand? = nil) -> CaptureResult {
        let result = Capture.run(request, held)
        if case .couldNotStart(let step, let errno) = result.outcome {
            let name = request.setup?.object(of: step) ?? String(decoding: request.command[0], as: UTF8.self)
            StandardDescriptors.complain(request.redaction.redacted("\(SystemError(step, errno: errno, name))"))
        }
        if let complaint = result.complaint { StandardDescriptors.complain("\(complaint)") }
        return result
    }
}
