import Glibc

/// A certification authority in a directory of its own, and `openssl s_server` with certificates of it.
final class TLSFixture {
    struct Failed: Error { let command: String }

    let directory: String
    var caFile: String { "\(directory)/ca.pem" }

    init() throws {
        var template = Array("/tmp/charon-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(command: "mkdtemp") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try Self.run("\(Self.newKey) -keyout ca.key -x509 -days 2 -subj /CN=Test -out ca.pem", in: directory)
    }

    deinit { _ = try? Self.run("rm -rf -- '\(directory)'", in: "/") }

    /// Serves `answer` to `GET /api/nightly/can-start` and the like, with a certificate for `names`.
    func serve(_ answer: String, names: String, days: Int = 2, signed: Bool = true) throws -> TLSServer {
        let files = "cert-\(names.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF })-\(days)-\(signed)"
        try Self.run(
            "\(Self.newKey) -keyout \(files).key -subj /CN=x -addext subjectAltName=\(names) -out \(files).csr",
            in: directory)
        let issuer = signed ? "-CA ca.pem -CAkey ca.key" : "-key \(files).key"
        try Self.run(
            "openssl x509 -req -in \(files).csr \(issuer) -days \(days) -copy_extensions copy -out \(files).pem"
                + " && mkdir -p api/nightly && printf '\(answer)' > api/nightly/can-start"
                + " && cp api/nightly/can-start api/nightly/start",
            in: directory
        )
        return try TLSServer(directory: directory, files: files)
    }

    private static let newKey = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

    private static func run(_ command: String, in directory: String) throws {
        guard let output = popen("cd '\(directory)' && { \(command); } 2>&1", "r") else {
            throw Failed(command: command)
        }
        while fgetc(output) != EOF {}
        guard pclose(output) == 0 else { throw Failed(command: command) }
    }
}

/// A running `openssl s_server` on a free port of loopback; ended with its last owner.
final class TLSServer {
    let port: Int
    private let process: pid_t
    private let output: UnsafeMutablePointer<FILE>

    init(directory: String, files: String) throws {
        let server = "exec openssl s_server -accept 127.0.0.1:0 -key \(files).key -cert \(files).pem -HTTP"
        guard let output = popen("cd '\(directory)' && echo $$ && \(server) </dev/null 2>/dev/null", "r") else {
            throw TLSFixture.Failed(command: server)
        }
        func line() -> String? {
            var text = ""
            while case let character = fgetc(output), character != EOF, character != 0x0A {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: character)))
            }
            return text.isEmpty && feof(output) != 0 ? nil : text
        }
        guard let process = line().flatMap({ pid_t($0) }) else { throw TLSFixture.Failed(command: server) }
        var port: Int?
        while port == nil, let text = line() {
            if text.hasPrefix("ACCEPT ") { port = text.split(separator: ":").last.flatMap { Int($0) } }
        }
        guard let port else { throw TLSFixture.Failed(command: server) }
        (self.output, self.process, self.port) = (output, process, port)
    }

    deinit {
        // The child inherits this thread's signal mask, which blocks every gentler signal.
        kill(process, SIGKILL)
        pclose(output)
    }
}
