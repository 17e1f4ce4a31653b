import CLinux
import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Logging
import Synchronization
import Testing

/// A fixed time for the tests of what is pure.
let noon = Instant(seconds: 1_780_000_000)

extension Instant {
    static func + (time: Instant, seconds: Double) -> Instant { time.advanced(bySeconds: seconds) }
}

func slug(_ text: String = "nightly") throws -> Slug { try #require(Slug(text)) }

func request(
    _ name: String = "nightly", uid: UInt32 = 0, at: Instant = noon, _ change: (inout Policies) -> Void = { _ in }
) throws -> RunRequest {
    var request = RunRequest(
        run: RunID(at: at), slug: try slug(name), application: "default", argv: ["true"], uid: uid, askedAt: at)
    change(&request.policies)
    return request
}

extension NoAnswer {
    static let silence = NoAnswer(reason: "no answer in time", detail: "silence", isServerFault: true)
}

/// Waits for something that other threads or processes do; the time is a limit, not a measure.
func eventually(
    _ what: Comment = "", seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("did not happen in \(seconds) s: \(what)", sourceLocation: sourceLocation)
    throw Missed()
}

struct Missed: Error {}

/// A number that several tasks count up.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}

/// A directory of its own under the system's temporary one, gone with the last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/charon-supervisor-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if rmdir(path) == 0 || unlink(path) == 0 { return }
        for name in (try? RecordFile.names(in: path)) ?? [] { remove("\(path)/\(name)") }
        rmdir(path)
    }
}

/// Stops a daemon with the test that had it: runs that nobody ends would be followed until the last test.
private final class DaemonEnd: Sendable {
    private let daemon: Daemon

    init(_ daemon: Daemon) { self.daemon = daemon }

    deinit {
        let daemon = daemon
        Task { await daemon.stop(patience: .seconds(0)) }
    }
}

/// A daemon on a temporary state directory, with a Charon in memory.
struct Host {
    let directory: TemporaryDirectory
    let state: String
    let charon: FakeCharon
    let daemon: Daemon
    private let end: DaemonEnd
    /// The group that may read all runs.
    static let readers: UInt32 = 4

    init(
        _ charon: FakeCharon = FakeCharon(), state: String? = nil, isPrivate: Bool = false,
        log: any LogHandler = SwiftLogNoOpLogHandler(), _ change: (inout Daemon.Configuration) -> Void = { _ in }
    ) throws {
        try self.init(charon, in: TemporaryDirectory(), state: state, isPrivate: isPrivate, log: log, change)
    }

    private init(
        _ charon: FakeCharon, in directory: TemporaryDirectory, state: String?, isPrivate: Bool,
        log: any LogHandler, _ change: (inout Daemon.Configuration) -> Void
    ) throws {
        self.directory = directory
        self.charon = charon
        let state = state ?? directory.path + "/state"
        self.state = state
        try RecordFile.makeDirectory(state)
        var configuration = Daemon.Configuration(state: state, published: directory.path + "/run")
        configuration.isPrivate = isPrivate
        change(&configuration)
        let log = Logger(label: "test") { _ in log }
        let application = Application(name: "default", url: "https://charon.test/api", transport: charon, log: log)
        daemon = try Daemon(
            configuration, applications: ApplicationBook([application]),
            rights: Rights(
                state: state, isPrivate: isPrivate, readers: Self.readers,
                isWrapped: { uid, slug in uid == 71 && slug.text == "wrapped" },
                isReserved: { $0.text == "wrapped" }),
            log: log)
        end = DaemonEnd(daemon)
    }

    /// A later daemon on the same state, as after a crash of this one, which is left to itself.
    func successor(log: any LogHandler = SwiftLogNoOpLogHandler()) throws -> Host {
        try Host(charon, in: directory, state: state, isPrivate: false, log: log) { _ in }
    }

    func parameters(_ request: RunRequest) throws -> BeginParameters {
        var json: JSON = [
            "run": .string(request.run.text), "slug": .string(request.slug.text), "argv": ["true"],
            "asked_at": .string(request.askedAt.rfc3339),
        ]
        let policies = request.policies
        guard case .object(var members) = json else { throw Missed() }
        members.append(.init("when_unreachable", .string(policies.whenUnreachable.rawValue)))
        members.append(.init("overlap", .string(policies.overlap.rawValue)))
        json = .object(members)
        return try BeginParameters(
            json, peer: Peer(uid: request.uid), defaults: Policies(), application: "default", at: .now())
    }

    func begin(_ request: RunRequest, isGone: @escaping @Sendable () -> Bool = { false }) async throws
        -> Daemon.Beginning
    {
        await daemon.begin(try parameters(request), peer: Peer(uid: request.uid), isGone: isGone)
    }

    /// Begins a run that must be allowed, and hands it over.
    func run(_ request: RunRequest) async throws -> RunDirectory.Handles {
        guard case .run(let handles) = try await begin(request) else {
            Issue.record("the run was not allowed")
            throw Missed()
        }
        await daemon.handedOver(request, wasTaken: true)
        return handles
    }

    func directory(_ request: RunRequest) -> RunDirectory {
        RunDirectory(state: state, slug: request.slug, run: request.run)
    }

    func delivery(_ request: RunRequest) throws -> DeliveryRecord {
        try #require(try directory(request).delivery())
    }

    func isDelivered(_ request: RunRequest) async -> Bool {
        await daemon.awaitDelivery(request.run, for: Peer(uid: 0)).parameters["delivered"] == true
    }

    var history: [JSON] {
        let bytes = ((try? RecordFile.read(state + "/history.jsonl")) ?? nil) ?? []
        return bytes.split(separator: 0x0A).compactMap { try? JSON.parse($0) }
    }
}

/// A supervisor's part, played by the test with the descriptors that it was given.
extension RunDirectory.Handles {
    func started(child: ProcessIdentity? = nil, group: Int32? = nil) throws {
        let own = ProcessIdentity(pid: getpid(), startTime: clinux_start_time(getpid()))
        let child = child ?? ProcessIdentity(pid: Int32.max - 1, startTime: 1)
        let started = SupervisorRecord.Started(
            boot: Orphan.bootID(), at: .now(), supervisor: own, child: child, group: group ?? child.pid)
        try supervisor.write(SupervisorRecord.started(started).line)
    }

    func write(_ text: String, _ stream: LogLine.Stream = .stdout, isPartial: Bool = false) throws {
        let entry = "\(Instant.now().rfc3339) \(stream.rawValue) \(isPartial ? "P" : "F") \(text)\n"
        try output.write(entry.utf8)
    }

    func ended(_ outcome: RunOutcome = .exited(code: 0), stdout: Int64 = 0, stderr: Int64 = 0) throws {
        var ended = SupervisorRecord.Ended(at: .now(), outcome: outcome, exitCode: ExitCode.of(outcome))
        ended.outputBytes = try output.size
        ended.stdoutLines = stdout
        ended.stderrLines = stderr
        ended.duration = TimeSpan(milliseconds: 1500)
        try supervisor.write(SupervisorRecord.ended(ended).line)
    }
}
