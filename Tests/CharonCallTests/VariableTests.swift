import CharonCore
import Glibc
import Testing

@testable import CharonCall

@Suite struct VariableTests {
    private func read(_ variables: String, _ arguments: [String: String] = [:], _ environment: [String: String] = [:])
        throws(CallFailure) -> Values
    {
        guard let file = try? Reading.file("base_url: http://localhost\nvariables: \(variables)\nrequest: {path: /}\n")
        else {
            throw CallFailure(
                .usage, Reading.problems("base_url: http://localhost\nvariables: \(variables)\nrequest: {path: /}\n"))
        }
        var values = BuiltIns.values(now: 0) { environment[$0] }
        try VariableReader(arguments: arguments) { environment[$0] }.read(file.variables, into: &values)
        return values
    }

    @Test func aValueComesFromItsSource() throws {
        let place = try Place()
        try place.write("cred", "from-credential\nmore\n")
        let path = try place.write("key", "from file \r\n")
        let values = try read(
            "{a: {}, b: {default: \"x{{a}}\"}, c: {credential: cred}, d: {file: \(path)}, e: {environment: E}, f: {environment: F, secret: false, default: g}}",
            ["a": "1=2"], ["E": "from-environment", "CREDENTIALS_DIRECTORY": place.path])
        #expect(
            ["a", "b", "c", "d", "e", "f"].map { values[$0]?.string } == [
                "1=2", "x1=2", "from-credential", "from file ", "from-environment", "g",
            ])
        #expect(Set(values.secrets) == ["from-credential", "from file ", "from-environment"])
        #expect(values.shown["c"] == "***" && values.shown["a"] == "1=2")
    }

    @Test(arguments: [
        ("integer", "3", JSON.integer(3)), ("integer", "-3", .integer(-3)), ("number", "1.5", .real(1.5)),
        ("number", "2", .integer(2)),
        ("boolean", "true", .bool(true)), ("json", "{\"a\": [1]}", JSON.object([.init("a", [1])])),
        ("string", "3", "3"),
    ])
    func aValueHasItsType(_ kind: String, _ text: String, _ value: JSON) throws {
        #expect(try read("{a: {type: \(kind)}}", ["a": text])["a"] == value)
    }

    @Test(arguments: [
        ("{a: {}}", [:], "the variable \"a\" has no value: give a=… behind the file"),
        ("{a: {environment: E}}", [:], "set E in the environment"),
        ("{a: {credential: k}}", [:], "$CREDENTIALS_DIRECTORY is not set"),
        ("{a: {file: /nonexistent/k}}", [:], "/nonexistent/k, which cannot be opened"),
        ("{abc: {default: x}}", ["abd": "hush"], "there is no variable \"abd\": did you mean \"abc\"?"),
        ("{a: {environment: E}}", ["a": "hush"], "is secret: the command line is visible to everyone"),
        ("{a: {type: integer}}", ["a": "hush"], "is of type integer"),
        ("{a: {type: integer}}", ["a": "1.5"], "is of type integer"),
        ("{a: {type: boolean}}", ["a": "hush"], "is of type boolean"),
        ("{a: {type: json}}", ["a": "{hush"], "is of type json"),
    ])
    func aMistakeSaysWhatToDo(_ variables: String, _ arguments: [String: String], _ message: String) {
        let failure = #expect(throws: CallFailure.self) { try read(variables, arguments) }
        #expect(failure?.exit == .configuration)
        #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("hush") == false)
    }

    @Test func aSecretThatOthersMayReadIsRefused() throws {
        let place = try Place()
        let path = try place.write("key", "hush", mode: 0o644)
        let failure = #expect(throws: CallFailure.self) { try read("{a: {file: \(path)}}") }
        #expect(failure?.message.contains("chmod 600") == true)
        chmod(path, 0o640)
        #expect(try read("{a: {file: \(path)}}")["a"] == "hush")
    }

    @Test func anOptionalSecretIsEmptyWhereItIsNot() throws {
        #expect(try read("{a: {credential: k, default: \"\"}, b: {file: /nonexistent/k, default: \"\"}}")["a"] == "")
    }

    @Test func builtInsTellOfTheRun() throws {
        let values = try read(
            "{}", [:], ["CHARON_RUN_ID": "r1", "CHARON_SLUG": "s", "CHARON_NOMINAL_TIME": "2026-01-01T00:00:00+0100"])
        #expect(["run", "slug", "nominal"].map { values[$0]?.string } == ["r1", "s", "2026-01-01T00:00:00+0100"])
        let now = try #require(values["now"]?.string)
        #expect(now.count == 24 && (now.hasPrefix("1970-01-01T") || now.hasPrefix("1969-12-31T")), "\(now)")
    }
}
