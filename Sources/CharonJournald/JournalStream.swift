import Glibc

/// Whether a descriptor is the journal already, as systemd tells by `JOURNAL_STREAM` (systemd.exec(5)).
package struct JournalStream: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// Reads `device:inode`, both decimal; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.device = device
        self.inode = inode
    }

    /// What the environment of this process says; nil if it says nothing.
    package static var ofEnvironment: JournalStream? {
        getenv("JOURNAL_STREAM").flatMap { JournalStream(String(cString: $0)) }
    }

    /// Whether `descriptor` is that stream: a descriptor may have been redirected since.
    package func matches(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_dev == device && status.st_ino == inode
    }
}
