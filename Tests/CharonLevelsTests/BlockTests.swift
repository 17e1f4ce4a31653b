import CharonCore
import CharonLevels
import Testing

@Suite struct BlockTests {
    /// The levels, one letter a line.
    private func letters(_ text: String, _ stream: LevelRules.Stream = .stdout) -> String {
        String(levels(text, stream).compactMap(\.rawValue.first))
    }

    @Test func aPythonTracebackEndsWithItsException() {
        let traceback = """
            start
            Traceback (most recent call last):
              File "a.py", line 1, in <module>
                f(0)
                ^^^^
              File "a.py", line 2, in f
            a.b.CustomFault: x
            end
            """
        #expect(letters(traceback) == "ieeeeeei")
        #expect(letters("Traceback (most recent call last):\n  File \"a\", line 1\nKeyboardInterrupt\nend") == "eeei")
        #expect(letters("Traceback (most recent call last):\n  x\n1 of 2 done") == "eei")
        #expect(
            letters("Traceback (most recent call last):\n\n> File \"a\", line 1\n\nValueError: x\n\nend") == "eeeeeii")
        #expect(letters("  File \"a.py\", line 1\n    x =\n       ^\nSyntaxError: bad\nend") == "eeeei")
    }

    @Test func aPythonWarningShowsOneLineOfSource() {
        #expect(letters("/a.py:1: UserWarning: x\n  warn()\n  plain") == "wwi")
    }

    @Test func stacksOfPHPJavaAndNode() {
        let php = """
            PHP Fatal error:  Uncaught RuntimeException: x in /a.php:1
            Stack trace:
            #0 /a.php(1): f()
            #1 {main}
              thrown in /a.php on line 1
            end
            """
        #expect(letters(php) == "eeeeei")
        let java = """
            2024-01-01 00:00:00 WARN a - x
            \tat a.B.c(B.java:1)
            Caused by: java.io.IOException: y
            \tat a.B.d(B.java:2)
            \t... 3 more
            end
            """
        #expect(letters(java) == "wwwwwi")
        let node = """
            Error: Cannot find module 'x'
            Require stack:
            - /a.js
                at f (/a.js:1:1) {
              code: 'MODULE_NOT_FOUND',
              requireStack: []
            }
            end
            """
        #expect(letters(node) == "eeeeeeei")
        let monolog = """
            [2024-01-01T00:00:00+00:00] app.ERROR: x {"exception":"[object] (E(code: 0): x at /a.php:1)
            [stacktrace]
            #0 {main}
            "} []
            [2024-01-01T00:00:00+00:00] app.INFO: end
            """
        #expect(letters(monolog) == "eeeei")
    }

    @Test func sourceLinesBelowACompilersMessage() {
        let text = """
            a.c:3:5: error: x
                3 |   y = 1;
                  |   ^~~
            a.c: In function f
            """
        #expect(letters(text) == "eeei")
        #expect(letters("ERROR:  x\nLINE 1: select\n        ^\nDETAIL:  y\nselect") == "eeeei")
    }

    @Test func symfonysBlocks() {
        let text = """
             [ERROR] a long text
                     goes on
            plain
             [OK] good
                  too
             ! [NOTE] a
             !        b
            In Kernel.php line 1:

            """
        #expect(letters(text, .stderr) == "eewssiiew")
        #expect(letters("In Kernel.php line 1:\n          \n  text  \n          \napp:run [-v]") == "eeeei")
    }

    @Test func nothingBelongsToALineThatNamesNoTrouble() {
        #expect(letters("plain\n\tat a.B.c(B.java:1)\n#0 {main}\n    3 | x") == "iiii")
        #expect(letters("INFO x\n\tat a.B.c(B.java:1)") == "ii")
    }

    @Test func aBlockIsOfOneStream() {
        var classifier = LineClassifier()
        func take(_ line: String, _ stream: LevelRules.Stream) -> Classified {
            classifier.classify(Array(line.utf8), from: stream)
        }
        #expect(take("Traceback (most recent call last):", .stderr).level == .error)
        #expect(take("  indented", .stdout).level == .info)
        let second = take("  File \"a.py\", line 1", .stderr)
        #expect(second.level == .error)
        #expect(second.isContinuation)
        #expect(!take("plain text", .stderr).isNamed)
        #expect(!take("  indented", .stderr).isNamed)
    }

    @Test func aPrefixSpeaksForItsLineAlone() {
        #expect(letters("<3>Traceback (most recent call last):\n<6>  File\n  File") == "eii")
    }

    @Test func aClassifierGoesOnWhereAnotherStopped() {
        let lines = ["error: x", "  at f (a.js:1)", "  at g (a.js:2)"].map { Array($0.utf8) }
        var first = LineClassifier()
        for line in lines.prefix(2) { _ = first.classify(line, from: .stdout) }
        var resumed = LineClassifier(state: first.state)
        #expect(resumed.classify(lines[2], from: .stdout).level == .error)
        var replayed = LineClassifier()
        replayed.replay(lines.prefix(2).map { ($0, .stdout) })
        #expect(replayed.state == first.state)
        var fresh = LineClassifier()
        #expect(fresh.classify(lines[2], from: .stdout).level == .info)
    }

    @Test func withoutThePresetNothingIsContinued() {
        let rules = LevelRules(presets: [.words, .symfony])
        #expect(levels("error: x\n  at f (a.js:1)", .stdout, rules) == [.error, .info])
        #expect(levels(" [ERROR] x\n         y", .stdout, rules) == [.error, .error])
    }
}
