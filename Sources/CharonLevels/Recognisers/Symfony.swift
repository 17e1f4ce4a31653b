import CharonCore

/// The blocks of Symfony's console (`SymfonyStyle`), and its box around the message of an exception.
enum Symfony {
    /// A block's first line, whose text begins at `start`.
    static func find(in line: Span<UInt8>, at start: Int) -> Finding? {
        switch line.at(start) {
        case "[" where start == 1: block(in: line, at: start) { .symfony(indentation: $0) }
        case "!" where start == 1 && line.has(" [", at: 2): block(in: line, at: 3) { _ in .symfonyMarked }
        case "/" where start == 1 && line.has("// ", at: 1): Finding(.info, opening: .symfony(indentation: 4))
        case "I" where start == 0: box(in: line)
        default: nil
        }
    }

    /// A type in brackets, in capitals as `SymfonyStyle` writes it.
    private static func block(in line: Span<UInt8>, at start: Int, _ kind: (Int) -> Block.Kind) -> Finding? {
        guard let end = line.index(of: 0x5D, from: start, to: start + 16) else { return nil }
        let kind = kind(end + 2)
        if line.has("[OK]", at: start) || line.has("[SUCCESS]", at: start) { return .success(opening: kind) }
        guard let keyword = Keyword.find(in: line, at: start + 1), keyword.end == end, keyword.style == .upper else {
            return nil
        }
        return Finding(keyword.severity, opening: kind)
    }

    /// `In File.php line 12:`, above the message.
    private static func box(in line: Span<UInt8>) -> Finding? {
        guard line.has("In ", at: 0), let end = line.index(of: 0x20, from: 3, to: line.count),
            line.has(".php line ", at: end - 4), line.at(line.count - 1) == ":",
            line.skippingDigits(from: end + 6) == line.count - 1
        else { return nil }
        return Finding(.error, opening: .symfonyBox)
    }
}
