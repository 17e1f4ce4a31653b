import CharonCapture
import CharonControl
import CharonCore
import CharonLevels
import CharonRuns
import Glibc

/// From the best to the last: a daemon that answers, one that is silent, a private one, none at all.
///
/// Whatever rung a run comes to stand on, its exit code is the command's.
struct Ladder {
    /// Whether the command runs, and where it is recorded.
    enum Decision {
        case run(RunDirectory.Handles?)
        case skip(exitCode: Int32)
        /// This line is wrong, or not this user's: the command does not run.
        case refuse(String)
    }

    /// How long a daemon may be silent before the policy decides.
    private static let patience = TimeSpan.seconds(3)
    /// For how long a daemon that ends or is full while it is asked is tried again, in microseconds.
    private static let retryTime: UInt32 = 2_000_000
    /// For how long one that says that it is busy is; it is there, so its gate is worth the wait.
    private static let busyTime: UInt32 = 60_000_000
    private static let pause: UInt32 = 100_000
    /// Whoever floods the queue of connections fills each free place at once, so one has to look often.
    private static let shortPause: UInt32 = 10_000

    private var request: RunCall
    private let environment = Environment()
    /// Read where a private daemon is needed: the host's has its own.
    private var credentials: Environment.Credentials?
    private var state: String?
    private var isLocal = false
    private var isPrivate = false
    /// What is to be run, and what came of forking it while the daemon was asked.
    private(set) var command: CaptureRequest
    private(set) var held: HeldCommand?
    /// A daemon that is busy is asked often, which is no reason to fork as often.
    private var isFirstAsk = true
    /// What the daemon says of the run: the application that it is reported to, and Charon's id of it, if it has one.
    private(set) var application: String?
    private(set) var execution: String?

    init(_ request: RunCall, _ command: CaptureRequest) {
        self.request = request
        self.command = command
    }

    mutating func begin() -> Decision {
        var waited: UInt32 = 0
        var busy: UInt32 = 0
        while waited < Self.retryTime, busy < Self.busyTime {
            var pause = Self.pause
            do {
                var client = try connect()
                if let decision = try ask(&client) { return decision }
                busy += pause
                usleep(pause)
                continue
            } catch let failure as ControlClient.Failure {
                // A daemon that was restarted knows the run by its id: asking again is safe.
                guard case .closed = failure else { return decideAlone("charond does not answer") }
            } catch let error as SystemError {
                switch error.errno {
                case EAGAIN: pause = Self.shortPause
                // The service manager restarts a daemon within seconds.
                case ECONNREFUSED: break
                default: return decideAlone("no charond: \(error)")
                }
            } catch {
                // A key that may not be used must not keep the command from running.
                return decideAlone("no charond: \(error)")
            }
            waited += pause
            usleep(pause)
        }
        return decideAlone("charond could not be reached")
    }

    /// The host's daemon if its socket is there, else the user's own if the environment says where it reports to.
    private mutating func connect() throws -> ControlClient {
        let missing: SystemError
        do throws(SystemError) {
            isPrivate = false
            return try ControlClient(path: environment.systemSocket)
        } catch {
            // Refused: there is a daemon, it is just being restarted; EAGAIN: it is busy.
            guard [ENOENT, ENOTDIR, EACCES, ECONNREFUSED].contains(error.errno) else { throw error }
            missing = error
        }
        guard !environment.isSocketGiven else { throw missing }
        credentials = try Environment.credentials()
        guard let key = credentials?.key else { throw missing }
        command.redaction.hide(secret: key.utf8)
        request.redact(command.redaction)
        guard let state = findState() else {
            throw SystemError("mkdir", errno: EROFS, "no state directory can be written (XDG_STATE_HOME, HOME, TMPDIR)")
        }
        isPrivate = true
        return try PrivateDaemon.connect(state)
    }

    private mutating func findState() -> String? {
        if state == nil { state = StateDirectory.find() }
        return state
    }

    /// Nil if the daemon is too busy to answer now.
    private mutating func ask(_ client: inout ControlClient) throws -> Decision? {
        var call = VarlinkCall(
            method: ControlInterface.Method.begin.fullName,
            parameters: request.parameters(isPrivate ? credentials : nil))
        call.more = true
        // A daemon that is full says so and closes, maybe before it was asked.
        do { try client.send(call, timeout: Self.patience) } catch ControlClient.Failure.closed {}
        // If this fails it fails again, and is said, when the command may run.
        var waiting = isFirstAsk ? try? HeldCommand(command) : nil
        isFirstAsk = false
        defer { waiting?.abandon() }
        let reply = try lastReply(&client, waiting)
        if let error = reply.error { return refusal(error, reply.parameters) }
        guard reply.parameters["state"]?.string == "run" else {
            let code = reply.parameters["exit_code"]?.integer.flatMap { UInt8(exactly: $0) } ?? 0
            return .skip(exitCode: Int32(code))
        }
        let handles = client.takeDescriptors()
        guard handles.count == 2 else { throw ControlClient.Failure.unreadable }
        application = reply.parameters["application"]?.string
        execution = reply.parameters["execution"]?.string
        held = waiting
        waiting = nil
        return .run(RunDirectory.Handles(supervisor: handles[0], output: handles[1]))
    }

    /// The reply after those that only say that the daemon is still at work.
    ///
    /// A signal has the effect that it has on a process that waits.
    private func lastReply(_ client: inout ControlClient, _ waiting: HeldCommand?) throws -> VarlinkReply {
        var signals = waiting?.signals ?? -1
        while true {
            do {
                let reply = try client.receive(timeout: Self.patience, interruptedBy: signals)
                if !reply.continues || reply.error != nil { return reply }
            } catch ControlClient.Failure.interrupted {
                if waiting?.letSignalsAct() == false { signals = -1 }
            }
        }
    }

    private mutating func refusal(_ error: String, _ parameters: JSON) -> Decision? {
        let reason = parameters["reason"]?.string ?? parameters["parameter"]?.string ?? ""
        switch error.split(separator: ".").last {
        case "Busy": return nil
        case "RecordFailed": return decideAlone("charond cannot record the run: \(reason)", mayRecord: false)
        default: return .refuse("charond refuses \(request.slug): \(reason.isEmpty ? error : reason)")
        }
    }

    /// Without an answer: Charon's last one, where the policy asks for it, and a local record if one can be made.
    private mutating func decideAlone(_ reason: String, mayRecord: Bool = true) -> Decision {
        if let code = exitCodeWithoutRun() {
            warn("\(reason); \(request.slug) does not run (--when-unreachable)")
            return .skip(exitCode: code)
        }
        if mayRecord, let state = findState(), let (_, handles) = try? LocalRecords.create(request, state: state) {
            isLocal = true
            warn("\(reason); \(request.slug) runs and is reported later")
            return .run(handles)
        }
        warn("\(reason); \(request.slug) runs without a record")
        return .run(nil)
    }

    /// Nil if the command runs, as the line, the daemon's configuration and Charon's last answer say.
    private func exitCodeWithoutRun() -> Int32? {
        let directory = environment.systemSocket.lastIndex(of: "/").map { environment.systemSocket[..<$0] } ?? "."
        let published = PublishedPolicy(from: String(directory))
        switch request.whenUnreachable ?? published.whenUnreachable {
        case .run: return nil
        case .skip: return 0
        case .last:
            let places = [String(directory)] + (state.map { ["\($0)/run"] } ?? [])
            let names =
                request.application.map { [$0] }
                ?? [GateMemory.defaultApplication(of: geteuid()), GateMemory.defaultApplication]
            let answers = names.flatMap { name in
                places.compactMap {
                    GateMemory(directory: "\($0)/gate/\(name)").answer(for: request.slug, at: .now())
                }
            }
            return answers.first ?? true ? nil : Int32(published.offExitCode)
        }
    }

    /// After the command: hands local records in, and waits for delivery, for at most `wait` or until a signal comes.
    ///
    /// `isStillWritten`: descendants of the command still write into its record.
    mutating func finish(wait: TimeSpan, endedBy signals: Int32, isStillWritten: Bool) {
        let socket = isPrivate ? state.map { "\($0)/charond.sock" } : environment.systemSocket
        if let socket {
            let own = isLocal ? LocalRecords.Own(run: request.run, isStillWritten: isStillWritten) : nil
            for state in StateDirectory.withRecords {
                LocalRecords.handIn(state: state, own: own, to: socket, isPrivate ? credentials : nil)
            }
        }
        guard wait.milliseconds > 0, var client = try? connect() else { return }
        let call = VarlinkCall(
            method: ControlInterface.Method.awaitDelivery.fullName,
            parameters: ["run": .string(request.run.text), "slug": .string(request.slug.text)])
        guard (try? client.send(call, timeout: wait)) != nil,
            let reply = try? client.receive(timeout: wait, interruptedBy: signals),
            reply.parameters["delivered"]?.bool == true
        else {
            return warn("\(request.slug) is not reported yet; what is recorded is reported later")
        }
    }

    private func warn(_ text: String) { StandardDescriptors.complain(command.redaction.redacted(text)) }
}
