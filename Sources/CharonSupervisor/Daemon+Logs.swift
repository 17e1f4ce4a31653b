package import CharonControl
import CharonCore
import CharonRuns
import Glibc

extension Daemon {
    /// The reply to `Logs`: as much of a run's output from an offset on as fits into one message.
    ///
    /// A caller asks for the next part when it has this one, so nothing of an output stands in the daemon's memory for a
    /// slow caller, and between two parts others have their turn.
    package func logs(_ wanted: LogsRequest, for peer: Peer) async -> VarlinkReply {
        touch()
        // Before the output is looked at: what is read of an ended run is all of it.
        let hasEnded = !(entries[wanted.run]?.isActive ?? false)
        let slug = entries[wanted.run]?.request.slug
        let (state, rights) = (configuration.state, rights)
        do {
            return try await bulk.perform { () throws(SystemError) in
                switch try Self.recorded(wanted.run, of: slug, state: state, rights, peer) {
                case .kept(let directory, let request):
                    VarlinkReply(try Self.part(of: directory, request, wanted, hasEnded: hasEnded))
                case .past(let line):
                    VarlinkReply([
                        "slug": line["slug"], "lines": [], "next": 0, "more": false, "ended": true, "kept": false,
                        "outcome": line["outcome"],
                    ])
                case .nothing: .noSuchRun
                }
            }
        } catch {
            return .recordFailed("\(error)")
        }
    }

    private static func part(
        of directory: RunDirectory, _ request: RunRequest, _ wanted: LogsRequest, hasEnded: Bool
    ) throws(SystemError) -> JSON {
        let reader = try OutputReader(directory)
        let (pieces, behind) = try reader.pieces(from: wanted.from)
        var levels = pieces.isEmpty ? LineLevels(request) : try Self.levels(request, reader, before: wanted.from)
        var gaps: [DeliveryRecord.Dropped.Gap]?
        var found = Page(limit: .max)
        var next = wanted.from
        for piece in pieces {
            let end: Int64
            let line: JSON?
            switch piece {
            case .entry(let entry, let from):
                end = entry.end
                let (said, text) = levels.take(entry.line)
                let level = said.level
                line = wanted.wants(entry.line, level) ? describe(entry.line, level, Array(text), at: from) : nil
            case .dropped(let bytes):
                end = bytes.to
                let known = gaps ?? directory.deliveryOrNone.dropped.gaps
                gaps = known
                line = describe(bytes, known)
            }
            if let line, !found.add(line) { break }
            next = end
        }
        if !found.isCut { next = behind }
        let size = try reader.size
        return [
            "slug": .string(directory.slug.text), "lines": .array(found.elements), "next": .integer(next),
            "more": .bool(next > wanted.from && next < size), "ended": .bool(hasEnded), "kept": true,
            "outcome": hasEnded ? ((try? directory.exit()) ?? nil).map { clipped($0.outcome).json } : nil,
        ]
    }

    /// The levels behind the lines before an offset.
    private static func levels(
        _ request: RunRequest, _ reader: OutputReader, before offset: Int64
    ) throws(SystemError) -> LineLevels {
        let first = try reader.boundary(from: max(offset - contextBytes, 0))
        guard first < offset else { return LineLevels(request) }
        return LineLevels(request, behind: try reader.entries(from: first, to: offset, limit: Int(offset - first)))
    }

    /// As much of the output as is read for the lines before those that are asked for.
    private static let contextBytes: Int64 = 65_536

    private static func describe(_ line: LogLine, _ level: Level, _ text: [UInt8], at offset: Int64) -> JSON {
        .object(
            [
                .init("offset", .integer(offset)), .init("at", .string(line.at.rfc3339)),
                .init("stream", .string(line.stream.rawValue)), .init("level", .string(level.rawValue)),
                RecordedText.member(text),
            ] + (line.isPartial ? [.init("partial", true)] : []))
    }

    /// What the disk budget took, in its place; how many lines is known as long as Charon was not told of them.
    private static func describe(_ bytes: DeliveryRecord.Batch, _ gaps: [DeliveryRecord.Dropped.Gap]) -> JSON {
        let lines = gaps.first { $0.bytes.from == bytes.from }?.lines
        return [
            "offset": .integer(bytes.from),
            "dropped": ["bytes": .integer(bytes.to - bytes.from), "lines": lines.map { .integer($0) }],
        ]
    }
}

extension RunDirectory {
    /// What is known of the delivery, which is nothing where it cannot be read.
    var deliveryOrNone: DeliveryRecord { ((try? delivery()) ?? nil) ?? DeliveryRecord() }
}
