import CharonAPI
import CharonCore
import CharonSupervisor
import Testing

@Suite("Applications")
struct ApplicationTests {
    private func application(_ name: String, _ charon: FakeCharon = FakeCharon()) -> Application {
        Application(name: name, url: "https://\(name).test/api", transport: charon)
    }

    private func credentials(_ key: String) throws -> Credentials {
        Credentials(url: "https://charon.test/api", key: try #require(Secret(key)))
    }

    @Test("A book of configured applications ignores what callers bring, and names those it has")
    func configured() throws {
        let book = ApplicationBook([application("shop"), application("main")], defaultName: "main")
        #expect(book.all.map(\.name) == ["main", "shop"])
        #expect(try book.resolve("shop", credentials("evil")) === book.named("shop"))
        let error = #expect(throws: CharonError.self) { try book.resolve("other", credentials("key")) }
        #expect(error?.message.contains("charon.yaml (there is: main, shop)") == true)
        #expect(throws: CharonError.self) { try ApplicationBook([]).resolve("any", nil) }
    }

    @Test("A caller who names none means his own application, or the default one")
    func defaults() {
        let book = ApplicationBook(
            [application("shop"), application("main")], defaultName: "main", ofUsers: [33: "shop"])
        #expect(book.defaultName(for: 33) == "shop")
        #expect(book.defaultName(for: 34) == "main")
    }

    @Test("A private book makes an application for each key, once, and keeps the last one for those without a key")
    func brought() throws {
        let made = Counter()
        let book = ApplicationBook([]) { name, _ in
            made.add()
            return Application(name: name, url: "", transport: FakeCharon())
        }
        let missing = #expect(throws: CharonError.self) { try book.resolve("default", nil) }
        #expect(missing?.message.contains("CHARON_API_KEY") == true)
        let first = try book.resolve("default", credentials("one"))
        #expect(try book.resolve("default", credentials("one")) === first)
        #expect(try book.resolve("default", nil) === first)
        let second = try book.resolve("default", credentials("two"))
        #expect(second !== first)
        #expect(book.named("default") === second)
        #expect(made.value == 2)
    }

    @Test("A key that cannot be used is the caller's error")
    func refused() throws {
        let book = ApplicationBook([]) { _, _ throws(CharonError) in throw CharonError(.configuration, "bad URL") }
        #expect(throws: CharonError.self) { try book.resolve("default", credentials("one")) }
        #expect(book.all.isEmpty)
    }

    @Test("Faults of the server open the breaker; answers of any kind close it")
    func breaker() async throws {
        let charon = FakeCharon()
        let application = application("main", charon)
        let slug = try slug()
        charon.with { $0.outage = .refused }
        for _ in 0..<Timing.breakerFailures {
            #expect(application.isReachable)
            _ = await application.canStart(slug)
        }
        #expect(!application.isReachable)
        for status in [401, 404, 418, 429, 400] {
            charon.with { $0.outage = .json(status) }
            _ = await application.canStart(slug)
            #expect(application.isReachable, "\(status)")
        }
    }

    @Test("A fault of this host or a request that was given up says nothing of the server")
    func local() async throws {
        let charon = FakeCharon()
        let application = application("main", charon)
        let slug = try slug()
        charon.with { $0.outage = .refused }
        for _ in 0..<Timing.breakerFailures { _ = await application.canStart(slug) }
        for kind in [ExchangeFailure.Kind.local, .cancelled] {
            charon.with { $0.outage = .failure(ExchangeFailure(kind, written: false, detail: "here")) }
            _ = await application.canStart(slug)
            #expect(!application.isReachable)
        }
        let fresh = Application(name: "fresh", url: "", transport: charon)
        for _ in 0..<10 { _ = await fresh.canStart(slug) }
        #expect(fresh.isReachable)
    }
}

@Suite("Waking a task")
struct WakeupTests {
    @Test("A signal before the wait is not lost, and is used up by it")
    func before() async {
        let wakeup = Wakeup()
        wakeup.signal()
        wakeup.signal()
        #expect(await wakeup.wait())
        #expect(await !wakeup.wait(until: SteadyClock.now() + 0.01))
    }

    @Test("A time that has passed ends the wait at once")
    func past() async { #expect(await !Wakeup().wait(until: SteadyClock.now() + -1)) }

    @Test("A cancelled task does not wait")
    func cancelled() async {
        let wakeup = Wakeup()
        let task = Task { await wakeup.wait() }
        task.cancel()
        #expect(await task.value)
    }

    @Test("No signal of a thousand from other tasks is lost")
    func many() async {
        let wakeup = Wakeup()
        let count = Counter()
        let waiter = Task {
            while count.value < 1000 { await wakeup.wait(until: SteadyClock.now() + 60) }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    count.add()
                    wakeup.signal()
                }
            }
        }
        await waiter.value
    }
}
