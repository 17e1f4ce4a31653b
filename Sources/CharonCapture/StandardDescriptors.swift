import Glibc

/// The descriptors 0, 1 and 2 that the process was given.
package enum StandardDescriptors {
    /// Opens /dev/null, close-on-exec, wherever the caller left a standard descriptor closed.
    ///
    /// To be called before anything is opened, which would become a standard descriptor otherwise.
    package static func plug() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR | O_CLOEXEC)
        }
    }

    /// Writes `charon-run: message` and a newline to standard error, in one write.
    package static func complain(_ message: String) {
        let line = Array("charon-run: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
