/// Reads one field of an expression.
struct FieldParser {
    typealias Failure = ScheduleError

    /// What a field says, as bits: bit n of `values` is the value n.
    struct Result {
        var values: UInt64 = 0
        /// Whether the field begins with `*`, which decides what cron does at a clock jump and with the other day field.
        var isStar = false
        /// Bit n: the weekday nearest to day n (`15W`).
        var nearest: UInt32 = 0
        /// The last day of the month (`L`).
        var isLastDay = false
        /// The last Monday to Friday of the month (`LW`).
        var isLastWorkday = false
        /// Bit 5 × weekday + n - 1: the n-th such weekday of the month (`FRI#2`).
        var ordinal: UInt64 = 0
        /// Bit n: the last such weekday of the month (`5L`).
        var last: UInt8 = 0
    }

    private let field: Field
    private let text: [Unicode.Scalar]
    private let end: Int
    private let seed: UInt64
    private var index: Int
    private var result = Result()
    private var terms = 0

    init(_ field: Field, _ text: [Unicode.Scalar], _ range: Range<Int>, seed: UInt64) {
        self.field = field
        self.text = text
        index = range.lowerBound
        end = range.upperBound
        self.seed = seed
    }

    /// Reads the whole field: terms with commas between them.
    mutating func parse() throws(Failure) -> Result {
        result.isStar = next == "*"
        repeat {
            try term()
            terms += 1
        } while take(",")
        guard index == end else {
            throw error("'\(text[index])' does not belong here: a \(field.name) is \(field.rule), with * , - / ~ and H")
        }
        return result
    }

    private var next: Unicode.Scalar? { index < end ? text[index] : nil }

    private func error(_ message: String, at place: Int? = nil) -> Failure {
        Failure(column: (place ?? index) + 1, message)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    /// The letters and digits that come next, in upper case.
    private mutating func word() -> String {
        var word = ""
        while let scalar = next, scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
            word.unicodeScalars.append(scalar)
            index += 1
        }
        return word.uppercased()
    }

    private mutating func term() throws(Failure) {
        let start = index
        if take("*") {
            return set(field.range, step: try step() ?? 1)
        }
        if take("~") { return try choose(from: nil, at: start) }
        let word = word()
        switch word {
        case "": throw error("a \(field.name) is missing here: \(field.rule)")
        case "H": return try hash()
        case "L" where field == .day: result.isLastDay = true
        case "LW" where field == .day: result.isLastWorkday = true
        case "L" where field == .weekday:
            throw error("L needs its day of the week, as in 5L or FRIL for the last Friday", at: start)
        case _ where field == .weekday && word.hasSuffix("L"):
            result.last |= 1 << UInt8(try value(String(word.dropLast()), at: start) % 7)
        case _ where field == .day && word.hasSuffix("W"):
            result.nearest |= 1 << UInt32(try value(String(word.dropLast()), at: start))
        default: return try plain(try value(word, at: start), word, at: start)
        }
        guard next != "/", next != "-" else { throw error("\(word) takes no range and no step") }
    }

    /// A single value, a range, or the n-th day of the week.
    private mutating func plain(_ first: Int, _ word: String, at start: Int) throws(Failure) {
        if take("~") { return try choose(from: first, at: start) }
        if field == .weekday, take("#") {
            let place = index
            guard let number = Int(self.word()), (1...5).contains(number) else {
                throw error("after # comes 1 to 5: a month has at most five of a day of the week", at: place)
            }
            result.ordinal |= 1 << UInt64(first % 7 * 5 + number - 1)
            return
        }
        guard take("-") else {
            guard next != "/" else {
                let whole = "\(word)-\(field.range.upperBound)"
                throw error("a step needs a range before it: */N, or \(whole)/N")
            }
            return set(first...first, step: 1)
        }
        let last = try last(of: start, first)
        set(first...last, step: try step() ?? 1)
    }

    /// The end of a range.
    private mutating func last(of start: Int, _ first: Int) throws(Failure) -> Int {
        let place = index
        let word = word()
        var last = try value(word, at: place)
        // Debian reads SUN as 0 everywhere, and FRI-SUN as no day at all; it can only mean the Sunday after.
        if field == .weekday, word == "SUN", first > 0 { last = 7 }
        guard first <= last else {
            let (low, high) = (field.range.lowerBound, field == .weekday ? 6 : field.range.upperBound)
            throw error(
                "this range ends before it begins: write \(first)-\(high),\(low)-\(last) if it goes over the end",
                at: start)
        }
        return last
    }

    private func value(_ word: String, at place: Int) throws(Failure) -> Int {
        if let index = field.names.firstIndex(of: word) { return index + (field == .month ? 1 : 0) }
        guard !word.isEmpty, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            guard word.isEmpty else { throw error("'\(word)' is no \(field.name): \(field.rule)", at: place) }
            throw error("a \(field.name) is missing here: \(field.rule)", at: place)
        }
        guard let value = Int(word), field.range.contains(value) else {
            throw error("\(word) is no \(field.name): \(field.rule)", at: place)
        }
        return value
    }

    /// The number after `/`, if there is one.
    private mutating func step() throws(Failure) -> Int? {
        guard take("/") else { return nil }
        let place = index
        let word = word()
        guard let step = Int(word), step > 0 else {
            throw error("after / comes the step, a number from 1 on", at: place)
        }
        return step
    }

    private mutating func set(_ range: ClosedRange<Int>, step: Int) {
        var value = range.lowerBound
        while value <= range.upperBound {
            result.values |= 1 << UInt64(field == .weekday ? value % 7 : value)
            let (sum, isOverflow) = value.addingReportingOverflow(step)
            if isOverflow { return }
            value = sum
        }
    }

    /// `H`, `H/15`, `H(0-29)`, `H(0-29)/10`.
    private mutating func hash() throws(Failure) {
        guard take("(") else { return scatter(field.choice, step: try step()) }
        let start = index
        let first = try value(word(), at: start)
        guard take("-") else { throw error("in the parentheses of H stands a range, as in H(0-29)") }
        let last = try last(of: start, first)
        guard take(")") else { throw error("the ) of H( is missing") }
        scatter(first...last, step: try step())
    }

    /// `~`, `10~20`, `10~`, `~20`, each with a step if need be.
    private mutating func choose(from first: Int?, at start: Int) throws(Failure) {
        let place = index
        let word = word()
        let low = first ?? field.choice.lowerBound
        let high = word.isEmpty ? Swift.max(field.choice.upperBound, low) : try value(word, at: place)
        guard low <= high else { throw error("this range ends before it begins: \(low)~\(high)", at: start) }
        scatter(low...high, step: try step())
    }

    /// One value of the range, or with a step each step-th from one of the first `step` on; always the same for a seed.
    private mutating func scatter(_ range: ClosedRange<Int>, step: Int?) {
        let random = Seed.mix(seed, UInt64(field.rawValue * 64 + terms))
        let first = range.lowerBound + Int(random % UInt64(Swift.min(step ?? range.count, range.count)))
        set(first...(step == nil ? first : range.upperBound), step: step ?? 1)
    }
}
