package import CharonCore
package import CharonRuns

/// The parameters of `Logs`: which lines of a run a caller asks for.
package struct LogsRequest: Hashable, Sendable {
    package var run: RunID
    /// The offset in the output to begin at.
    package var from: Int64 = 0
    /// Only lines of this stream.
    package var stream: LogLine.Stream?
    /// Only lines of this level or a graver one.
    package var level: Level?
    /// Only lines from this time on.
    package var since: Instant?

    package init(run: RunID) { self.run = run }

    init(_ json: JSON) throws(InvalidParameter) {
        let reader = ParameterReader(json)
        run = try reader.required("run", RunID.init)
        from = try reader.number("from", in: 0...1 << 50) ?? 0
        stream = try reader.optional("stream", LogLine.Stream.init(rawValue:))
        level = try reader.optional("level", Level.init(rawValue:))
        since = try reader.optional("since") { Instant(rfc3339: $0.utf8) }
    }

    /// Whether the caller wants an entry.
    func wants(_ line: LogLine, _ level: Level) -> Bool {
        (stream.map { $0 == line.stream } ?? true) && (self.level.map(level.reaches) ?? true)
            && (since.map { line.at >= $0 } ?? true)
    }
}
