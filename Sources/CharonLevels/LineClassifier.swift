import CharonCore

/// Names the level of each line of a run, in the order in which the lines were written.
///
/// Pure: its answers depend on the rules and the lines alone. One for each run, because a line can belong to the block
/// that a line before it on the same stream has begun. What decides, first to last: a rule of one's own, the prefix `<N>`,
/// the block that the line goes on with, what the line says of itself, its stream.
///
/// A line is read as a terminal would show it: without colours, and from behind its last carriage return.
package struct LineClassifier: Sendable {
    /// What is to be remembered between two lines: the open block of each stream.
    ///
    /// The empty state is right at the start of a run. In the middle of a run the lines that are left of a block that has
    /// begun before have the level that they would have alone; `replay` avoids it.
    package struct State: Hashable, Sendable {
        var stdout: OpenBlock?
        var stderr: OpenBlock?

        /// No block is open.
        package init() {}
    }

    /// A block with what was decided for its first line.
    struct OpenBlock: Hashable, Sendable {
        var block: Block
        let first: Classified
    }

    /// How many lines before the one to begin with are worth a `replay`: few tracebacks are longer.
    package static let replayedLines = 200
    /// How many bytes of a line are looked at.
    package static let examinedBytes = 16_384

    /// The rules, which are the same for a whole run.
    package let rules: LevelRules
    /// The blocks that are open.
    package private(set) var state: State

    /// What is said of a line that says nothing of itself.
    private let plainStdout: Classified
    private let plainStderr: Classified

    /// A classifier at the start of a run, or in a state kept from before.
    package init(_ rules: LevelRules = LevelRules(), state: State = State()) {
        self.rules = rules
        self.state = state
        plainStdout = Classified(rules.stdout)
        plainStderr = Classified(rules.stderr)
    }

    /// Classifies one line without its newline.
    ///
    /// Of a line that comes in parts only the first is to be given; the others share its level.
    package mutating func classify(_ line: Span<UInt8>, from stream: LevelRules.Stream) -> Classified {
        let whole = line.extracting(first: Self.examinedBytes)
        let prefix = rules.presets.contains(.prefix) ? Prefix.find(in: whole) : nil
        let text = whole.extracting(droppingFirst: prefix == nil ? 0 : Prefix.length)
        let signs = LineSigns(of: text)
        guard signs.hasControls else { return classify(shown: text, signs, prefix, stream) }
        if let shown = Shown.range(of: text) {
            return classify(shown: text.extracting(shown), signs, prefix, stream)
        }
        let bytes = Shown.bytes(of: text)
        return classify(shown: bytes.span, signs, prefix, stream)
    }

    /// Classifies a line as a terminal shows it, which has no signs but `signs`.
    private mutating func classify(
        shown line: Span<UInt8>, _ signs: LineSigns, _ prefix: Severity?, _ stream: LevelRules.Stream
    ) -> Classified {
        // A line with a prefix speaks for itself: whoever writes them writes one on each line of a block.
        if let prefix {
            state[stream] = nil
            return decided(Classified(Finding(prefix), prefixLength: Prefix.length), line)
        }
        if state[stream] != nil, let first = continuation(line, stream) { return decided(first.continued(), line) }
        guard let finding = Recogniser.find(in: line, signs, rules.presets) else {
            return decided(stream == .stdout ? plainStdout : plainStderr, line)
        }
        let classified = decided(Classified(finding), line)
        if finding.opensBlock(rules.presets) {
            state[stream] = OpenBlock(block: Block(finding.block), first: classified)
        }
        return classified
    }

    /// What was decided for the first line of the block that `line` goes on with; one that it does not go on with ends.
    private mutating func continuation(_ line: Span<UInt8>, _ stream: LevelRules.Stream) -> Classified? {
        guard var open = state[stream] else { return nil }
        let answer = open.block.answer(line)
        state[stream] = answer == .belongs ? open : nil
        return answer == .doesNot ? nil : open.first
    }

    /// The same with what the first rule that is for the line says instead.
    @inline(__always)
    private func decided(_ classified: Classified, _ line: Span<UInt8>) -> Classified {
        rules.rules.isEmpty ? classified : classified.decided(by: rules.rules.first { $0.matches(line) })
    }
}
