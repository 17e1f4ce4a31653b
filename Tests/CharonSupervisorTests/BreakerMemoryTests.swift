import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("An outage that outlives its daemon")
struct BreakerMemoryTests {
    private static let url = "https://charon.example.com/api"
    private let directory: TemporaryDirectory
    private let memory: BreakerMemory
    private let wall = noon + 1_000_000

    init() throws {
        directory = try TemporaryDirectory()
        memory = BreakerMemory(state: directory.path)
    }

    /// Unreachable since `noon`, with the first probe at three quarters of a second.
    private var unreachable: Health {
        var health = Health()
        for _ in 0..<Timing.breakerFailures {
            health.note(.noAnswer(.silence), of: .refused, at: noon, wall: wall, random: 1)
        }
        return health
    }

    private func keep(_ health: Health) throws {
        try memory.write(health, of: "shop", url: Self.url, at: noon, wall: wall)
    }

    /// What a daemon finds that starts `after` seconds later, on a clock of its own.
    private func found(after: Double, url: String = url) -> Health? {
        memory.health(of: "shop", url: url, at: noon + 5_000 + after, wall: wall + after)
    }

    @Test("What is kept is what was: closed to requests until the same time, with the same reason")
    func kept() throws {
        try keep(unreachable)
        let health = try #require(found(after: 0.5))
        #expect(health.breaker.condition == .open(until: noon + 5_000.75))
        #expect(health.lastFailure == unreachable.lastFailure)
        // The next failed probe counts as its second.
        var next = health
        #expect(next.breaker.permit(at: noon + 5_001) == .allowed)
        next.breaker.failed(at: noon + 5_001, random: 1)
        #expect(next.breaker.condition == .open(until: noon + 5_002.25))
    }

    @Test("A probe that was due meanwhile may go out at once")
    func due() throws {
        try keep(unreachable)
        #expect(found(after: 300)?.breaker.condition == .open(until: noon + 5_300))
    }

    @Test("Nothing is kept of an application that answers")
    func closed() throws {
        try keep(unreachable)
        try keep(Health())
        #expect(found(after: 0) == nil)
        #expect(try RecordFile.names(in: "\(directory.path)/breakers").isEmpty)
        try keep(Health())
    }

    @Test("An old outage, another address, a clock that was set back and what cannot be read say nothing")
    func ignored() throws {
        try keep(unreachable)
        #expect(found(after: 599) != nil)
        #expect(found(after: 600) == nil)
        #expect(found(after: -1) == nil)
        #expect(found(after: 1, url: "https://other.example.com") == nil)
        let path = "\(directory.path)/breakers/shop"
        let text = String(decoding: try #require(try RecordFile.read(path)), as: UTF8.self)
        for bad in [text.replacing("\"v\":1", with: "\"v\":2"), String(text.dropLast(3)), "", "[]"] {
            try RecordFile.replace(path, with: Array(bad.utf8), durability: .process)
            #expect(found(after: 1) == nil, "\(bad)")
        }
    }

    @Test("A clock that was stepped keeps requests back for no longer than a back-off")
    func stepped() throws {
        try memory.write(unreachable, of: "shop", url: Self.url, at: noon + -5_000, wall: wall)
        #expect(found(after: 1)?.breaker.condition == .open(until: noon + 5_001 + Timing.backoff.most.seconds))
    }
}
