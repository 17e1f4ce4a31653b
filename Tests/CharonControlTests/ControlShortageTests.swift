import CharonControl
import CharonCore
import Foundation
import Testing

@Suite struct ControlShortageTests {
    /// Without a free descriptor the server neither spins on a connection that it cannot take nor forgets it.
    ///
    /// In a process of its own, whose limit of descriptors is lowered.
    @Test func aConnectionWaitsForADescriptor() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer()
            try await blocking {
                var first = try ControlClient(path: server.path)
                #expect(try first.call("test.Echo", ["n": 1]).parameters["n"] == 1)
                var limit = rlimit()
                try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                var spare: [Descriptor] = []
                limit.rlim_cur = 256
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                while let null = try? Descriptor.open("/dev/null", O_RDONLY) { spare.append(null) }
                #expect(spare.count > 10, "the limit must be felt")
                spare.removeLast()
                var second = try ControlClient(path: server.path)
                let call = VarlinkCall(method: "test.Echo", parameters: ["n": 2])
                try second.send(call, timeout: .seconds(10))
                let before = clock()
                #expect(throws: ControlClient.Failure.silent) {
                    _ = try second.receive(timeout: TimeSpan(milliseconds: 500))
                }
                // A loop that spins takes all the processor it can get; one that waits takes next to nothing.
                #expect(Double(clock() - before) / Double(CLOCKS_PER_SEC) < 0.05)
                #expect(try first.call("test.Echo", ["n": 3]).parameters["n"] == 3)
                spare.removeAll()
                #expect(try second.receive(timeout: .seconds(10)).parameters["n"] == 2)
            }
        }
    }
}
