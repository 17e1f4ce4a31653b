/// A time zone: which offset from UTC its clocks have at any second.
package struct Zone: Hashable, Sendable {
    /// A stretch of time in which the clocks of a zone have one offset.
    package struct Stretch: Hashable, Sendable {
        /// Its first second, counted from 1970-01-01T00:00:00Z.
        package let start: Int64
        /// The first second after it.
        package let end: Int64
        /// What the clocks are ahead of UTC, in seconds.
        package let offset: Int64
    }

    /// As it was asked for: `Europe/Riga`.
    package let name: String
    /// When the offset changes, ascending, as far as the file lists it.
    private let changes: [Int64]
    /// The offset before the first change and after each; one more than `changes`.
    private let offsets: [Int32]
    /// What goes on after the last change.
    private let rule: PosixRule?

    /// Before and after all time that is computed with: 30,000 years.
    static let bound: Int64 = 1 << 40

    package static let utc = Zone(name: "UTC", changes: [], offsets: [0], rule: nil)

    init(name: String, changes: [Int64], offsets: [Int32], rule: PosixRule?) {
        self.name = name
        self.changes = changes
        self.offsets = offsets
        self.rule = rule
    }

    /// A zone by a POSIX rule as TZ has it (tzset(3)): `CET-1CEST,M3.5.0,M10.5.0/3` or `<+03>-3`.
    ///
    /// Nil for anything else.
    package init?(posix text: String) {
        guard let rule = PosixRule(text.utf8) else { return nil }
        self.init(name: text, changes: [], offsets: [rule.standard], rule: rule)
    }

    /// The stretch that a second, counted from 1970-01-01T00:00:00Z, lies in.
    package func stretch(at second: Int64) -> Stretch {
        let second = min(max(second, -Self.bound), Self.bound - 1)
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= second { low = middle + 1 } else { high = middle }
        }
        let start = low == 0 ? -Self.bound : changes[low - 1]
        if low == changes.count, let rule { return rule.stretch(at: second, notBefore: start) }
        return Stretch(
            start: start, end: low == changes.count ? Self.bound : changes[low], offset: Int64(offsets[low]))
    }

    /// What the clocks are ahead of UTC at a second, in seconds.
    package func offset(at second: Int64) -> Int64 { stretch(at: second).offset }
}
