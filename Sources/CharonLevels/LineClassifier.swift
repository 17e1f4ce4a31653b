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

    /// A classifier at the start of a run, or in a state kept from before.
    package init(_ rules: LevelRules = LevelRules(), state: State = State()) {
        self.rules = rules
        self.state = state
    }

    /// Classifies one line without its newline.
    ///
    /// Of a line that comes in parts only the first is to be given; the others share its level.
    package mutating func classify(_ line: Span<UInt8>, from stream: LevelRules.Stream) -> Classified {
        let whole = line.extracting(first: Self.examinedBytes)
        let prefix = rules.presets.contains(.prefix) ? Prefix.find(in: whole) : nil
        let text = whole.extracting(droppingFirst: prefix == nil ? 0 : Prefix.length)
        if let shown = Shown.range(of: text) {
            return classify(shown: text.extracting(shown), prefix, stream)
        }
        let bytes = Shown.bytes(of: text)
        return classify(shown: bytes.span, prefix, stream)
    }

    private mutating func classify(
        shown line: Span<UInt8>, _ prefix: Severity?, _ stream: LevelRules.Stream
    ) -> Classified {
        let length = prefix == nil ? 0 : Prefix.length
        let rule = rules.rules.isEmpty ? nil : rules.rules.first { $0.matches(line) }
        // A line with a prefix speaks for itself: whoever writes them writes one on each line of a block.
        if prefix == nil, let continued = continuation(line, stream) {
            return continued.continued().decided(by: rule)
        }
        state[stream] = nil
        let finding = prefix.map { Finding($0) } ?? Recogniser.find(in: line, rules.presets)
        let classified = Classified(finding, prefixLength: length, default: rules.level(of: stream)).decided(by: rule)
        if prefix == nil, let finding, finding.opensBlock(rules.presets) {
            state[stream] = OpenBlock(block: Block(finding.block), first: classified)
        }
        return classified
    }

    /// What was decided for the first line of the block that `line` goes on with.
    private mutating func continuation(_ line: Span<UInt8>, _ stream: LevelRules.Stream) -> Classified? {
        guard var open = state[stream] else { return nil }
        let answer = open.block.answer(line)
        guard answer != .doesNot else { return nil }
        state[stream] = answer == .endsIt ? nil : open
        return open.first
    }
}
