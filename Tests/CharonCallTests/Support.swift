import CharonAPI
import CharonCore
import CharonJobs
import Glibc
import HTTPTypes
import Testing

@testable import CharonCall

/// Call files of tests.
enum Reading {
    /// A file whose request is `GET /a` unless it says another.
    static func file(_ text: String) throws -> CallFile { try CallFile.parse(text, file: "f") }

    /// All problems of a file, one a line; empty if it has none.
    static func problems(_ text: String) -> String {
        do {
            _ = try CallFile.parse(text, file: "f")
            return ""
        } catch {
            return error.description
        }
    }

    static func values(_ pairs: [String: JSON], secret: [String: JSON] = [:]) -> Values {
        var values = Values()
        for (name, value) in pairs { values.set(name, value) }
        for (name, value) in secret { values.set(name, value, isSecret: true) }
        return values
    }

    static func base(_ text: String = "http://127.0.0.1:9/api") throws -> BaseURL { try BaseURL(text) }

    /// The request of a file, with values.
    static func request(_ request: String, _ pairs: [String: JSON] = [:]) throws -> PreparedRequest {
        let names = pairs.keys.sorted().map { "\($0): {default: x}" }.joined(separator: ", ")
        let call = try file("base_url: http://localhost\nvariables: {\(names)}\nrequest: \(request)\n")
        let template = try #require(call.steps[0].request)
        return try template.prepare(base: base(), values(pairs), boundary: "B")
    }
}

/// A directory of one test, removed with its content at the end.
final class Place: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/charon-call.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.last("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in names(path) {
            let inner = "\(path)/\(name)"
            if unlink(inner) != 0 { remove(inner) }
        }
        rmdir(path)
    }

    static func names(_ path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        let file = try Descriptor.open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try file.write(text.utf8)
        fchmod(file.number, mode)
        return "\(path)/\(name)"
    }

    func read(_ name: String) -> String? { Self.text("\(path)/\(name)") }

    static func text(_ path: String) -> String? {
        guard let file = try? Descriptor.open(path, O_RDONLY), let bytes = try? file.read(at: 0, limit: 1 << 20) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A transport that answers by a script and keeps what was sent.
actor Script: Transport {
    private var answers: [Result<Answer, TransportFailure>]
    private(set) var sent: [PreparedRequest] = []

    init(_ answers: [Result<Answer, TransportFailure>]) { self.answers = answers }

    func send(_ sending: Sending) async throws(TransportFailure) -> Answer {
        sent.append(sending.request)
        guard !answers.isEmpty else { throw .notSent("the script is over") }
        return try answers.removeFirst().get()
    }
}

extension Answer {
    static func json(_ status: Int, _ text: String, _ headers: HTTPFields = [:]) -> Answer {
        Answer(status: status, headers: headers, body: Array(text.utf8))
    }
}
