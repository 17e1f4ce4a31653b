import CharonCore
import CharonJobs
import CharonRuns
import CharonSupervisor
import Testing

/// A private daemon has no charon.yaml: it does as the host's does whose file is empty.
@Suite struct DefaultsTests {
    private let settings = Settings()

    @Test func delivery() {
        let delivery = settings.delivery
        #expect(settings.messageBytes == Timing.messageBytes)
        #expect(delivery.joinedBytes == Timing.joinedBytes)
        #expect(delivery.messagesPerSecond == Int(Timing.runBudget.perSecond))
        #expect(delivery.burst == Int(Timing.runBudget.burst))
        #expect(delivery.maxMessages == Int(Timing.runCap.messages))
        #expect(delivery.maxBytes == Int(Timing.runCap.bytes))
    }

    @Test func application() {
        let application = Settings.Application(name: "a", url: "https://a.example", key: .file("/a"))
        #expect(application.messagesPerSecond == Int(Timing.applicationBudget.perSecond))
        #expect(application.burst == Int(Timing.applicationBudget.burst))
    }

    @Test func records() {
        #expect(settings.keep.runs == Retention().runs)
        #expect(settings.keep.age == Retention().age)
        let budget = DiskBudget()
        #expect(DiskUse(bytes: settings.diskBudget.bytes.bytes, files: settings.diskBudget.files) == budget.limit)
        #expect(settings.diskBudget.free == budget.free)
    }
}
