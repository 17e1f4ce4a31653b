import CharonLevels
import Foundation

/// Lines that tools really wrote, labelled by hand with the level that an operator wants; see `Corpus/README.md`.
struct Corpus {
    struct Line {
        let tool: String
        let stream: LevelRules.Stream
        /// `i`, `w`, `e`, `s`, or `-` for a line without a meaning of its own.
        let label: Character
        let text: [UInt8]
    }

    /// The lines of each tool, in their order.
    let tools: [[Line]]

    var lines: [Line] { tools.flatMap { $0 } }

    /// Reads a part of the corpus: `tuning`, `held-out` or `held-out-2`.
    init(_ part: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Corpus/\(part)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }
        tools = try files.map { file in
            try Data(contentsOf: file).split(separator: 0x0A).map { bytes in
                let bytes = Array(bytes)
                guard bytes.count >= 3, bytes[2] == 0x09, bytes[0] == 0x4F || bytes[0] == 0x45 else {
                    throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: file.path])
                }
                return Line(
                    tool: file.deletingPathExtension().lastPathComponent, stream: bytes[0] == 0x4F ? .stdout : .stderr,
                    label: Character(Unicode.Scalar(bytes[1])), text: Array(bytes[3...]))
            }
        }
    }
}
