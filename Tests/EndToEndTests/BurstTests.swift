import CharonControl
import CharonCore
import CharonRuns
import Glibc
import Testing

/// Many runs that are due in the same second.
@Suite(.serialized)
struct BurstTests {
    /// One caller of `Begin`: its connection, and what it was given.
    private final class Caller {
        let run: RunID
        private var client: ControlClient
        private(set) var reply = VarlinkReply()
        private(set) var descriptors: [Descriptor] = []

        init(_ slug: String, socket: String) throws {
            run = RunID(at: .now())
            client = try ControlClient(path: socket)
            var call = VarlinkCall(
                method: ControlInterface.Method.begin.fullName,
                parameters: ["run": .string(run.text), "slug": .string(slug), "argv": ["true"]])
            call.more = true
            try client.send(call, timeout: .seconds(10))
        }

        /// Waits for the decision, as long as the daemon says that it is there.
        func receive() throws {
            // As long as a wrapper's patience.
            repeat { reply = try client.receive(timeout: .seconds(3)) } while reply.continues
            descriptors = client.takeDescriptors()
        }

        /// Plays the supervisor of a command that succeeds.
        func finish() throws {
            var ended = SupervisorRecord.Ended(at: .now(), outcome: .exited(code: 0), exitCode: 0)
            ended.duration = TimeSpan(milliseconds: 1)
            try #require(descriptors.first).write(SupervisorRecord.ended(ended).line)
            descriptors = []
        }
    }

    /// Sets the soft limit of open descriptors, at most to the hard one.
    private static func setDescriptorLimit(_ count: rlim_t) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(count, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// A slow server delays a burst of starts and ungates none of it: 500 runs at once against 50 ms an answer and 8
    /// connections are all gated, and no start is uncertain.
    @Test func aSlowServerDelaysABurstAndUngatesNone() async throws {
        let slugs = (0..<10).map { "burst-\($0)" }
        try await Site.with { site in
            try await site.serve(slugs, options: ["--latency", "50", "--connections", "8"])
            // The daemon begins with a service's usual limit, and raises it by itself.
            Self.setDescriptorLimit(1024)
            try await site.startDaemon()
            Self.setDescriptorLimit(.max)
            let callers = try (0..<500).map { try Caller(slugs[$0 % 10], socket: site.socket) }
            for caller in callers {
                try caller.receive()
                #expect(caller.reply.parameters["state"] == "run", "\(caller.reply)")
                #expect(caller.descriptors.count == 2)
            }
            #expect(try await site.query("SELECT count(*) AS n FROM executions").first?["n"] == 500)
            for slug in slugs {
                #expect(site.records(of: slug).count == 50)
                for record in site.records(of: slug) {
                    let delivery = try site.json("\(record)/delivery.json")
                    #expect(delivery["gate"] == "yes")
                    #expect(delivery["start"]?["state"] == "answered")
                    #expect(delivery["had_uncertain_start"] == false)
                    #expect(delivery["late"] == false)
                }
            }
            for caller in callers { try caller.finish() }
            let unfinished = "SELECT count(*) AS n FROM executions WHERE success IS NOT 1"
            try await eventually("500 ends", within: 120) { try await site.query(unfinished).first?["n"] == 0 }
            #expect(try await site.query("SELECT count(*) AS n FROM executions").first?["n"] == 500)
            #expect(!site.daemonLog.contains("uncertain"))
        }
    }

    /// More lines of one user than a user may have connections: the daemon says that it is busy, and they wait.
    @Test(.enabled(if: geteuid() == 0, "not root"))
    func moreLinesOfOneUserThanConnectionsAreAllGated() async throws {
        try await Site.with { site in
            try await site.serve(["user"], options: ["--latency", "50", "--connections", "8"])
            try await site.startDaemon()
            let lines = try (0..<160).map { number in
                try site.start("user", command: ["sh", "-c", "exit \(number)"], uid: nobody)
            }
            for (number, line) in lines.enumerated() {
                #expect(try await line.exitCode() == Int32(number))
                #expect(line.standardError == "")
            }
            let executions = try await site.ended("user", count: 160, within: 120)
            #expect(executions.allSatisfy { !$0.message.contains("late") })
        }
    }
}
