package import CharonCore
import Glibc

/// The zones of the tz database, read when they are first asked for and again when their file has changed.
package struct ZoneStore: Sendable {
    /// What tells one state of a file from another.
    private struct Identity: Hashable {
        let device, inode: UInt64
        let seconds, nanoseconds, size: Int64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            seconds = Int64(status.st_mtim.tv_sec)
            nanoseconds = Int64(status.st_mtim.tv_nsec)
            size = Int64(status.st_size)
        }
    }

    private struct Entry {
        let identity: Identity
        let zone: Zone
    }

    /// Where the files are.
    package let directory: String
    private var entries: [String: Entry] = [:]

    /// Larger than any zone's file: 256 KiB.
    private static let largest: Int64 = 1 << 18

    /// The zones below a directory; without one below `TZDIR`, else below /usr/share/zoneinfo.
    package init(directory: String? = nil) {
        let variable = getenv("TZDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        self.directory = directory ?? variable ?? "/usr/share/zoneinfo"
    }

    /// The zone of that name, as its file is now.
    ///
    /// Throws what is wrong with the name or the file, and what to do; `UTC` is there without any file.
    package mutating func zone(_ name: String) throws(CharonError) -> Zone {
        guard ZoneName.isValid(name) else {
            throw CharonError(.configuration, "'\(name)' is no name of a time zone: \(ZoneName.rule)")
        }
        if let zone = try read(name, "\(directory)/\(name)") { return zone }
        if name == "UTC" { return .utc }
        throw unknown(name)
    }

    /// The host's zone: what `TZ` names (tzset(3)), else /etc/localtime, else UTC.
    package mutating func local(
        variable: String? = getenv("TZ").map { String(cString: $0) }, file: String = "/etc/localtime"
    ) throws(CharonError) -> Zone {
        if let variable, !variable.isEmpty {
            let name = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
            if ZoneName.isValid(name), let zone = try read(name, "\(directory)/\(name)") { return zone }
            if let zone = Zone(posix: name) { return zone }
            return try zone(name)
        }
        return try read(Self.linkedName(file) ?? "localtime", file) ?? .utc
    }

    /// The name of the zone that /etc/localtime is a link to.
    private static func linkedName(_ file: String) -> String? {
        guard let path = realpath(file, nil) else { return nil }
        defer { free(path) }
        let parts = String(cString: path).split(separator: "/")
        guard let index = parts.lastIndex(of: "zoneinfo"), index + 1 < parts.count else { return nil }
        return parts[(index + 1)...].joined(separator: "/")
    }

    /// The zone of a file; nil if there is no such file.
    private mutating func read(_ name: String, _ path: String) throws(CharonError) -> Zone? {
        let (identity, bytes): (Identity, [UInt8])
        do throws(SystemError) {
            let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
            var status = stat()
            guard fstat(file.number, &status) == 0 else { throw .last("fstat") }
            if status.st_mode & S_IFMT == S_IFDIR { return nil }
            identity = Identity(status)
            if let entry = entries[path], entry.identity == identity, entry.zone.name == name { return entry.zone }
            bytes =
                status.st_mode & S_IFMT == S_IFREG && identity.size <= Self.largest
                ? try file.read(at: 0, limit: Int(identity.size)) : []
        } catch  where [ENOENT, ENOTDIR].contains(error.errno) {
            return nil
        } catch {
            throw CharonError(.configuration, "the time zone \(name) cannot be read: \(error)")
        }
        do throws(ZoneFile.Malformed) {
            let file = try ZoneFile(bytes)
            let zone = Zone(name: name, changes: file.changes, offsets: file.offsets, rule: file.rule)
            entries[path] = Entry(identity: identity, zone: zone)
            return zone
        } catch {
            throw CharonError(
                .configuration,
                "\(path) is no time zone that can be used: \(error.reason); Debian's package tzdata has it")
        }
    }

    private func unknown(_ name: String) -> CharonError {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            return CharonError(
                .configuration,
                "the time zone \(name) cannot be found: there is no \(directory); install Debian's package tzdata")
        }
        let hint =
            ZoneNames(directory).nearest(to: name).map { "; did you mean \($0)?" } ?? ": see timedatectl list-timezones"
        return CharonError(.configuration, "there is no time zone \(name) in \(directory)\(hint)")
    }
}
