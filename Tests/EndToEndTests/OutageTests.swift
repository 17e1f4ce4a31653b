import CharonCore
import Testing

/// An outage of Charon goes on when the daemon is started anew.
@Suite(.serialized)
struct OutageTests {
    private func breaker(_ site: Site) async throws -> String? {
        try await site.control("status", "--json").json()["applications"]?.array?.first?["breaker"]?.string
    }

    @Test func anOpenBreakerOutlivesTheDaemon() async throws {
        try await Site.running("job") { site in
            #expect(try await breaker(site) == "closed")
            let memory = "\(site.state)/breakers/default"
            try await site.stopServer()
            #expect(try await site.run("job", script: "true").exitCode == 0)
            try await eventually("the open breaker") { text(of: memory).contains(#""failed_at""#) }
            try await site.stopDaemon()
            try await site.startDaemon()
            // Nobody has asked Charon yet but for what waits, which the breaker holds back.
            #expect(try await breaker(site) != "closed")
            try await site.serve()
            try await eventually("the closed breaker", within: 90) { try await breaker(site) == "closed" }
            try await eventually("its file is gone") { text(of: memory).isEmpty }
            #expect(try await site.ended("job", within: 90).success == true)
        }
    }
}
