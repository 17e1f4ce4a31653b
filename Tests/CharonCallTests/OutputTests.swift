import CharonCore
import Testing

@testable import CharonCall

@Suite struct OutputTests {
    @Test func aSecretIsHiddenInEachOfItsForms() {
        var redactor = Redactor()
        redactor.hide("p\"w d/ü+1")
        for text in ["p\"w d/ü+1", "p%22w%20d%2F%C3%BC%2B1", #"p\"w d/ü+1"#, "p%22w+d%2F%C3%BC%2B1"] {
            #expect(redactor.redact("a \(text) b") == "a *** b")
        }
        #expect("\(redactor)" == "***")
        #expect(!String(reflecting: redactor).contains("ü"))
    }

    @Test func aSecretWithinAnotherLeavesNothing() {
        var redactor = Redactor()
        redactor.hide("token")
        redactor.hide("token-of-a-user")
        #expect(redactor.redact("token-of-a-user token") == "*** ***")
    }

    @Test func whatIsTooShortIsNotHidden() {
        var redactor = Redactor()
        let isHidden = [redactor.hide("abc"), redactor.hide("abcd")]
        #expect(isHidden == [false, true])
        #expect(redactor.redact("abc abcd") == "abc ***")
    }

    @Test(arguments: [
        (Line.Kind.progress, "<6>x", "x"), (.output, "<6>x", "x"), (.success, "[OK] x", "x"),
        (.warning, "<4>x", "warning: x"), (.error, "<3>x", "error: x"),
    ])
    func aLineHasItsLevel(_ kind: Line.Kind, _ levelled: String, _ plain: String) {
        let line = Line(kind, "x")
        #expect((line.text(isLevelled: true), line.text(isLevelled: false)) == (levelled, plain))
        #expect(line.isForStandardError == [.warning, .error].contains(kind))
    }

    @Test(arguments: [
        ("", ""), ("a\r\n\tb  c\u{1B}[31m", "a b c [31m"), (" x ", "x"),
        (
            "<!DOCTYPE html><html><head><TITLE lang=en>Bad\n Gateway</TITLE></head><body>secret</body>",
            "HTML: Bad Gateway"
        ),
        ("<html><body>no title</body></html>", "<html><body>no title</body></html>"),
        (#"{"code": 12, "message": "é"}"#, #"{"code": 12, "message": "é"}"#),
    ])
    func anExcerptIsOneLine(_ body: String, _ shown: String) { #expect(Excerpt.of(Array(body.utf8)) == shown) }

    @Test func anExcerptIsCutBetweenCharacters() {
        let shown = Excerpt.of(Array(String(repeating: "é", count: 5000).utf8))
        #expect(shown.utf8.count <= Excerpt.most)
        #expect(shown.utf8.count > Excerpt.most - 8)
        #expect(shown.hasSuffix("é…"))
        #expect(Excerpt.of([0xFF, 0x41]) == "\u{FFFD}A")
    }
}
