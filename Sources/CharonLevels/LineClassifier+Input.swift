/// The other forms in which a caller can hold a line.
extension LineClassifier {
    /// Classifies one line without its newline.
    package mutating func classify(_ line: [UInt8], from stream: LevelRules.Stream) -> Classified {
        classify(line.span, from: stream)
    }

    /// Classifies one line without its newline.
    package mutating func classify(_ line: ArraySlice<UInt8>, from stream: LevelRules.Stream) -> Classified {
        classify(line.span, from: stream)
    }

    /// Classifies one line without its newline; the buffer is read during the call alone.
    package mutating func classify(_ line: UnsafeRawBufferPointer, from stream: LevelRules.Stream) -> Classified {
        line.withMemoryRebound(to: UInt8.self) { classify($0.span, from: stream) }
    }

    /// Takes the last lines before the one to begin with, so that a block which they have begun goes on.
    ///
    /// Of more than `replayedLines` lines the first ones are of no use. Lines that are themselves in the middle of a block
    /// whose start is not among them do no harm: they open none.
    package mutating func replay(_ lines: some Sequence<(line: [UInt8], stream: LevelRules.Stream)>) {
        for (line, stream) in lines { _ = classify(line, from: stream) }
    }
}

extension LineClassifier.State {
    subscript(_ stream: LevelRules.Stream) -> LineClassifier.OpenBlock? {
        get { stream == .stdout ? stdout : stderr }
        set { if stream == .stdout { stdout = newValue } else { stderr = newValue } }
    }
}
