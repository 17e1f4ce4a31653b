import CLinux

/// Working memory whose pages exist only while they are used.
final class MappedMemory {
    let start: UnsafeMutableRawPointer
    let size: Int

    /// Nil if the system has no memory.
    init?(size: Int) {
        guard let start = clinux_map(size) else { return nil }
        self.start = start
        self.size = size
    }

    deinit { clinux_unmap(start, size) }

    /// Gives the pages back; the content is lost.
    func empty() { clinux_map_empty(start, size) }
}
