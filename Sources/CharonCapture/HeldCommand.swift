import CLinux
import CharonCore
import CharonRuns
import Glibc

/// A command that was forked with its pipes and waits, before its exec, for its release.
///
/// It costs the better part of a millisecond, so it can be made while Charon is asked whether the command may run at all.
package struct HeldCommand {
    /// The step before the exec that failed.
    package struct Failure: Error {
        let step: String
        let errno: Int32
    }

    /// A signalfd(2) of the signals that the supervisor acts on; all signals stay blocked while the command is held.
    package let signals: Int32
    let output: Int32
    let errors: Int32
    let memory: MappedMemory
    let terminal: Terminal?
    private let entry: clinux_signals
    private(set) var child: clinux_child
    private let boot: String
    private let identities: (supervisor: ProcessIdentity, child: ProcessIdentity)

    /// The largest part of a stream that is read at once: what a pipe holds.
    private static let chunkSize = 64 * 1024

    /// The signals that the supervisor acts on; those that its caller ignored stay ignored.
    private static let handled = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT]

    /// Forks; after a failure nothing is left behind and the signals are as they were.
    package init(_ request: CaptureRequest) throws(Failure) {
        var entry = clinux_signals()
        clinux_signals_take(&entry)
        do throws(Failure) {
            try self.init(request, entry)
        } catch {
            clinux_signals_restore(&entry)
            throw error
        }
    }

    private init(_ request: CaptureRequest, _ entry: clinux_signals) throws(Failure) {
        self.entry = entry
        terminal = Terminal()
        var opened: [Int32] = []
        do throws(Failure) {
            let signals = clinux_signals_open(Self.bits(Self.handled) & ~entry.ignored | Self.bits([SIGCHLD]))
            guard signals >= 0 else { throw Failure(step: "signalfd", errno: -signals) }
            opened.append(signals)
            guard let memory = MappedMemory(size: Self.chunkSize) else { throw Failure(step: "mmap", errno: ENOMEM) }
            let output = try Self.pipe()
            defer { close(output.write) }
            opened.append(output.read)
            let errors = try Self.pipe()
            defer { close(errors.write) }
            opened.append(errors.read)
            child = try Self.spawn(
                request, entry, ownSession: terminal == nil, output: output.write, error: errors.write)
            boot = Self.bootID()
            identities = (Self.identity(of: getpid()), Self.identity(of: child.pid))
            self.signals = signals
            self.memory = memory
            self.output = output.read
            self.errors = errors.read
        } catch {
            for descriptor in opened { close(descriptor) }
            throw error
        }
    }

    /// Who runs the command, for the record.
    func started(at now: Instant) -> SupervisorRecord.Started {
        SupervisorRecord.Started(
            boot: boot, at: now, supervisor: identities.supervisor, child: identities.child, group: child.pid)
    }

    /// Lets the command go on to its exec.
    mutating func release() { clinux_release(&child, terminal?.isGivenFirst == true ? 1 : 0) }

    /// Ends the command, which is not to run after all, and puts the signals back as they were.
    package mutating func abandon() {
        clinux_abandon(&child)
        for descriptor in [signals, output, errors] { close(descriptor) }
        var entry = entry
        clinux_signals_restore(&entry)
    }

    /// A signalfd(2) for what follows the run, without the news of children that nobody waits for any more.
    func openInterruptions() -> Int32 { max(clinux_signals_open(Self.bits(Self.handled) & ~entry.ignored), -1) }

    /// Lets the signals that came have the effect that they have without a command; it may be the end of the process.
    ///
    /// False if there are some that the caller has blocked, which wait for the command.
    package func letSignalsAct() -> Bool {
        withUnsafePointer(to: entry) { clinux_signals_let_through($0) }
        var state = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 0
    }

    /// The name of the step in a failure.
    static func step(of failure: clinux_failure) -> String {
        withUnsafeBytes(of: failure.step) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func identity(of pid: Int32) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTime: clinux_start_time(pid))
    }

    private static func bootID() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 37) { text in
            guard let start = text.baseAddress, clinux_boot_id(start) == 0 else { return "" }
            return String(cString: start)
        }
    }

    private static func bits(_ signals: [Int32]) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1 - 1) } }

    private static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: (read: Int32, write: Int32) = (-1, -1)
        let error = clinux_capture_pipe(&ends.read, &ends.write)
        guard error == 0 else { throw Failure(step: "pipe", errno: error) }
        return ends
    }

    private static func spawn(
        _ request: CaptureRequest, _ entry: clinux_signals, ownSession: Bool, output: Int32, error: Int32
    ) throws(Failure) -> clinux_child {
        let command = CStringArray(request.command)
        let environment = CStringArray(request.environment)
        var child = clinux_child()
        var failure = clinux_failure()
        let result = withUnsafePointer(to: entry) { signals in
            Self.withSetup(request.setup) { setup in
                var spawn = clinux_spawn(
                    argv: command.pointers, envp: environment.pointers, output: output, error: error,
                    own_session: ownSession ? 1 : 0, signals: signals, descriptor_limit: nil, setup: setup)
                return withExtendedLifetime((command, environment)) { clinux_spawn(&spawn, &child, &failure) }
            }
        }
        guard result == 0 else { throw Failure(step: step(of: failure), errno: failure.error) }
        return child
    }
}
