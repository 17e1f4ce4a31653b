import CLinux
import CharonControl
import CharonCore
import Foundation
import Synchronization

/// A control server on a socket of its own that answers a few methods made for tests.
final class TestServer: Sendable {
    let path: String
    private let directory: String
    private let server: ControlServer
    /// What handlers have seen, in order.
    let seen: Seen

    init(_ limits: ControlServer.Limits = ControlServer.Limits()) throws {
        // As in charond: what a peer closes shows as EPIPE.
        signal(SIGPIPE, SIG_IGN)
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("charon-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        path = directory + "/sock"
        chmod(directory, 0o755)
        let number = clinux_listen(path, 0o666, 128)
        guard number >= 0 else { throw SystemError("listen", errno: -number, path) }
        let seen = Seen()
        self.seen = seen
        server = try ControlServer(listener: Descriptor(owning: number), limits: limits) { request in
            await Self.handle(request, seen)
        }
        try server.start()
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func stop() { server.stop() }

    private static func handle(_ request: ControlServer.Request, _ seen: Seen) async {
        let connection = request.connection
        let parameters = request.call.parameters
        let count = Int(parameters["count"]?.integer ?? 0)
        seen.add(request.call.method)
        switch request.call.method {
        case "test.Echo": connection.reply(VarlinkReply(parameters))
        case "test.Size": connection.reply(VarlinkReply(["size": .integer(Int64(parameters.bytes.count))]))
        case "test.Big": connection.reply(VarlinkReply(["text": .string(String(repeating: "x", count: count))]))
        case "test.Count":
            for number in 0..<count { connection.reply(VarlinkReply(["n": .integer(Int64(number))], continues: true)) }
            connection.reply(VarlinkReply(["n": .integer(Int64(count))]))
        case "test.Peer":
            let peer = connection.peer
            connection.reply(
                VarlinkReply([
                    "uid": .integer(Int64(peer.uid)), "gid": .integer(Int64(peer.gid)),
                    "pid": .integer(Int64(peer.pid)),
                ]))
        case "test.Files":
            // Writes to each descriptor that came, and gives them back in the opposite order.
            for (number, file) in request.descriptors.enumerated() { try? file.write("to \(number)\n".utf8) }
            connection.reply(
                VarlinkReply(["count": .integer(Int64(request.descriptors.count))]),
                descriptors: request.descriptors.reversed())
        case "test.UntilGone":
            while !connection.isClosed { try? await Task.sleep(for: .milliseconds(5)) }
            seen.add(connection.reply(VarlinkReply()) ? "sent" : "gone")
        default: connection.reply(.methodNotFound(request.call.method))
        }
    }
}

/// A list that handlers add to and tests wait for.
final class Seen: Sendable {
    private let list = Mutex<[String]>([])

    func add(_ text: String) { list.withLock { $0.append(text) } }

    var all: [String] { list.withLock { $0 } }

    /// Waits, at most half a minute, until `text` was added.
    func wait(for text: String) async -> Bool {
        for _ in 0..<6000 {
            if all.contains(text) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

/// Runs `body` on a thread of its own: a client that blocks must not hold up the tasks that serve it.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try LoopThread.start("client") { continuation.resume(with: Result { try body() }) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

extension ControlClient {
    /// Sends a call and takes one reply, each within ten seconds.
    mutating func call(_ method: String, _ parameters: JSON = [:], descriptors: [Int32] = []) throws -> VarlinkReply {
        try send(VarlinkCall(method: method, parameters: parameters), descriptors: descriptors, timeout: .seconds(10))
        return try receive(timeout: .seconds(10))
    }
}
