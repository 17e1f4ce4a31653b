import CharonCore
import CharonRuns

/// A run's record in a directory of its own, with an `output.log` that a test writes.
struct WrittenOutput {
    private let temporary: TemporaryDirectory
    let directory: RunDirectory
    let file: Descriptor
    /// The directory of its own.
    var place: String { temporary.path }

    init() throws {
        temporary = try TemporaryDirectory()
        let request = try RecordTests.request()
        directory = RunDirectory(state: temporary.path, slug: request.slug, run: request.run)
        file = try directory.create(request).output
    }

    func write(_ text: String, _ stream: LogLine.Stream = .stdout, isPartial: Bool = false) throws {
        try write(Array(text.utf8), stream, isPartial: isPartial)
    }

    func write(_ text: [UInt8], _ stream: LogLine.Stream = .stdout, isPartial: Bool = false) throws {
        let prefix = "\(RecordTests.at.rfc3339) \(stream.rawValue) \(isPartial ? "P" : "F") "
        try file.write(Array(prefix.utf8) + text + [0x0A])
    }
}
