import CharonCore
import Glibc

/// The names of all zones in a directory; only read for the hint in an error.
struct ZoneNames {
    private var names: [String] = []

    init(_ directory: String) { list(directory, prefix: "", depth: 0) }

    private mutating func list(_ directory: String, prefix: String, depth: Int) {
        guard depth < 3, let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // Zones begin with a capital; right/, posix/ and the tables do not.
            guard let first = name.utf8.first, (0x41...0x5A).contains(first) else { continue }
            if Int32(entry.pointee.d_type) == Int32(DT_DIR) {
                list("\(directory)/\(name)", prefix: "\(prefix)\(name)/", depth: depth + 1)
            } else {
                names.append(prefix + name)
            }
        }
    }

    /// What a mistyped name was meant to be: the same city elsewhere, or few letters away.
    func nearest(to name: String) -> String? {
        let wanted = name.lowercased()
        let city = wanted.split(separator: "/").last.map(String.init)?.replacing(" ", with: "_")
        let near = names.map { known -> (Int, String) in
            let known = (text: known, small: known.lowercased())
            if known.small.split(separator: "/").last.map(String.init) == city { return (0, known.text) }
            return (Spelling.distance(wanted, known.small), known.text)
        }
        guard let best = near.min(by: { $0 < $1 }), best.0 <= Swift.max(1, wanted.utf8.count / 4) else { return nil }
        return best.1
    }
}
