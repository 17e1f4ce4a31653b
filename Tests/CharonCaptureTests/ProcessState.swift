import CharonCore
import Glibc
import Testing

/// What /proc tells of a process.
struct ProcessState {
    let state: String
    let parent, group, session, foreground: Int32

    /// Nil if there is no such process.
    static func of(_ pid: Int32) -> ProcessState? {
        guard let text = read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 5, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let foreground = Int32(fields[5])
        else { return nil }
        return ProcessState(
            state: String(fields[0]), parent: parent, group: group, session: session, foreground: foreground)
    }

    /// Whether it exists and is no zombie.
    static func lives(_ pid: Int32) -> Bool { of(pid).map { $0.state != "Z" } ?? false }

    /// A field of /proc/PID/status.
    static func field(_ name: String, of pid: Int32) -> String? {
        read("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            .map { String($0.dropFirst(name.utf8.count + 1).drop { $0 == "\t" || $0 == " " }) }
    }

    /// The C library's own signals, which posix_spawn(3) leaves ignored.
    private static let internals: UInt64 = 0b11 << 31

    /// A signal set of the text of a /proc/PID/status, without the C library's own; see `bit`.
    static func signals(_ name: String, in status: String) throws -> UInt64 {
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):") })
        return try #require(UInt64(line.dropFirst(name.count + 2), radix: 16)) & ~internals
    }

    /// The place of a signal in such a set.
    static func bit(_ signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }

    private static func read(_ path: String) -> String? {
        guard let file = try? Descriptor.open(path, O_RDONLY), let bytes = try? file.read(at: 0, limit: 8192)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
