import CharonCore
package import CharonSchedule
import Glibc
import Synchronization

extension HostFacts {
    /// This host, as it is now; accounts come from the name service, so this may wait for a directory's server.
    ///
    /// - Parameters:
    ///   - state: The daemon's state directory, whose records say how long runs take, as far as they can be read.
    ///   - crontabs: Files and directories of crontabs.
    package static func system(
        zone: Zone, applications: Set<String>?, state: String, crontabs: [String] = usualCrontabs
    ) -> HostFacts {
        var host = HostFacts(zone: zone, now: .now())
        let accounts = Cache(NameService.account)
        let groups = Cache(NameService.group)
        let files = Cache(facts)
        let durations = RunDurations(state: state)
        host.account = { accounts[$0] }
        host.group = { groups[$0] }
        host.file = { files[$0] }
        host.head = { path, count in
            guard facts(path)?.kind == .file, let file = try? Descriptor.open(path, O_RDONLY | O_NONBLOCK) else {
                return nil
            }
            return try? file.read(at: 0, limit: count)
        }
        host.usualDuration = { durations.usual(of: $0) }
        host.applications = applications
        host.wrapped = crontabs.flatMap(wrappedLines)
        return host
    }

    /// Where Debian's cron looks for crontabs.
    package static let usualCrontabs = ["/etc/crontab", "/etc/cron.d", "/var/spool/cron/crontabs"]

    private static func wrappedLines(_ path: String) -> [WrappedLine] {
        let names = (try? Directory.names(path))?.filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
        return (names ?? [path]).flatMap { path in
            guard facts(path)?.kind == .file, let file = try? Descriptor.open(path, O_RDONLY | O_NONBLOCK),
                let bytes = try? file.read(at: 0, limit: largestCrontab)
            else { return [WrappedLine]() }
            return WrappedLine.all(in: String(decoding: bytes, as: UTF8.self), file: path)
        }
    }

    /// As Debian's cron has it, in bytes.
    private static let largestCrontab = 1 << 20

    private static func facts(_ path: String) -> FileFacts? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let kind: FileFacts.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        return FileFacts(kind, mode: status.st_mode & 0o7777, uid: status.st_uid, gid: status.st_gid)
    }
}

/// Remembers the answers of a look-up, for ten thousand jobs ask for few users and directories.
private final class Cache<Value: Sendable>: Sendable {
    private let known = Mutex<[String: Value?]>([:])
    private let look: @Sendable (String) -> Value?

    init(_ look: @escaping @Sendable (String) -> Value?) { self.look = look }

    subscript(_ name: String) -> Value? {
        if let value = known.withLock({ $0[name] }) { return value }
        let value = look(name)
        known.withLock { $0[name] = .some(value) }
        return value
    }
}
