import CharonAPI
import CharonCore
import Glibc
import Synchronization
import Testing

@testable import CharonClient

@Suite struct SlotTests {
    /// A queue whose waiters are names.
    private final class Slots {
        private var queue: SlotQueue<String>

        init(count: Int) { queue = SlotQueue(count: count) }

        func take(_ urgency: SlotQueue<String>.Urgency) -> Bool { queue.take(urgency) }
        func release() -> String? { queue.release() }
        func close() -> [String] { queue.close() }

        func wait(_ name: String, _ urgency: SlotQueue<String>.Urgency) { queue.wait(urgency, name) }
    }

    @Test func mostUrgentFirstThenInOrder() {
        let slots = Slots(count: 2)
        #expect(slots.take(.gate))
        #expect(slots.take(.end))
        #expect(!slots.take(.gate))
        slots.wait("m1", .message)
        slots.wait("e1", .end)
        slots.wait("g1", .gate)
        slots.wait("m2", .message)
        slots.wait("g2", .gate)
        slots.wait("e2", .end)
        #expect((0..<4).map { _ in slots.release() } == ["g1", "g2", "e1", "e2"])
        // One slot is kept from messages.
        #expect((0..<4).map { _ in slots.release() } == [nil, "m1", "m2", nil])
        #expect(slots.take(.message))
        #expect(!slots.take(.message))
        #expect(slots.take(.end))
    }

    @Test func aNewcomerDoesNotOvertakeItsEqual() {
        let slots = Slots(count: 3)
        for _ in 0..<3 { #expect(slots.take(.gate)) }
        slots.wait("m1", .message)
        #expect(slots.release() == nil)
        #expect(!slots.take(.message))
        #expect(slots.take(.end))
        slots.wait("e1", .end)
        #expect(!slots.take(.end))
        #expect(slots.release() == "e1")
    }

    @Test func closingServesNobody() {
        let slots = Slots(count: 1)
        #expect(slots.take(.gate))
        slots.wait("e1", .end)
        slots.wait("g1", .gate)
        #expect(slots.close() == ["g1", "e1"])
        #expect(slots.release() == nil)
        #expect(!slots.take(.gate))
    }

    /// Those who gave up before they had a connection take none, and their requests never reach the server.
    @Test func cancelledWaitersTakeNoConnection() async throws {
        let isOpen = Mutex(false)
        try await withServer(connections: 2) { connection in
            while connection.request() != nil {
                while !isOpen.withLock({ $0 }) { usleep(1000) }
                connection.answer("17")
            }
        } _: { transport, server in
            let first = Task { await transport.exchange(message, deadline: .seconds(30)) }
            while server.requests.isEmpty { await Task.yield() }
            let others = (0..<100).map { _ in Task { await transport.exchange(message, deadline: .seconds(30)) } }
            for task in others { task.cancel() }
            for task in others { #expect(await task.value.failure?.kind == .cancelled) }
            let last = Task { await transport.exchange(canStart, deadline: .seconds(30)) }
            isOpen.withLock { $0 = true }
            #expect(await first.value.text == "17")
            #expect(await last.value.text == "17")
            #expect(server.requests.count == 2)
        }
    }

    /// A hundred requests at once take longer than the deadline of each, which does not count while it waits: as many
    /// connections as allowed, and all are answered.
    @Test(arguments: [start, canStart]) func aBurstIsSlowNotLate(_ request: CharonRequest) async throws {
        let (current, most) = (Counter(), Counter())
        try await withServer { connection in
            while connection.request() != nil {
                most.raise(to: current.add(1))
                usleep(200_000)
                // Before the answer: the next request may come as soon as that has gone out.
                current.add(-1)
                connection.answer("17")
            }
        } _: { transport, server in
            let answers = await withTaskGroup(of: Exchange.self) { group in
                for _ in 0..<100 { group.addTask { await transport.exchange(request, deadline: .seconds(4)) } }
                return await group.reduce(into: [String?]()) { $0.append($1.text) }
            }
            #expect(answers == Array(repeating: "17", count: 100))
            #expect(server.connections == (request.kind == .start ? 100 : 4))
            #expect(most.value <= 4)
        }
    }

    @Test func aWaitingGateCallGoesBeforeMessages() async throws {
        try await withServer(connections: 2) { connection in
            while connection.request() != nil {
                usleep(50_000)
                connection.answer("{}")
            }
        } _: { transport, server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await transport.exchange(message, deadline: .seconds(30)) }
                while server.requests.isEmpty { await Task.yield() }
                for _ in 0..<5 { group.addTask { _ = await transport.exchange(message, deadline: .seconds(30)) } }
                group.addTask { _ = await transport.exchange(canStart, deadline: .seconds(30)) }
            }
            // The messages before it are the one under way and, if it came late, one more.
            let place = server.requests.firstIndex { $0.contains("/can-start") }
            #expect(place.map { $0 <= 2 } == true)
        }
    }

    private final class Counter: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }

        @discardableResult
        func add(_ amount: Int) -> Int {
            number.withLock { number in
                number += amount
                return number
            }
        }

        func raise(to floor: Int) { number.withLock { $0 = max($0, floor) } }
    }
}
