import Glibc

extension Site {
    /// Makes a network of the site's own, whose loopback interface has `address` too, and returns the words before a
    /// command that let it run there.
    ///
    /// Only root may do that. Sockets with a path are reached from outside.
    func makeNetwork(with address: String) async throws -> [String] {
        let program = """
            import fcntl, socket, struct, sys, time
            control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            # SIOCSIFFLAGS with IFF_UP, then SIOCSIFADDR (netdevice(7)).
            fcntl.ioctl(control, 0x8914, struct.pack("16sH22x", b"lo", 1))
            number = socket.inet_aton(sys.argv[1])
            fcntl.ioctl(control, 0x8916, struct.pack("16sHH4s16x", b"lo:1", socket.AF_INET, 0, number))
            open(sys.argv[2], "w").close()
            time.sleep(600)
            """
        let holder = try Spawned(
            ["unshare", "--net", "/usr/bin/python3", "-c", program, address, mark("network")], in: path)
        try await eventually("the network: \(holder.standardError)") {
            guard holder.exitCode == nil else { throw Failed("no network: \(holder.standardError)") }
            return hasMark("network")
        }
        return ["nsenter", "--net=/proc/\(holder.pid)/ns/net", "--"]
    }
}
