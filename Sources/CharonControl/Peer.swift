import CLinux
package import CharonCore
import Glibc

/// Who is at the other end of a control connection, from the kernel (SO_PEERCRED in unix(7)).
package struct Peer: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    package let pid: Int32

    package init(uid: UInt32, gid: UInt32 = 0, pid: Int32 = 0) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }

    package init(of socket: Descriptor) throws(SystemError) {
        var uid: uid_t = 0
        var gid: gid_t = 0
        var pid: pid_t = 0
        let error = clinux_peer(socket.number, &uid, &gid, &pid)
        guard error == 0 else { throw SystemError("getsockopt", errno: error) }
        self.init(uid: uid, gid: gid, pid: pid)
    }
}
