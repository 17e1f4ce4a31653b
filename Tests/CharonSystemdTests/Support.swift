import CharonCore
import Glibc

/// A temporary directory that goes with the test.
final class Place {
    let path: String

    init() throws {
        var template = Array("/tmp/charon-systemd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.last("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = try? Sleeper(["/bin/rm", "-rf", path]).end() }

    func write(_ name: String, _ text: String) throws {
        if let slash = name.lastIndex(of: "/") { mkdir("\(path)/\(name[..<slash])", 0o755) }
        try Descriptor.open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).write(text.utf8)
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Descriptor.open("\(path)/\(name)", O_RDONLY).read(at: 0, limit: 1 << 16), as: UTF8.self)
    }
}

/// A real process.
struct Sleeper {
    let process: Int32

    init(_ words: [String] = ["/bin/sleep", "100"], environment: [String] = [], output: Int32? = nil) throws {
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        var pid: Int32 = 0
        let error = posix_spawn(&pid, words[0], &actions, nil, &arguments, &variables)
        guard error == 0 else { throw SystemError("posix_spawn", errno: error, words[0]) }
        process = pid
    }

    /// Waits for its end: the signal that killed it, or minus its exit code.
    func end() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F != 0 ? status & 0x7F : -(status >> 8 & 0xFF)
    }
}
