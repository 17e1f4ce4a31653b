import Glibc

/// A system call that failed: its name, its errno, and the path or object it was for.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let errno: Int32
    package let object: String?

    package init(_ call: String, errno: Int32, _ object: String? = nil) {
        self.call = call
        self.errno = errno
        self.object = object
    }

    /// For the system call that has just failed.
    package static func last(_ call: String, _ object: String? = nil) -> SystemError {
        SystemError(call, errno: Glibc.errno, object)
    }

    /// The text of strerror(3).
    package static func text(of errno: Int32) -> String {
        strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    }

    package var description: String {
        (object.map { "\($0): " } ?? "") + "\(call): \(Self.text(of: errno))"
    }
}
