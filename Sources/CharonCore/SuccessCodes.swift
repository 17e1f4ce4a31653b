/// The exit codes that count as success, as `--success-codes 0,3,10-12` names them.
package struct SuccessCodes: Hashable, Sendable, CustomStringConvertible {
    package static let rule = "success codes are numbers or ranges from 0 to 255 with commas between, as in 0,3,10-12"

    /// Exit code 0 alone.
    package static let zero = SuccessCodes(ranges: [0...0])

    package let ranges: [ClosedRange<Int32>]

    private init(ranges: [ClosedRange<Int32>]) { self.ranges = ranges }

    /// Nil unless `text` follows the rule.
    package init?(_ text: String) {
        var ranges: [ClosedRange<Int32>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = ends.first.flatMap(Self.number),
                let last = ends.last.flatMap(Self.number), first <= last
            else { return nil }
            ranges.append(Int32(first)...Int32(last))
        }
        self.ranges = ranges
    }

    /// The initializer of the standard library takes a plus sign too.
    private static func number(_ text: Substring) -> UInt8? { text.first == "+" ? nil : UInt8(text) }

    package func contains(_ code: Int32) -> Bool { ranges.contains { $0.contains(code) } }

    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    /// Whether `outcome` is a success for Charon: only a command that exited with one of these codes.
    package func isSuccess(_ outcome: RunOutcome) -> Bool {
        if case .exited(let code) = outcome { contains(code) } else { false }
    }
}
