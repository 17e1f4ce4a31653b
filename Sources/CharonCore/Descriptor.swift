import Glibc

/// An open file descriptor that is closed with its last owner.
package final class Descriptor: Sendable {
    package let number: Int32

    /// Takes over `number`, which must be open and owned by nobody else.
    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Opens `path` with close-on-exec set; see open(2).
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemError) -> Descriptor {
        while true {
            let number = Glibc.open(path, flags | O_CLOEXEC, mode)
            if number >= 0 { return Descriptor(owning: number) }
            guard Glibc.errno == EINTR else { throw .last("open", path) }
        }
    }

    /// Writes all of `bytes`, through short writes and EINTR.
    package func write(_ bytes: some Sequence<UInt8>) throws(SystemError) {
        let bytes = ContiguousArray(bytes)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(number, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count > 0 {
                done += count
            } else if count == 0 || Glibc.errno != EINTR {
                throw .last("write")
            }
        }
    }

    /// Reads at most `limit` bytes from `offset`; fewer only at the end of the file.
    package func read(at offset: Int64, limit: Int) throws(SystemError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, total in
            while total < limit {
                let target = buffer.baseAddress.map { $0 + total }
                let count = pread(number, target, limit - total, Int(offset) + total)
                if count > 0 {
                    total += count
                } else if count == 0 {
                    break
                } else if Glibc.errno != EINTR {
                    failure = Glibc.errno
                    break
                }
            }
        }
        guard failure == 0 else { throw SystemError("read", errno: failure) }
        return bytes
    }

    /// The size of the file in bytes.
    package var size: Int64 {
        get throws(SystemError) {
            var status = stat()
            guard fstat(number, &status) == 0 else { throw .last("fstat") }
            return Int64(status.st_size)
        }
    }
}
