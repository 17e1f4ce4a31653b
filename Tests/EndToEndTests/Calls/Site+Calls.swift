import CharonCore
import Glibc
import Testing

/// What a call under charon-run left: what it wrote, and what the server has of it.
struct CallEnd {
    let line: Line
    let execution: Execution

    var exitCode: Int32 { line.exitCode }

    /// The lines that have this level at the server.
    func lines(_ type: String) -> [String] {
        execution.messages.filter { $0.type == type }.flatMap { $0.text.split(separator: "\n").map(String.init) }
    }

    /// All that anybody can read of it.
    var everything: String {
        ([line.output, line.error, execution.message] + execution.messages.map(\.text)).joined(separator: "\n")
    }
}

extension Site {
    /// A site whose server knows the cron `call`, with a daemon.
    static func calling(_ body: (Site) async throws -> Void) async throws { try await running("call", body: body) }

    /// A call file of `config/calls`, or the path of another one.
    static func callFile(_ name: String) -> String {
        name.hasPrefix("/") ? name : "\(Programs.repository)/config/calls/\(name).yaml"
    }

    /// Starts a call under `charon-run`.
    func startCall(_ file: String, _ words: [String] = [], environment: [String: String] = [:]) throws -> Spawned {
        try start("call", command: [Programs.call, Self.callFile(file)] + words, environment: environment)
    }

    /// Runs a call under `charon-run`, the first one of its cron or the `count`th.
    ///
    /// Its exit code must be that of the execution, which is a success for 0 only, with no other words about secrets
    /// than those that are in `environment`.
    func call(
        _ file: String, _ words: [String] = [], environment: [String: String] = [:], count: Int = 1
    ) async throws -> CallEnd {
        let started = try startCall(file, words, environment: environment)
        let code = try await started.exitCode()
        let line = Line(exitCode: code, output: started.standardOutput, error: started.standardError)
        guard let execution = try await ended("call", count: count).last else { throw Failed("no execution") }
        let end = CallEnd(line: line, execution: execution)
        #expect(execution.success == (code == 0), "\(end.everything)")
        if code != 0 { #expect(execution.message.contains("exited with code \(code)"), "\(execution.message)") }
        return end
    }

    /// A copy of a ready-made file with other words in it, each of which the file must have once.
    func changed(_ name: String, _ changes: [String: String]) throws -> String {
        var file = text(of: Self.callFile(name))
        for (old, new) in changes {
            guard file.ranges(of: old).count == 1 else { throw Failed("\(name) does not say '\(old)' once") }
            file.replace(old, with: new)
        }
        return try callFile(file)
    }

    /// Writes a call file of the test's own.
    func callFile(_ text: String) throws -> String {
        let file = "\(path)/call.yaml"
        try write(text, to: file, mode: 0o644)
        return file
    }
}

/// Fails the test if one of the `secrets` can be read anywhere in `end`.
func expectHidden(_ secrets: [String], in end: CallEnd, sourceLocation: SourceLocation = #_sourceLocation) {
    for secret in secrets { #expect(!end.everything.contains(secret), sourceLocation: sourceLocation) }
}
