import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("The control socket's calls of people")
struct DaemonControlTests {
    private let root = Peer(uid: 0)

    private func service(_ host: Host) -> ControlService {
        ControlService(host.daemon, policies: Policies(), version: "1.2.3")
    }

    @Test("A parameter of the wrong kind is named, whichever it is")
    func wrongParameters() async throws {
        let service = service(try Host())
        func parameter(_ reply: VarlinkReply) -> String? {
            reply.error?.hasSuffix(".InvalidParameter") == true ? reply.parameters["parameter"]?.string : nil
        }
        let wrong: [String: [JSON]] = [
            "slug": [7, true, []], "limit": ["1", 0, -1, .real(1.5)], "before": [7, "", "yesterday"],
            "after": [7, []],
        ]
        for (name, values) in wrong {
            for value in values {
                let json = JSON.object([.init(name, value)])
                if name != "after" { #expect(parameter(await service.list(json, root)) == name, "\(json)") }
                if name == "limit" || name == "after" {
                    #expect(parameter(await service.outbox(json, root)) == name, "\(json)")
                }
                if name == "after" { #expect(parameter(await service.status(json, root)) == name, "\(json)") }
            }
        }
        for (name, values) in [
            "slug": [7, "../x", ""], "application": [7, "a/b"], "cron_id": [7, ""], "execute": ["yes", 1],
        ]
            as [String: [JSON]]
        {
            for value in values {
                let members = [JSON.Member("slug", "nightly"), JSON.Member(name, value)]
                #expect(parameter(await service.probe(.object(members), root)) == name, "\(name) \(value)")
            }
        }
        #expect(parameter(await service.probe([:], root)) == "slug")
        // What is null counts as left out, and a limit beyond the most is no mistake.
        let none: JSON = ["slug": .null, "limit": .null, "before": .null, "after": .null]
        #expect(await service.list(none, root).error == nil)
        #expect(await service.outbox(["limit": 1_000_000], root).error == nil)
    }

    @Test("Status tells how each application does, and when it answered and failed")
    func status() async throws {
        let host = try Host()
        func application() async throws -> JSON {
            try #require(await host.daemon.status(for: root).parameters["applications"]?.array?.first)
        }
        var one = try await application()
        #expect(one["name"] == "default" && one["url"] == "https://charon.test/api")
        #expect(one["breaker"] == "closed" && one["reachable"] == true && one["backlog"] == 0)
        #expect(one["open_until"] == nil && one["last_success"] == nil && one["last_error"] == nil)
        let before = Instant.now()
        let run = try request(at: .now()) { $0.whenUnreachable = .run }
        let handles = try await host.run(run)
        one = try await application()
        let success = try #require(one["last_success"]?.string.flatMap { Instant(rfc3339: $0.utf8) })
        #expect(success >= before && success <= .now())

        host.charon.with { $0.outage = .refused }
        try handles.started()
        try handles.write("one")
        try handles.ended(stdout: 1)
        try await eventually("the breaker") { try await application()["breaker"] == "open" }
        one = try await application()
        #expect(one["reachable"] == false && one["backlog"] == 1)
        #expect(one["open_until"]?.string.flatMap { Instant(rfc3339: $0.utf8) }.map { $0 > before } == true)
        #expect(one["last_error"]?["text"]?.string?.contains("connection refused") == true)
        #expect(one["last_error"]?["at"]?.string.flatMap { Instant(rfc3339: $0.utf8) }.map { $0 >= success } == true)
        #expect(one["last_success"]?.string == success.rfc3339)
        #expect(await host.daemon.status(for: root, after: "default").parameters["applications"] == [])
        #expect(await host.daemon.status(for: root, after: "a").parameters["applications"]?.array?.count == 1)
        // Nothing of this is a user's.
        let mine = await host.daemon.status(for: Peer(uid: 71)).parameters
        #expect(mine["applications"] == [] && mine["more"] == false)
        #expect(!mine.description.contains("charon.test"))
        host.charon.with { $0.outage = nil }
        #expect(await host.isDelivered(run))
    }

    @Test("The list has the newest runs, the newest last, and goes on before any of them")
    func list() async throws {
        let host = try Host(FakeCharon(["a": true, "b": true]))
        let names = ["b", "a", "b", "a", "a"]
        let runs = try names.enumerated().map { try request($1, at: .now() + (Double($0) - 60)) }
        for run in runs { _ = try directory(host, run).create(run) }
        func list(_ json: JSON) async -> (runs: [String?], more: Bool?) {
            let reply = await service(host).list(json, root).parameters
            return (reply["runs"]?.array?.map { $0["run"]?.string } ?? [], reply["more"]?.bool)
        }
        let all = runs.map(\.run.text)
        #expect(await list([:]) == (all, false))
        #expect(await list(["limit": 2]) == (Array(all[3...]), true))
        #expect(await list(["limit": 2, "before": .string(all[3])]) == (Array(all[1...2]), true))
        #expect(await list(["limit": 2, "before": .string(all[1])]) == ([all[0]], false))
        #expect(await list(["slug": "b"]) == ([all[0], all[2]], false))
        #expect(await list(["slug": "b", "limit": 1]) == ([all[2]], true))
    }

    private func directory(_ host: Host, _ run: RunRequest) -> RunDirectory {
        RunDirectory(state: host.state, slug: run.slug, run: run.run)
    }

    @Test("No reply is longer than a client takes, and none of the runs is left out")
    func longReplies() async throws {
        let host = try Host()
        let runs = try (0..<80).map { try request(at: .now() + (Double($0) - 3600)) }
        var delivery = DeliveryRecord()
        // Each character takes six bytes in JSON.
        delivery.note = String(repeating: "\u{1}", count: 5000)
        for run in runs {
            _ = try directory(host, run).create(run)
            try directory(host, run).write(delivery, durability: .process)
        }
        var found: [String] = []
        var parts = 0
        var more = true
        while more {
            let json: JSON = ["before": found.first.map { .string($0) }]
            let reply = await service(host).list(json, root)
            #expect(reply.frame.count <= ControlInterface.longestMessage)
            let part = reply.parameters["runs"]?.array?.compactMap { $0["run"]?.string } ?? []
            try #require(!part.isEmpty)
            found = part + found
            parts += 1
            more = reply.parameters["more"]?.bool ?? false
        }
        #expect(parts > 1)
        #expect(found == runs.map(\.run.text))
    }

    @Test("A page ends at its limit, or at the bytes that a message has room for")
    func page() {
        func fill(_ page: Page, _ elements: JSON...) -> (added: [Bool], page: Page) {
            var page = page
            return (elements.map { page.add($0) }, page)
        }
        var (added, page) = fill(Page(limit: 2), "a", "b")
        #expect(added == [true, true] && !page.isCut)
        (added, page) = fill(page, "c")
        #expect(added == [false] && page.isCut && page.elements == ["a", "b"])
        // Nothing after a gap: what follows would come twice, or never.
        (added, page) = fill(Page(limit: 10, bytes: 10), "1234", "12345", "1")
        #expect(added == [true, false, false] && page.isCut && page.elements == ["1234"])
    }
}
