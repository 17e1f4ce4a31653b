import CharonControl
import CharonCore
import Glibc

/// Reads the output of runs, each from where it left off, and prints it.
struct LogReading {
    /// One run whose output is read.
    private struct Source {
        let run: RunID
        var next: Int64 = 0
        var isDone = false
    }

    private let request: LogRequest
    private var printer: LogPrinter
    /// Those of which more may come.
    private var sources: [Source] = []
    /// The runs of the cron that were taken up or passed over.
    private var seen: Set<RunID> = []
    /// Runs that have ended before are not looked for any more.
    private let begun = Instant.now()

    /// How long after a look with nothing new the next one comes: a line is shown within half a second.
    private static let pause: UInt32 = 250_000
    /// How long after a look without a daemon.
    private static let pauseWithoutDaemon: UInt32 = 1_000_000

    init(_ request: LogRequest) {
        self.request = request
        var showsRuns = request.follows || request.since != nil
        if case .run = request.target { showsRuns = false }
        printer = LogPrinter(isJSON: request.isJSON, showsRuns: showsRuns, showsEnds: request.follows)
    }

    /// Prints what there is; false if there is nothing to be read.
    mutating func begin(_ daemon: inout DaemonConnection) throws(CharonError) -> Bool {
        switch request.target {
        case .run(let run): sources = [Source(run: run)]
        case .slug(let slug):
            let limit =
                request.since != nil ? ControlInterface.mostRuns : request.follows ? ControlInterface.usualRuns : 1
            let runs = try runs(of: slug, since: request.since, limit: limit, &daemon)
            seen = Set(runs.map(\.run))
            let last = runs.last?.run
            sources = runs.filter { request.since != nil || $0.isRunning || $0.run == last }.map { Source(run: $0.run) }
        }
        guard !sources.isEmpty else { return false }
        try drain(&daemon)
        return true
    }

    /// Prints what comes, until the one run that was asked for has ended.
    mutating func follow(_ daemon: inout DaemonConnection) throws(CharonError) {
        var isAway = false
        while true {
            if case .run = request.target, sources.isEmpty { return }
            usleep(isAway ? Self.pauseWithoutDaemon : Self.pause)
            do throws(CharonError) {
                if isAway { daemon = try DaemonConnection(socket: request.socket) }
                isAway = false
                try look(&daemon)
                try drain(&daemon)
            } catch {
                guard error.code == .unavailable else { throw error }
                if !isAway { Console.error("charonctl: \(error); waiting for it") }
                isAway = true
            }
        }
    }

    /// Takes up the runs of the cron that have begun since the last look, whenever they were asked for.
    private mutating func look(_ daemon: inout DaemonConnection) throws(CharonError) {
        guard case .slug(let slug) = request.target else { return }
        let since = request.since ?? begun
        for found in try runs(of: slug, since: since, limit: ControlInterface.mostRuns, &daemon)
        where seen.insert(found.run).inserted {
            sources.append(Source(run: found.run))
        }
    }

    /// The runs of a cron that had not ended at a time, the oldest first; without a time the newest `limit`.
    private func runs(
        of slug: Slug, since: Instant?, limit: Int, _ daemon: inout DaemonConnection
    ) throws(CharonError) -> [(run: RunID, isRunning: Bool)] {
        var found: [(run: RunID, isRunning: Bool)] = []
        var before: RunID?
        repeat {
            let reply = try daemon.call(
                .list,
                [
                    "slug": .string(slug.text), "limit": .integer(Int64(limit)),
                    "since": since.map { .string($0.rfc3339) }, "before": before.map { .string($0.text) },
                ])
            var page: [(run: RunID, isRunning: Bool)] = []
            for run in reply["runs"]?.array ?? [] {
                guard let id = run["run"]?.string.flatMap({ RunID($0) }) else { continue }
                page.append((id, run["running"]?.bool ?? false))
            }
            found = page + found
            before = since != nil && reply["more"]?.bool == true ? page.first?.run : nil
        } while before != nil
        return found
    }

    /// Prints all that there is now.
    private mutating func drain(_ daemon: inout DaemonConnection) throws(CharonError) {
        defer {
            printer.flush()
            sources.removeAll(where: \.isDone)
        }
        for index in sources.indices {
            var source = sources[index]
            // Also when the daemon goes away between two parts: what was printed is not printed again.
            defer { sources[index] = source }
            do throws(CharonError) {
                try drain(&source, &daemon)
            } catch {
                // One of a cron's runs may be withdrawn or retired meanwhile.
                guard case .slug = request.target, error.code == .control else { throw error }
                source.isDone = true
            }
        }
    }

    private mutating func drain(_ source: inout Source, _ daemon: inout DaemonConnection) throws(CharonError) {
        while true {
            let reply = try daemon.call(.logs, parameters(source))
            guard reply["kept"]?.bool != false else { throw Self.gone(source.run, reply) }
            printer.print(source.run, reply)
            source.next = reply["next"]?.integer ?? source.next
            guard reply["more"]?.bool != true else { continue }
            source.isDone = reply["ended"]?.bool ?? true || !request.follows
            if source.isDone { printer.end(source.run, reply) }
            return
        }
    }

    private func parameters(_ source: Source) -> JSON {
        [
            "run": .string(source.run.text), "from": .integer(source.next),
            "stream": request.stream.map { .string($0.rawValue) },
            "level": request.level.map { .string($0.rawValue) },
            "since": request.since.map { .string($0.rfc3339) },
        ]
    }

    private static func gone(_ run: RunID, _ reply: JSON) -> CharonError {
        if case .skipped(let reason)? = reply["outcome"].flatMap(RunOutcome.init(json:)) {
            return CharonError(.control, "the run \(run) was skipped (\(reason.rawValue)): it has no output")
        }
        return CharonError(
            .control,
            "the run \(run) is delivered and its output is no longer kept: Charon has it; 'keep' in charon.yaml says how "
                + "much stays")
    }
}
