import CharonCore

/// Lines of `key=value` pairs, as logrus, log15 and Go's slog write them: `time=… level=error msg="…"`.
enum Logfmt {
    /// The level of a line whose first word, at `start`, is a pair.
    ///
    /// A level by itself is none (`level=9` of a compressor): it must have a message or a time beside it.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        guard line.index(of: 0x3D, from: start, to: start + 64) != nil else { return nil }
        var severity: Severity?
        var isRecord = false
        var index = start
        while index < line.count, index - start < 512 {
            let key = index
            while line.at(index).isNameCharacter || line.at(index) == "@" { index += 1 }
            guard index > key, line.at(index) == "=" else { return nil }
            let value = index + 1
            guard let end = valueEnd(line, value) else { break }
            switch line.at(key) {
            case "l", "s":
                guard severity == nil, isLevel(line, key) else { break }
                let isQuoted = line.at(value) == "\""
                severity = Keyword.severity(of: line.extracting(isQuoted ? value + 1..<end - 1 : value..<end))
            case "m": isRecord = isRecord || line.has("msg=", at: key) || line.has("message=", at: key)
            case "t":
                isRecord =
                    isRecord || line.has("time=", at: key) || line.has("ts=", at: key) || line.has("t=", at: key)
                    || line.has("timestamp=", at: key)
            default: break
            }
            if isRecord, let severity { return Finding(severity) }
            index = line.skippingBlanks(from: end)
        }
        return nil
    }

    private static func isLevel(_ line: Span<UInt8>, _ key: Int) -> Bool {
        line.has("level=", at: key) || line.has("lvl=", at: key) || line.has("severity=", at: key)
            || line.has("log.level=", at: key) || line.has("loglevel=", at: key)
    }

    private static func valueEnd(_ line: Span<UInt8>, _ start: Int) -> Int? {
        var index = start
        guard line.at(start) == "\"" else {
            while index < line.count, !line.at(index).isBlank { index += 1 }
            return index
        }
        index += 1
        while index < line.count, line.at(index) != "\"" { index += line.at(index) == "\\" ? 2 : 1 }
        return index < line.count ? index + 1 : nil
    }
}
