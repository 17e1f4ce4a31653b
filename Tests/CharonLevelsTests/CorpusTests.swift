import CharonCore
import CharonLevels
import Testing

@Suite struct CorpusTests {
    /// Precision counts what was named by the text of the line; recall counts what is delivered, so with stderr's default.
    @Test(arguments: [("tuning", 0.95), ("held-out", 0.90), ("held-out-2", 0.90)])
    func warningsAndErrorsAreFoundAndLittleElse(_ part: String, _ recall: Double) throws {
        let corpus = try Corpus(part)
        let figures = Figures([corpus])
        print("levels, \(part): \(figures)")
        print("levels, \(part), stdout alone: \(Figures([corpus], only: .stdout))")
        #expect(figures.precision >= 0.99)
        #expect(figures.recall >= recall)
    }

    @Test func theWholeCorpusIsWithinTheGoal() throws {
        let parts = try ["tuning", "held-out", "held-out-2"].map(Corpus.init)
        let figures = Figures(parts)
        let stdout = Figures(parts, only: .stdout)
        print("levels, all: \(figures)")
        print("levels, all, stdout alone: \(stdout)")
        #expect(figures.precision >= 0.99)
        #expect(figures.recall >= 0.90)
        #expect(stdout.precision >= 0.99)
    }

    @Test func theCorpusIsLargeEnough() throws {
        let tuning = try Corpus("tuning")
        #expect(tuning.lines.filter { $0.label != "-" }.count >= 400)
        #expect(tuning.tools.count >= 15)
        #expect(try Corpus("held-out").lines.filter { $0.label != "-" }.count >= 100)
        #expect(Set(tuning.lines.map(\.label)) == ["i", "w", "e", "s", "-"])
    }

    /// A cut can fall anywhere, as can a change of one byte.
    @Test func anyPartOfAnyLineIsTaken() throws {
        for line in try Corpus("tuning").lines {
            var classifier = LineClassifier()
            for end in 0...min(line.text.count, 400) {
                _ = classifier.classify(line.text[..<end], from: line.stream)
                if end % 7 == 0 { _ = classifier.classify(line.text[end...], from: line.stream) }
            }
        }
    }

    @Test(arguments: 0..<20)
    func anyBytesAreTaken(_ seed: UInt64) {
        var random = Seeded(state: seed)
        var classifier = LineClassifier()
        // Half of the bytes are those that recognisers look for.
        let signs = Array("[]{}()<>\"\\:=|#*!-_.,/ \t\r\u{1B}019TZabceEWIFnropPHatCu".utf8)
        for _ in 0..<1000 {
            let line = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : signs[Int.random(in: 0..<signs.count, using: &random)]
            }
            let found = classifier.classify(line, from: Bool.random(using: &random) ? .stdout : .stderr)
            #expect(found.prefixLength == 0 || found.prefixLength == 3)
            #expect(found.prefixLength <= line.count)
        }
    }

    @Test func theThreeFormsOfInputAgree() throws {
        var array = LineClassifier()
        var slice = LineClassifier()
        var buffer = LineClassifier()
        for line in try Corpus("tuning").lines {
            let found = array.classify(line.text, from: line.stream)
            #expect(slice.classify(([0x20] + line.text + [0x0A])[1..<line.text.count + 1], from: line.stream) == found)
            #expect(line.text.withUnsafeBytes { buffer.classify($0, from: line.stream) } == found)
        }
    }

    /// The work for one line is bounded, whatever it holds.
    @Test(arguments: [
        "[", "{\"a\":", "a: ", "1:", "error ", "{\"a\":[", "a=b ", "\\", "\u{1B}]", "\r", "(", "- ", "Mon ",
    ])
    func aHostileLineEnds(_ part: String) {
        _ = level(String(repeating: part, count: 200_000), .stdout)
    }
}
