import CharonCore
import CharonLevels
import Glibc

/// Prints the lines of a stream behind their levels, or counts them.
struct LevelPrinter {
    private static let blockSize = 1 << 18

    private let stream: LevelRules.Stream
    private let isCounting: Bool
    private let style = Style.standardOutput
    private var classifier: LineClassifier
    private var counts = Counts()
    private var dropped = 0
    private var output: [UInt8] = []

    init(_ rules: LevelRules, _ stream: LevelRules.Stream, isCounting: Bool) {
        self.stream = stream
        self.isCounting = isCounting
        classifier = LineClassifier(rules)
    }

    /// Takes all of `input`; the last line may be without its newline.
    mutating func print(_ input: Descriptor) throws(SystemError) {
        var block: [UInt8] = []
        while true {
            let begun = block.count
            try Self.read(input, &block)
            let isEnd = block.count == begun
            let taken = takeLines(block.span, isEnd: isEnd)
            block.removeFirst(taken)
            flush()
            if isEnd { break }
        }
        guard isCounting else { return }
        for (level, number) in counts.all { output += Array("\(level.rawValue) \(number)\n".utf8) }
        output += Array("drop \(dropped)\n".utf8)
        flush()
    }

    /// Takes the whole lines of a block, at its end also what is left; how many bytes that was.
    private mutating func takeLines(_ block: Span<UInt8>, isEnd: Bool) -> Int {
        var start = 0
        while let end = block.newline(from: start) {
            take(block.extracting(start..<end))
            start = end + 1
        }
        guard isEnd, start < block.count else { return start }
        take(block.extracting(start..<block.count))
        return block.count
    }

    private mutating func take(_ line: Span<UInt8>) {
        let classified = classifier.classify(line, from: stream)
        guard !isCounting else {
            if classified.isDropped { dropped += 1 } else { counts.add(classified.level) }
            return
        }
        let name = classified.isDropped ? "drop" : classified.level.rawValue
        let label = style.apply(classified.level.tone, name + String(repeating: " ", count: 8 - name.count))
        output += Array(label.utf8)
        for index in classified.prefixLength..<max(line.count, classified.prefixLength) { output.append(line[index]) }
        output.append(0x0A)
        if output.count > Self.blockSize { flush() }
    }

    private mutating func flush() {
        guard !output.isEmpty else { return }
        Console.output(output)
        output.removeAll(keepingCapacity: true)
    }

    /// Adds what can be read at once.
    private static func read(_ input: Descriptor, _ block: inout [UInt8]) throws(SystemError) {
        var failure: Int32 = 0
        let more = [UInt8](unsafeUninitializedCapacity: blockSize) { buffer, count in
            var result = Glibc.read(input.number, buffer.baseAddress, blockSize)
            while result < 0, errno == EINTR { result = Glibc.read(input.number, buffer.baseAddress, blockSize) }
            failure = result < 0 ? errno : 0
            count = max(result, 0)
        }
        guard failure == 0 else { throw SystemError("read", errno: failure) }
        block += more
    }
}

/// How many lines have each level.
private struct Counts {
    private var info = 0, success = 0, warning = 0, error = 0

    var all: [(Level, Int)] { [(.info, info), (.success, success), (.warning, warning), (.error, error)] }

    mutating func add(_ level: Level) {
        switch level {
        case .info: info += 1
        case .success: success += 1
        case .warning: warning += 1
        case .error: error += 1
        }
    }
}

extension Level {
    /// How a terminal shows it.
    var tone: Tone {
        switch self {
        case .info: .plain
        case .success: .good
        case .warning: .warning
        case .error: .bad
        }
    }
}

extension Span<UInt8> {
    /// The index of the next newline (memchr(3)).
    fileprivate func newline(from start: Int) -> Int? {
        withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress else { return nil }
            return memchr(base + start, 0x0A, bytes.count - start).map { UnsafeRawPointer($0) - base }
        }
    }
}
