import Glibc

/// A directory of a test, removed with its last owner.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/charon-schedule-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nowhere"
        }
    }

    deinit {
        for name in names {
            unlink("\(path)/\(name)")
            rmdir("\(path)/\(name)")
        }
        rmdir(path)
    }

    private var names: [String] = []

    /// Puts a file there, in the place of one of that name.
    func write(_ name: String, _ bytes: [UInt8]) {
        names.append(name)
        guard let file = fopen("\(path)/\(name).new", "w") else { return }
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, bytes.count, file) }
        fclose(file)
        rename("\(path)/\(name).new", "\(path)/\(name)")
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        return Array(bytes.prefix(count))
    }
}
