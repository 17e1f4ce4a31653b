import CLinux
package import CharonCore
import Glibc

/// Who is at the other end of a control connection, from the kernel (SO_PEERCRED and SO_PEERGROUPS in unix(7)).
package struct Peer: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    package let pid: Int32
    /// Supplementary groups, as they were when it connected.
    package let groups: [UInt32]

    package init(uid: UInt32, gid: UInt32 = 0, pid: Int32 = 0, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.groups = groups
    }

    package init(of socket: Descriptor) throws(SystemError) {
        var uid: uid_t = 0
        var gid: gid_t = 0
        var pid: pid_t = 0
        let error = clinux_peer(socket.number, &uid, &gid, &pid)
        guard error == 0 else { throw SystemError("getsockopt", errno: error) }
        self.init(uid: uid, gid: gid, pid: pid, groups: try Self.groups(of: socket))
    }

    /// Those of a peer never change, so what the first look counts is what the second one finds.
    private static func groups(of socket: Descriptor) throws(SystemError) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            let count = Int(clinux_peer_groups(socket.number, &groups, Int32(groups.count)))
            guard count >= 0 else { throw SystemError("getsockopt", errno: Int32(-count)) }
            if count <= groups.count { return Array(groups.prefix(count)) }
            groups = [gid_t](repeating: 0, count: count)
        }
    }

    /// Whether the peer is in a group, by whichever of its groups.
    package func isMember(of group: UInt32) -> Bool { gid == group || groups.contains(group) }
}
