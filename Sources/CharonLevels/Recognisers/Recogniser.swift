import CharonCore

/// Chooses by the first byte that is no blank which recognisers can know a line: most lines are asked one question.
enum Recogniser {
    /// What the line says of its own level, after the presets that are on.
    static func find(in line: Span<UInt8>, _ signs: LineSigns, _ presets: LevelPresets) -> Finding? {
        let start = line.skippingBlanks(from: 0)
        switch line.at(start) {
        case "{": return presets.contains(.json) ? JSONLine.find(in: line, at: start) : nil
        case "[": return bracket(line, start, signs, presets)
        case "0"..."9": return timed(line, start, signs, presets)
        case "A"..."Z", "a"..."z": return letter(line, start, signs, presets)
        case "!", "/":
            if presets.contains(.symfony), let finding = Symfony.find(in: line, at: start) { return finding }
            return words(line, start, signs, presets)
        case "+": return presets.contains(.tracebacks) ? Traceback.find(in: line, at: start) : nil
        case "(", "*", "-", "=", ".", "|", "\u{80}"...: return words(line, start, signs, presets)
        default: return nil
        }
    }

    private static func letter(_ line: Span<UInt8>, _ start: Int, _ signs: LineSigns, _ presets: LevelPresets)
        -> Finding?
    {
        if presets.contains(.tracebacks), let finding = Traceback.find(in: line, at: start) { return finding }
        if presets.contains(.php), let finding = PHP.find(in: line, at: start) { return finding }
        if presets.contains(.symfony), let finding = Symfony.find(in: line, at: start) { return finding }
        if signs.hasEquals, presets.contains(.logfmt), line.at(start).isLower,
            let finding = Logfmt.find(in: line, at: start)
        {
            return finding
        }
        return timed(line, start, signs, presets)
    }

    /// A line that begins with a bracket: Monolog's and PHP's time, Symfony's type, or any other.
    private static func bracket(_ line: Span<UInt8>, _ start: Int, _ signs: LineSigns, _ presets: LevelPresets)
        -> Finding?
    {
        if presets.contains(.symfony), let finding = Symfony.find(in: line, at: start) { return finding }
        if let end = TimeStamp.end(in: line, at: start + 1), line.at(end) == "]" {
            if presets.contains(.monolog), let finding = Monolog.find(in: line, behindTime: end + 1) { return finding }
            if presets.contains(.php), let finding = PHP.find(in: line, at: end + 2) { return finding }
            if presets.contains(.tracebacks), let finding = Traceback.find(in: line, at: end + 2) { return finding }
            return presets.contains(.words) ? Words.find(in: line, at: end + 1, isTimed: true, signs) : nil
        }
        if presets.contains(.tracebacks), let finding = Traceback.find(in: line, at: start) { return finding }
        return words(line, start, signs, presets)
    }

    /// A line that may begin with a time stamp.
    private static func timed(_ line: Span<UInt8>, _ start: Int, _ signs: LineSigns, _ presets: LevelPresets)
        -> Finding?
    {
        guard let end = TimeStamp.end(in: line, at: start) else { return words(line, start, signs, presets) }
        let text = line.skippingBlanks(from: end)
        if line.at(text) == "{" { return presets.contains(.json) ? JSONLine.find(in: line, at: text) : nil }
        if signs.hasEquals, presets.contains(.logfmt), let finding = Logfmt.find(in: line, at: text) { return finding }
        return presets.contains(.words) ? Words.find(in: line, at: end, isTimed: true, signs) : nil
    }

    private static func words(_ line: Span<UInt8>, _ start: Int, _ signs: LineSigns, _ presets: LevelPresets)
        -> Finding?
    {
        presets.contains(.words) ? Words.find(in: line, at: start, isTimed: false, signs) : nil
    }
}
