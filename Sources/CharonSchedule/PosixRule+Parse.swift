extension PosixRule {
    /// Reads `std offset [dst [offset] , start [/time] , end [/time]]` (POSIX, RFC 8536 section 3.3.1).
    ///
    /// Nil for anything else; summer time without its rules has those of the United States, as in tzset(3).
    init?(_ text: some Sequence<UInt8>) {
        var reader = Reader(rest: Array(text)[...])
        guard reader.name(), let behind = reader.time(hours: 24) else { return nil }
        // POSIX counts west of Greenwich as positive.
        let standard = -behind
        guard !reader.rest.isEmpty else {
            self.init(standard: Int32(standard), summer: nil)
            return
        }
        guard reader.name() else { return nil }
        var summer = standard + 3600
        if let first = reader.rest.first, first != 0x2C {
            guard let behind = reader.time(hours: 24) else { return nil }
            summer = -behind
        }
        if reader.rest.isEmpty { reader.rest = Array(",M3.2.0,M11.1.0".utf8)[...] }
        guard reader.take(0x2C), let begin = reader.change(), reader.take(0x2C), let end = reader.change(),
            reader.rest.isEmpty
        else { return nil }
        self.init(standard: Int32(standard), summer: Summer(offset: Int32(summer), begin: begin, end: end))
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        /// At least three letters, or letters, digits and signs in angle brackets.
        mutating func name() -> Bool {
            let isQuoted = take(0x3C)
            let name = rest.prefix { byte in
                let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                return isLetter || isQuoted && ((0x30...0x39).contains(byte) || byte == 0x2B || byte == 0x2D)
            }
            rest = rest.dropFirst(name.count)
            return name.count >= 3 && (!isQuoted || take(0x3E))
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            guard (1...3).contains(digits.count) else { return nil }
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return range.contains(value) ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(hours: Int) -> Int64? {
            let sign: Int64 = take(0x2D) ? -1 : 1
            if sign == 1 { _ = take(0x2B) }
            guard let hour = number(0...hours) else { return nil }
            var seconds = Int64(hour) * 3600
            for unit in [60, 1] as [Int64] where rest.first == 0x3A {
                _ = take(0x3A)
                guard let part = number(0...59) else { return nil }
                seconds += Int64(part) * unit
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            guard let day = day() else { return nil }
            guard take(0x2F) else { return Change(day: day, time: 7200) }
            guard let time = time(hours: 167) else { return nil }
            return Change(day: day, time: time)
        }

        private mutating func day() -> Change.Day? {
            if take(0x4A) { return number(1...365).map { .julian($0) } }
            guard take(0x4D) else { return number(0...365).map { .zeroBased($0) } }
            guard let month = number(1...12), take(0x2E), let week = number(1...5), take(0x2E),
                let weekday = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
