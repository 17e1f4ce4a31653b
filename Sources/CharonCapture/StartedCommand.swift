import CLinux
import CharonCore
import CharonRuns
import Glibc

/// A command that was forked with its pipes and has its line in the record; it waits for its release.
struct StartedCommand {
    var child: clinux_child
    let signals: Int32
    let pumps: [Pump]
    let writer: RecordWriter?
    let memory: MappedMemory
    let terminal: Terminal?
    var complaint: CharonError?

    /// The step before the exec that failed.
    struct Failure: Error {
        let step: String
        let errno: Int32
    }

    /// The largest part of a stream that is read at once: what a pipe holds.
    private static let chunkSize = 64 * 1024

    /// The signals that the supervisor acts on; those that its caller ignored stay ignored.
    private static let handled = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT]

    /// - Parameter entry: the signal state of the caller, for the command.
    init(_ request: CaptureRequest, entry: clinux_signals) throws(Failure) {
        let refusal = clinux_become_subreaper()
        guard refusal == 0 else { throw Failure(step: "prctl", errno: refusal) }
        signals = clinux_signals_open(Self.bits(Self.handled) & ~entry.ignored | Self.bits([SIGCHLD]))
        guard signals >= 0 else { throw Failure(step: "signalfd", errno: -signals) }
        guard let memory = MappedMemory(size: Self.chunkSize) else { throw Failure(step: "mmap", errno: ENOMEM) }
        self.memory = memory
        terminal = Terminal()
        let output = try Self.pipe()
        let errors = try Self.pipe()
        defer {
            close(output.write)
            close(errors.write)
        }
        (writer, complaint) = Self.writer(for: request.record)
        pumps = [
            Self.pump(.stdout, output.read, request, to: STDOUT_FILENO, isRecorded: writer != nil),
            Self.pump(.stderr, errors.read, request, to: STDERR_FILENO, isRecorded: writer != nil),
        ]
        child = try Self.spawn(request, entry, terminal, output: output.write, error: errors.write)
    }

    /// Lets the command go on to its exec.
    mutating func release() { clinux_release(&child) }

    /// The name of the step in a failure.
    static func step(of failure: clinux_failure) -> String {
        withUnsafeBytes(of: failure.step) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func bits(_ signals: [Int32]) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1 - 1) } }

    private static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: (read: Int32, write: Int32) = (-1, -1)
        let error = clinux_capture_pipe(&ends.read, &ends.write)
        guard error == 0 else { throw Failure(step: "pipe", errno: error) }
        return ends
    }

    private static func writer(for record: CaptureRequest.RecordFiles?) -> (RecordWriter?, CharonError?) {
        guard let record else { return (nil, nil) }
        do {
            return (try RecordWriter(descriptor: record.output), nil)
        } catch {
            return (nil, CharonError(.record, "the output of the run is not recorded: \(error)"))
        }
    }

    private static func pump(
        _ stream: LogLine.Stream, _ source: Int32, _ request: CaptureRequest, to target: Int32, isRecorded: Bool
    ) -> Pump {
        Pump(
            source: source, target: request.passThrough ? PassThrough(to: target) : nil,
            recorder: isRecorded ? LineRecorder(stream) : nil)
    }

    private static func spawn(
        _ request: CaptureRequest, _ entry: clinux_signals, _ terminal: Terminal?, output: Int32, error: Int32
    ) throws(Failure) -> clinux_child {
        let command = CStringArray(request.command)
        let environment = CStringArray(request.environment)
        var child = clinux_child()
        var failure = clinux_failure()
        let result = withUnsafePointer(to: entry) { signals in
            var spawn = clinux_spawn(
                argv: command.pointers, envp: environment.pointers, output: output, error: error,
                own_session: terminal == nil ? 1 : 0, terminal: terminal?.isGivenFirst == true ? STDIN_FILENO : -1,
                signals: signals, descriptor_limit: nil)
            return withExtendedLifetime((command, environment)) { clinux_spawn(&spawn, &child, &failure) }
        }
        guard result == 0 else { throw Failure(step: step(of: failure), errno: failure.error) }
        return child
    }
}
