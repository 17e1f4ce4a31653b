/// Numbers as people say them.
enum WordList {
    /// `a`, `a and b`, `a, b and c`.
    static func join(_ words: [String], _ conjunction: String = "and") -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    /// The bits that are set.
    static func values(_ mask: UInt64) -> [Int] { (0..<64).filter { mask >> UInt64($0) & 1 != 0 } }

    /// Ascending numbers with three in a row and more as `1 to 5`, each written by `name`.
    static func ranges(_ values: [Int], _ name: (Int) -> String = { "\($0)" }) -> String {
        var words: [String] = []
        var index = 0
        while index < values.count {
            var end = index
            while end + 1 < values.count, values[end + 1] == values[end] + 1 { end += 1 }
            if end - index >= 2 {
                words.append("\(name(values[index])) to \(name(values[end]))")
            } else {
                words += values[index...end].map(name)
            }
            index = end + 1
        }
        return join(words)
    }

    /// The step of numbers that are equally far from each other.
    static func step(_ values: [Int]) -> Int? {
        guard values.count > 2 else { return nil }
        let step = values[1] - values[0]
        return zip(values, values.dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
    }

    /// `1st`, `2nd`, `3rd`, `4th`.
    static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (_, 11...13): "\(number)th"
        case (1, _): "\(number)st"
        case (2, _): "\(number)nd"
        case (3, _): "\(number)rd"
        default: "\(number)th"
        }
    }

    /// Two digits at least.
    static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
