package import CharonCore
import CharonRuns
import Glibc

/// Gathers entries of `output.log` and appends them with few writes.
///
/// A write that fails (ENOSPC, EDQUOT, EIO, EFBIG) loses its entries, counted, and nothing else: the next write is tried
/// again. Of an entry that was written in part, the rest stays at the head of the memory and goes out first, so that
/// no reader sees two entries in one line. The descriptor must be open for appending, and this its only writer.
package final class RecordWriter {
    /// Entries wait in here; more than the longest one fits.
    package static let capacity = 256 * 1024

    private let descriptor: Int32
    private let memory: MappedMemory
    /// The bytes that wait.
    private(set) var count = 0
    /// How many of them, at the head, are the rest of an entry whose beginning is in the file.
    private var tornRest = 0
    private var dropped: Int64 = 0
    /// The size of the file in bytes.
    package private(set) var fileSize: Int64

    /// Throws if there is no memory or `descriptor` is no open file.
    package init(descriptor: Int32) throws(SystemError) {
        guard let memory = MappedMemory(size: Self.capacity) else { throw .last("mmap") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last("fstat") }
        self.descriptor = descriptor
        self.memory = memory
        fileSize = Int64(status.st_size)
    }

    /// The bytes of the command that are not in the file, and will not be unless a torn entry is completed.
    package var lostBytes: Int64 { dropped + Int64(tornRest) }

    /// A place for `size` bytes, at most the longest entry; `append` counts them in when they are there.
    @inline(__always)
    func reserve(_ size: Int) -> UnsafeMutableRawPointer {
        if count + size > Self.capacity { flush() }
        return memory.start + count
    }

    @inline(__always)
    func append(_ size: Int) { count += size }

    /// Writes what waits; returns false if some of it was lost.
    @discardableResult
    package func flush() -> Bool {
        var done = 0
        while done < count {
            let written = write(descriptor, memory.start + done, count - done)
            if written > 0 {
                done += written
            } else if written == 0 || errno != EINTR {
                break
            }
        }
        fileSize += Int64(done)
        guard done < count else {
            count = 0
            tornRest = 0
            return true
        }
        drop(from: done)
        return false
    }

    /// Gives the memory back while nothing waits.
    func rest() { if count == 0 { memory.empty() } }

    /// Loses everything from `done` on, but for the rest of an entry that is written in part.
    private func drop(from done: Int) {
        let bytes = UnsafeRawBufferPointer(start: memory.start, count: count)
        let isBoundary = done == 0 ? tornRest == 0 : bytes[done - 1] == Self.newline
        let whole = isBoundary ? done : Self.endOfEntry(in: bytes, from: done)
        var start = whole
        while start < bytes.count {
            let end = Self.endOfEntry(in: bytes, from: start)
            let tag = bytes[start + LogLine.prefixLength - 2]
            dropped += Int64(end - start - LogLine.prefixLength - (tag == Self.partial ? 1 : 0))
            start = end
        }
        tornRest = whole - done
        memory.start.copyMemory(from: memory.start + done, byteCount: tornRest)
        count = tornRest
    }

    private static let newline: UInt8 = 0x0A
    private static let partial: UInt8 = 0x50

    private static func endOfEntry(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        (bytes[start...].firstIndex(of: newline) ?? bytes.count - 1) + 1
    }
}
