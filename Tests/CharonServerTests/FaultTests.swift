import CharonCore
import Testing

@testable import CharonServer

@Suite("Faults by name")
struct FaultTests {
    static let statuses = [400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 503]
    static let before = statuses.map { "status-\($0)" } + ["not-found-html", "502-html", "redirect", "html-200"]
    static let after = ["504-html", "empty-200", "garbage-200", "endless"]
    static let disturbances = ["reset-body", "slow", "close-idle"]

    @Test("names have their moment, and the other one by a suffix", arguments: before + after + ["reset", "silence"])
    func moments(name: String) throws {
        func moment(_ name: String) throws -> Fault.Moment? {
            if case .replacement(_, let moment) = try Fault(name).effect { moment } else { nil }
        }
        #expect(try moment(name) == (Self.after.contains(name) ? .after : .before))
        #expect(try moment(name + "-before") == .before)
        #expect(try moment(name + "-after") == .after)
        #expect(throws: CharonError.self) { try Fault(name + "-after-after") }
    }

    @Test("a disturbance of the answer has no moment", arguments: disturbances)
    func disturbance(name: String) throws {
        guard case .disturbance = try Fault(name).effect else {
            Issue.record("\(name) is no disturbance")
            return
        }
        #expect(throws: CharonError.self) { try Fault(name + "-before") }
        #expect(throws: CharonError.self) { try Fault(name + "-after") }
    }

    @Test("call and rate")
    func parts() throws {
        let all = try Fault("reset-after")
        #expect(all.name == "reset-after" && all.call == nil && all.rate == 1)
        let some = try Fault("status-429@can-start:0.25")
        #expect(some.name == "status-429" && some.call == .canStart && some.rate == 0.25)
        for call in DocumentedCall.allCases {
            let fault = try Fault("slow@\(call.rawValue)")
            #expect(fault.call == call && fault.rate == 1)
        }
        #expect(try Fault("slow:0").rate == 0)
        for text in ["reset-after", "status-429@can-start:0.25", "slow@end"] {
            #expect(try Fault(text).description == text)
        }
    }

    @Test(
        "texts that are no fault",
        arguments: [
            ("", "no such fault"), ("500", "no such fault"), ("status-200", "no such fault"),
            ("-before", "no such fault"),
            ("Slow", "no such fault"), ("slow@", "'' is no call"), ("slow@stop", "'stop' is no call"),
            ("slow@end@end", "'end@end' is no call"), ("slow:", "'' is no rate"), ("slow:1.1", "'1.1' is no rate"),
            ("slow:-0.1", "is no rate"), ("slow:nan", "is no rate"), ("slow:1:1", "is no rate"),
            ("slow: 1", "is no rate"),
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: CharonError.self) { try Fault(text) }
        #expect(error?.code == .usage && error?.message.contains(reason) == true)
    }

    @Test("the list names each of them once, and a wrong name shows it")
    func list() {
        let names = Self.before + Self.after + Self.disturbances + ["reset", "silence"]
        let listed = Fault.list.split(separator: "\n").dropLast().map { line in
            String(line.drop { $0 == " " }.prefix { $0 != " " })
        }
        #expect(Set(listed) == Set(names) && listed.count == names.count)
        let error = #expect(throws: CharonError.self) { try Fault("nothing") }
        #expect(error?.message.contains(Fault.list) == true)
    }

    @Test("a rate is the share of the requests, the same ones for the same seed")
    func plan() throws {
        func fates(_ seed: UInt64, _ faults: String...) throws -> [String] {
            let plan = FaultPlan(try faults.map { try Fault($0) }, seed: seed)
            return (0..<1000).map { _ in plan.next(for: .message)?.name ?? "" }
        }
        let first = try fates(7, "slow:0.25")
        #expect(try fates(7, "slow:0.25") == first)
        #expect(try fates(8, "slow:0.25") != first)
        #expect((200...300).contains(first.count { $0 == "slow" }))
        #expect(try fates(7, "slow:0").allSatisfy { $0 == "" })
        #expect(try fates(7, "slow").allSatisfy { $0 == "slow" })
        let both = try fates(7, "slow:0.5", "reset:0.5")
        #expect((450...550).contains(both.count { $0 == "slow" }))
        #expect((200...300).contains(both.count { $0 == "reset" }))
    }

    @Test("a fault of one call leaves the others alone")
    func calls() throws {
        let plan = FaultPlan([try Fault("slow@end"), try Fault("reset@start")], seed: 1)
        #expect(DocumentedCall.allCases.map { plan.next(for: $0)?.name } == [nil, "reset", nil, "slow"])
    }

    @Test("routes of the read API are no documented calls")
    func routes() {
        let documented: [Route] = [
            .canStart(slug: "a"), .start(cron: "1"), .message(execution: "1"), .end(execution: "1"),
        ]
        #expect(documented.map(\.documentedCall) == DocumentedCall.allCases)
        let others: [Route] = [.crons, .executions, .execution("1"), .messages]
        #expect(others.allSatisfy { $0.documentedCall == nil })
    }
}
