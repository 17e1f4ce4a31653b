import Glibc

/// Users and groups by nsswitch.conf(5): files, LDAP and others; a look-up may wait for a directory's server.
package enum NameService {
    /// The account of a user by name or number; nil if there is none.
    package static func account(_ name: String) -> Account? {
        withEntry { (entry: inout passwd, buffer, size, found) in
            if let uid = number(name) { return getpwuid_r(uid, &entry, buffer, size, &found) }
            return getpwnam_r(name, &entry, buffer, size, &found)
        } read: { entry in
            let name = text(entry.pw_name)
            return Account(
                name: name, uid: entry.pw_uid, gid: entry.pw_gid, groups: groups(of: name, entry.pw_gid),
                home: text(entry.pw_dir), shell: text(entry.pw_shell))
        }
    }

    /// The number of a group by name or number; nil if there is none.
    package static func group(_ name: String) -> UInt32? {
        withEntry { (entry: inout Glibc.group, buffer, size, found) in
            if let gid = number(name) { return getgrgid_r(gid, &entry, buffer, size, &found) }
            return getgrnam_r(name, &entry, buffer, size, &found)
        } read: {
            $0.gr_gid
        }
    }

    private static func number(_ text: String) -> UInt32? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(text) : nil
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }

    private static func groups(of name: String, _ gid: UInt32) -> Set<UInt32> {
        var count: Int32 = 65_536
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(name, gid, &groups, &count) >= 0 else { return [gid] }
        return Set(groups.prefix(Int(count)))
    }

    /// Calls a look-up of passwd(5) or group(5) with room enough for its texts.
    private static func withEntry<Entry, Value>(
        _ call: (inout Entry, UnsafeMutablePointer<CChar>, Int, inout UnsafeMutablePointer<Entry>?) -> Int32,
        read: (Entry) -> Value
    ) -> Value? {
        var size = 4096
        while size <= 1 << 20 {
            let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer {
                entry.deallocate()
                buffer.deallocate()
            }
            // The structures are plain C: zeros are a value of them.
            memset(entry, 0, MemoryLayout<Entry>.size)
            var found: UnsafeMutablePointer<Entry>?
            let code = call(&entry.pointee, buffer, size, &found)
            if code == 0 { return found.map { read($0.pointee) } }
            guard code == ERANGE || code == EINTR else { return nil }
            size *= 4
        }
        return nil
    }
}
