import CLinux
import CharonAPI
import CharonControl
import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import CharonSupervisor
import CharonSystemd
import Glibc
import Logging

/// The host's daemon, as charon.yaml or the environment describes it.
struct SystemDaemon {
    private static let defaultConfig = "/etc/charon/charon.yaml"

    private let settings: Settings
    private let state: String
    private let socket: String
    private let isLastGood: Bool
    /// Nil without a configuration file, and so without job files.
    private let store: SettingsStore?
    private let jobFiles: String
    private let log = DaemonLog.logger()

    init(_ options: DaemonOptions) throws {
        let path = options.config ?? Self.defaultConfig
        if options.config == nil, access(path, F_OK) != 0 {
            settings = try EnvironmentSettings.read()
            isLastGood = false
            store = nil
        } else {
            // Where the last good copy is cannot depend on the file that may be bad.
            let store = SettingsStore(
                path: path, stateDirectory: options.state ?? Settings().state, checks: Self.checks)
            self.store = store
            let loaded = try store.load()
            settings = loaded.settings
            isLastGood = loaded.isLastGood
            if loaded.isLastGood { Console.error("charond: \(path) cannot be used; going on with the last good copy") }
            if let problem = loaded.problem { Console.error("\(problem)") }
        }
        jobFiles = (path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".") + "/jobs.d"
        state = options.state ?? settings.state
        socket = options.socket ?? settings.socket
    }

    private static let checks = Settings.Checks(
        url: { text, allowPlainHTTP in
            do throws(CharonError) {
                _ = try BaseURL(text, allowPlainHTTP: allowPlainHTTP)
                return nil
            } catch {
                return error.message
            }
        },
        pointer: { JSONPointer($0) == nil ? JSONPointer.rule : nil }
    )

    /// Reads keys and CA files as a start would; throws what is wrong with them, or with the file itself.
    func check() async throws {
        if isLastGood { throw CharonError(.configuration, "the configuration cannot be used") }
        try await Transports.with { transports in
            for application in settings.applications.values { _ = try transports.application(application) }
        }
    }

    /// Serves until a signal stops it.
    func run(_ signals: Signals, _ variables: ServiceVariables) async throws {
        try await Transports.with { try await run(signals, $0, variables) }
    }

    private func run(_ signals: Signals, _ transports: Transports, _ variables: ServiceVariables) async throws {
        let notifier = try Notifier(variables)
        let applications = try settings.applications.values.map { try transports.application($0, self.log) }
        try RecordFile.makeDirectory(state)
        let lock = try DaemonLock.take(state, waitingSeconds: 0)
        defer { withExtendedLifetime(lock) {} }
        let directory = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
        try RecordFile.makeDirectory(directory, mode: 0o755)
        var configuration = Daemon.Configuration(state: state, published: directory)
        configuration.policies.whenUnreachable = settings.whenUnreachable
        configuration.policies.whenUnregistered = settings.whenUnregistered
        configuration.policies.whenUncertain = settings.whenUncertain
        configuration.offExitCode = settings.offExitCode
        configuration.limits = DeliveryLimits(settings)
        configuration.retention.runs = settings.keep.runs
        configuration.retention.age = settings.keep.age
        let budget = settings.diskBudget
        configuration.budget.limit = DiskUse(bytes: budget.bytes.bytes, files: budget.files)
        configuration.budget.free = budget.free
        let wrapped = settings.wrapped
        let rights = Rights(
            state: state, isPrivate: false,
            readers: (try? RecordFile.read("/etc/group")).flatMap {
                $0.flatMap { Rights.readingGroup(in: String(decoding: $0, as: UTF8.self)) }
            },
            isWrapped: { uid, slug in wrapped[uid]?.contains { $0.matches(slug) } ?? false },
            isReserved: { slug in wrapped.values.contains { $0.contains { $0.matches(slug) } } })
        let book = ApplicationBook(
            applications, defaultName: settings.defaultApplication ?? "default", ofUsers: settings.applicationOfUser)
        var published = PublishedPolicy()
        published.whenUnreachable = settings.whenUnreachable
        published.offExitCode = settings.offExitCode
        try published.write(to: directory)
        let passed = try ListenSocket.take(variables).first
        let listener = try passed?.descriptor ?? listen()
        let log = log
        let reload: @Sendable (Daemon, JobScheduler?) async -> JobScheduler.Reload? = { daemon, jobs in
            notifier.reloading()
            let changed = transports.readKeys(log)
            for name in changed { await daemon.goOn(application: name) }
            log.notice("keys read again", metadata: ["changed": "\(changed.joined(separator: " "))"])
            let reload = await jobs?.reload()
            notifier.ready(status: await jobs?.status ?? "")
            return reload
        }
        let service = try DaemonService(
            configuration, book, rights, listener: listener, log: log, jobs: source(), scopes: await RunScopes(),
            reread: reload)
        // Thousands of runs may have to be taken up again.
        notifier.extendTimeout(by: .seconds(300))
        try await service.start()
        let (daemon, jobs) = (service.daemon, service.jobs)
        notifier.ready(status: await jobs?.status ?? "")
        log.info("started", metadata: ["socket": "\(socket)", "state": "\(state)"])
        let heartbeat = Task { await Heartbeat(service: service, notifier: notifier).run() }
        let signal = await signals.untilStop { _ = await reload(daemon, jobs) }
        log.info("stopping", metadata: ["signal": "\(signal)"])
        notifier.stopping()
        heartbeat.cancel()
        // A socket of the service manager's stays, and calls wait in it for the next daemon.
        if passed == nil { unlink(socket) }
        await service.stop()
    }

    /// A socket of one's own; the lock is ours, so whatever stands at its place is a dead daemon's.
    private func listen() throws(SystemError) -> Descriptor {
        unlink(socket)
        let listener = clinux_listen(socket, 0o666, 1024)
        guard listener >= 0 else { throw SystemError("listen", errno: -listener, socket) }
        return Descriptor(owning: listener)
    }

    /// Where the jobs are; nil where there is no configuration file that could stand beside them.
    private func source() -> JobScheduler.Source? {
        guard let store else { return nil }
        let (jobFiles, settings) = (jobFiles, settings)
        let directory = jobFiles.lastIndex(of: "/").map { String(jobFiles[..<$0]) } ?? "."
        let names = Set(settings.applications.keys)
        return JobScheduler.Source(directories: [directory, jobFiles]) {
            var terms = JobTerms()
            terms.host = Seed.host()
            // As they are now, or as they were when they could be used last.
            let now = try? store.load()
            terms.defaults = now?.settings.defaults ?? settings.defaults
            var loaded = JobLoader(terms).load(directory: jobFiles)
            loaded.problems = (now?.problem?.problems ?? []) + loaded.problems
            loaded.refuse(unknownApplicationsBut: names)
            return loaded
        }
    }
}
