import CLinux
import CharonCore
import CharonJobs
import CharonRuns
import Glibc

/// The program that supervises a run, `charon-run`, as the daemon starts it.
package struct Supervisor: Sendable {
    package let path: String

    /// The program at `path`; without one, `charon-run` beside the running program, else the one in /usr/bin.
    package init(path: String? = nil) {
        if let path {
            self.path = path
            return
        }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.lastIndex(of: "/").map { "\(own[..<$0])/charon-run" } ?? ""
        self.path = access(beside, X_OK) == 0 ? beside : "/usr/bin/charon-run"
    }

    /// What a supervisor of a job is started with.
    struct Order: Sendable {
        let start: JobStart
        let request: RunRequest
        let setup: ChildSetup
        let execution: ExecutionID?
        let handles: RunDirectory.Handles
        /// The end of a pipe whose other end holds it back; nil if nothing does.
        let hold: Descriptor?
    }

    /// Starts it; its pid.
    func start(_ order: Order) throws(SystemError) -> Int32 {
        let setup = order.setup.json.bytes
        let number = clinux_sealed_memory("setup", setup, setup.count)
        guard number >= 0 else { throw SystemError("memfd_create", errno: -number) }
        let memory = Descriptor(owning: number)
        var descriptors = [order.handles.supervisor.number, order.handles.output.number, memory.number]
        if let hold = order.hold { descriptors.append(hold.number) }
        let words: [UnsafeMutablePointer<CChar>?] = Self.words(order).map { strdup($0) }
        let environment: [UnsafeMutablePointer<CChar>?] = Self.environment(of: order.request.run).map { strdup($0) }
        defer { for text in words + environment { free(text) } }
        var pid: pid_t = 0
        let error = withExtendedLifetime((memory, order)) {
            clinux_start_supervisor(
                path, words + [nil], environment + [nil], STDERR_FILENO, descriptors, Int32(descriptors.count), &pid)
        }
        guard error == 0 else { throw SystemError("spawn", errno: error, path) }
        return pid
    }

    private static func words(_ order: Order) -> [String] {
        let options = order.start.job.options
        var words = ["charon-run", "--record", "3:4", "--setup", "5", "--quiet"]
        if order.hold != nil { words += ["--hold", "6"] }
        words += ["--application", order.request.application]
        if let execution = order.execution { words.append("--execution=\(execution)") }
        if let timeout = options.timeout { words += ["--timeout", "\(timeout.milliseconds)ms"] }
        words += ["--stop-signal", "\(options.stopSignal)", "--stop-grace", "\(options.stopGrace.milliseconds)ms"]
        words += ["--journal-level", options.journalLevel?.name ?? "none"]
        return words + [order.request.slug.text, "--"] + order.start.job.command.arguments
    }

    /// What the supervisor itself needs; the command's environment comes with the setup.
    private static func environment(of run: RunID) -> [String] {
        let names = ["CHARON_JOURNAL_SOCKET", "JOURNAL_STREAM", "TZ"]
        let kept = names.compactMap { name -> String? in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        return ["PATH=\(Job.usualPath)", "CHARON_RUN_ID=\(run)"] + kept
    }
}
