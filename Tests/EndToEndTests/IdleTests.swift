import Testing

/// A daemon with nothing to do sleeps until something comes.
@Suite(.serialized)
struct IdleTests {
    /// How often each thread of a process has waited for something.
    private static func waits(of pid: Int32) -> [String: Substring] {
        var waits: [String: Substring] = [:]
        for thread in entries(of: "/proc/\(pid)/task") {
            let status = text(of: "/proc/\(pid)/task/\(thread)/status").split(separator: "\n")
            waits[thread] = status.first { $0.hasPrefix("voluntary_ctxt_switches:") }
        }
        return waits
    }

    @Test func nothingWakesItWhileThereIsNothingToDo() async throws {
        try await Site.running("idle") { site in
            #expect(try await site.run("idle", script: "true").exitCode == 0)
            _ = try await site.delivered("idle")
            let daemon = try #require(site.daemon).pid
            let before = Self.waits(of: daemon)
            _ = try await site.control("status")
            #expect(Self.waits(of: daemon) != before, "the instrument sees a call")
            // Connections that are kept, and what follows a run, are over by and by.
            var last = Self.waits(of: daemon)
            try await eventually("five seconds without a wake-up", within: 120) {
                try await Task.sleep(for: .seconds(5))
                defer { last = Self.waits(of: daemon) }
                return Self.waits(of: daemon) == last
            }
        }
    }
}
