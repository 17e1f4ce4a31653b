import CLinux
import CharonControl
import CharonCore
import Foundation
import Testing

@Suite struct ControlServerTests {
    @Test func answersCallsOfOneConnectionInTurn() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            #expect(client.listenerUID == geteuid())
            for number in 0..<100 {
                let reply = try client.call("test.Echo", ["n": .integer(Int64(number))])
                #expect(reply == VarlinkReply(["n": .integer(Int64(number))]))
            }
            #expect(try client.call("test.None") == .methodNotFound("test.None"))
        }
    }

    @Test func answersCallsThatWereSentAtOnce() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            for number in 0..<50 {
                let call = VarlinkCall(method: "test.Echo", parameters: ["n": .integer(Int64(number))])
                try client.send(call, timeout: .seconds(10))
            }
            for number in 0..<50 {
                #expect(try client.receive(timeout: .seconds(10)).parameters["n"]?.integer == Int64(number))
            }
        }
    }

    @Test func serveralRepliesContinue() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            var call = VarlinkCall(method: "test.Count", parameters: ["count": 20])
            call.more = true
            try client.send(call, timeout: .seconds(10))
            for number in 0...20 {
                let reply = try client.receive(timeout: .seconds(10))
                #expect(reply.parameters["n"]?.integer == Int64(number))
                #expect(reply.continues == (number < 20))
            }
            #expect(try client.call("test.Echo", ["after": true]).parameters["after"] == true)
        }
    }

    @Test func aCallWithoutReplyGetsNone() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            var call = VarlinkCall(method: "test.Echo", parameters: ["n": 1])
            call.oneway = true
            try client.send(call, timeout: .seconds(10))
            #expect(try client.call("test.Echo", ["n": 2]).parameters["n"] == 2)
        }
        // Not even a caller that has gone at once is forgotten.
        try await blocking {
            let client = try ControlClient(path: server.path)
            var call = VarlinkCall(method: "test.Farewell", parameters: [:])
            call.oneway = true
            try client.send(call, timeout: .seconds(10))
        }
        #expect(await server.seen.wait(for: "test.Farewell"))
    }

    @Test func descriptorsArePassedBothWaysAndUsable() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            var pipes: [(reader: Descriptor, writer: Descriptor)] = []
            for _ in 0..<2 {
                var ends: [Int32] = [-1, -1]
                try #require(clinux_pipe(&ends) == 0)
                pipes.append((Descriptor(owning: ends[0]), Descriptor(owning: ends[1])))
            }
            let reply = try client.call("test.Files", descriptors: pipes.map(\.writer.number))
            #expect(reply.parameters["count"] == 2)
            let received = client.takeDescriptors()
            #expect(received.count == 2)
            #expect(client.takeDescriptors().isEmpty, "they are given once")
            #expect(received.allSatisfy { fcntl($0.number, F_GETFD) & FD_CLOEXEC != 0 })
            for (number, file) in received.enumerated() { try file.write("back \(number)\n".utf8) }
            for (number, pipe) in pipes.enumerated() {
                var bytes = [UInt8](repeating: 0, count: 100)
                let count = read(pipe.reader.number, &bytes, bytes.count)
                #expect(
                    String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == "to \(number)\nback \(1 - number)\n"
                )
            }
            // The next call of the connection has none of them.
            #expect(try client.call("test.Files").parameters["count"] == 0)
        }
    }

    @Test func nineDescriptorsAreTooMany() async throws {
        let server = try TestServer()
        try await blocking {
            let client = try ControlClient(path: server.path)
            let null = try Descriptor.open("/dev/null", O_RDONLY)
            #expect(throws: ControlClient.Failure.closed(errno: EINVAL)) {
                try client.send(
                    VarlinkCall(method: "test.Files", parameters: [:]),
                    descriptors: Array(repeating: null.number, count: 9), timeout: .seconds(10))
            }
        }
    }

    @Test func messagesMayBeLarge() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            let text = String(repeating: "ä", count: 50_000)
            #expect(try client.call("test.Size", ["text": .string(text)]).parameters["size"] == 100_011)
            let reply = try client.call("test.Big", ["count": 250_000])
            #expect(reply.parameters["text"]?.string?.utf8.count == 250_000)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    /// A reply that does not fit into the socket is sent on while the reader takes it, and delays nobody else.
    @Test func aSlowReaderGetsAllOfItsReply() async throws {
        let server = try TestServer()
        try await blocking {
            var slow = try ControlClient(path: server.path)
            var quick = try ControlClient(path: server.path)
            try slow.send(VarlinkCall(method: "test.Big", parameters: ["count": 260_000]), timeout: .seconds(10))
            for _ in 0..<20 { #expect(try quick.call("test.Echo", ["n": 1]).parameters["n"] == 1) }
            #expect(try slow.receive(timeout: .seconds(10)).parameters["text"]?.string?.utf8.count == 260_000)
        }
    }

    @Test func aMessageBeyondTheLimitEndsTheConnection() async throws {
        let server = try TestServer()
        try await blocking {
            let text = String(repeating: "x", count: ControlInterface.longestMessage)
            try Self.expectEnd(
                of: server, after: VarlinkCall(method: "test.Size", parameters: ["t": .string(text)]).frame)
            // Nor may it be collected without an end.
            try Self.expectEnd(of: server, after: [UInt8](repeating: 0x20, count: 4 << 20))
        }
        #expect(!server.seen.all.contains("test.Size"))
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n\0", "\0", "{}\0", "[]\0", "{\"method\":\"test.Echo\"\0", "\u{FFFD}\0"])
    func garbageEndsTheConnection(_ text: String) async throws {
        let server = try TestServer()
        try await blocking {
            try Self.expectEnd(of: server, after: Array(text.utf8))
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    /// Callers that end in the middle of a message, and one that only then says nothing more.
    @Test func halfAMessageIsNoCall() async throws {
        let server = try TestServer()
        try await blocking {
            let frame = VarlinkCall(method: "test.Half", parameters: ["a": "b"]).frame
            for length in [0, 1, frame.count / 2, frame.count - 1] {
                let socket = try Self.connect(server)
                try socket.write(frame.prefix(length))
            }
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
        #expect(!server.seen.all.contains("test.Half"))
    }

    @Test func aMessageMayComeByteByByte() async throws {
        let server = try TestServer()
        let reply = try await blocking {
            let socket = try Self.connect(server)
            for byte in VarlinkCall(method: "test.Echo", parameters: ["n": 7]).frame { try socket.write([byte]) }
            return try Self.readToNUL(socket)
        }
        #expect(VarlinkReply(frame: reply)?.parameters["n"] == 7)
    }

    /// A caller that closes its writing side after the call, as nc does, still gets its reply.
    @Test func aCallerMaySayThatNothingMoreFollows() async throws {
        let server = try TestServer()
        let reply = try await blocking {
            let socket = try Self.connect(server)
            try socket.write(VarlinkCall(method: "test.Echo", parameters: ["n": 7]).frame)
            shutdown(socket.number, Int32(SHUT_WR))
            return try Self.readToNUL(socket)
        }
        #expect(VarlinkReply(frame: reply)?.parameters["n"] == 7)
    }

    @Test func aHandlerLearnsThatItsCallerHasGone() async throws {
        let server = try TestServer()
        try await blocking {
            let client = try ControlClient(path: server.path)
            try client.send(VarlinkCall(method: "test.UntilGone", parameters: [:]), timeout: .seconds(10))
        }
        #expect(await server.seen.wait(for: "gone"))
        try await blocking {
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    @Test func aClientDoesNotWaitForASilentServer() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("charon-\(UUID())").path
        defer { unlink(directory) }
        let listener = Descriptor(owning: clinux_listen(directory, 0o600, 1))
        try await blocking {
            var client = try ControlClient(path: directory)
            try client.send(VarlinkCall(method: "test.Echo", parameters: [:]), timeout: .seconds(1))
            #expect(throws: ControlClient.Failure.silent) {
                _ = try client.receive(timeout: TimeSpan(milliseconds: 20))
            }
            let text = String(repeating: "x", count: 4 << 20)
            #expect(throws: ControlClient.Failure.silent) {
                try client.send(
                    VarlinkCall(method: "test.Echo", parameters: ["t": .string(text)]),
                    timeout: TimeSpan(milliseconds: 20))
            }
        }
        withExtendedLifetime(listener) {}
    }

    @Test func aClientSaysThatNobodyListens() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("charon-\(UUID())").path
        #expect(throws: SystemError("connect", errno: ENOENT, path)) { _ = try ControlClient(path: path) }
        do { _ = Descriptor(owning: clinux_listen(path, 0o600, 1)) }
        defer { unlink(path) }
        #expect(throws: SystemError("connect", errno: ECONNREFUSED, path)) { _ = try ControlClient(path: path) }
        let long = String(repeating: "x", count: 200)
        #expect(throws: SystemError("connect", errno: ENAMETOOLONG, long)) { _ = try ControlClient(path: long) }
    }

    @Test func stopEndsEveryConnection() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
            server.stop()
            #expect(throws: ControlClient.Failure.closed(errno: 0)) { _ = try client.receive(timeout: .seconds(10)) }
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        var limits = ControlServer.Limits()
        limits.idleSeconds = 0.05
        let server = try TestServer(limits)
        try await blocking {
            var idle = try ControlClient(path: server.path)
            #expect(throws: ControlClient.Failure.closed(errno: 0)) { _ = try idle.receive(timeout: .seconds(30)) }
        }
    }

    static func connect(_ server: TestServer) throws -> Descriptor {
        let number = clinux_connect(server.path)
        guard number >= 0 else { throw SystemError("connect", errno: -number) }
        let socket = Descriptor(owning: number)
        // Writes of these tests wait for room.
        _ = fcntl(number, F_SETFL, 0)
        return socket
    }

    static func readToNUL(_ socket: Descriptor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(socket.number, &byte, 1) == 1, byte != 0 { bytes.append(byte) }
        return bytes
    }

    private static func expectEnd(of server: TestServer, after bytes: [UInt8]) throws {
        let socket = try connect(server)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            done += count
        }
        var byte: UInt8 = 0
        #expect(read(socket.number, &byte, 1) <= 0, "the server must answer with nothing but the end")
    }
}
