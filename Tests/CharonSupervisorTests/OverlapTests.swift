import CharonAPI
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The daemon: overlapping runs of one slug")
struct OverlapTests {
    @Test("allow: both run")
    func allow() async throws {
        let host = try Host()
        _ = try await host.run(request(at: .now()))
        _ = try await host.run(request(at: .now()))
        #expect(host.charon.executions.count == 2)
    }

    @Test("skip: the later one is skipped while the earlier one runs, and only then")
    func skip() async throws {
        let host = try Host(FakeCharon(["nightly": true, "other": true]))
        let first = try await host.run(request(at: .now()))
        let later = try request(at: .now()) { $0.overlap = .skip }
        guard case .skip(.overlap) = try await host.begin(later) else {
            Issue.record("not skipped")
            return
        }
        #expect(host.history.map { $0["outcome"] } == [RunOutcome.skipped(.overlap).json])
        _ = try await host.run(request("other", at: .now()) { $0.overlap = .skip })
        // An outage of Charon keeps the earlier run in delivery, not running.
        host.charon.with { $0.outage = .refused }
        try first.started()
        try first.ended()
        try await eventually("the end of the first") {
            await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 1
        }
        _ = try await host.run(request(at: .now()) { $0.overlap = .skip })
    }

    @Test("wait: the later ones run one after the other, and Charon is asked when it is their turn")
    func wait() async throws {
        let host = try Host()
        let first = try await host.run(request(at: .now()))
        let finished = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                let run = try request(at: .now()) { $0.overlap = .wait }
                group.addTask {
                    let handles = try await host.run(run)
                    #expect(await host.daemon.status(for: Peer(uid: 0)).parameters["active"] == 1)
                    try handles.started()
                    try handles.ended()
                    finished.add()
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            #expect(host.charon.requests(.canStart).count == 1)
            try first.started()
            try first.ended()
            try await group.waitForAll()
        }
        #expect(finished.value == 3)
        #expect(host.charon.executions.count == 4)
    }
}
