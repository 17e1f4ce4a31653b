import CharonCore
import Foundation
import Testing

@Suite struct JSONTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), (" \t\r\nfalse ", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .real(9_223_372_036_854_775_808)), ("1.0", .real(1)), ("1e2", .real(100)),
            ("1.5E-3", .real(0.0015)), ("2e+1", .real(20)), (#""""#, ""),
            (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e4\u20AC\ud83d\ude00\u0000""#, "Aä€😀\0"), (#""ä€😀""#, "ä€😀"), ("[]", []), ("[ ]", []),
            ("[1,[2],{}]", [1, [2], [:]]), (#"{"a":1 , "b" : [ null ]}"#, ["a": 1, "b": [.null]]),
        ] as [(String, JSON)])
    func reads(_ text: String, _ value: JSON) throws {
        #expect(try JSON.parse(text.utf8) == value)
    }

    @Test(arguments: [
        ("", 0), (" ", 1), ("nul", 3), ("True", 0), ("'a'", 0), ("01", 2), ("-", 1), ("+1", 0), ("1.", 2), (".5", 0),
        ("1e", 2),
        ("1e+", 3), ("0x1", 1), ("1 2", 2), ("NaN", 0), ("1e400", 5), ("[", 1), ("[1", 2), ("[1,]", 3), ("[,1]", 1),
        ("{", 1), ("{a:1}", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{"a":1"#, 6), (#"{1:2}"#, 1),
        (#"""#, 1), (#""a"#, 2), ("\"a\nb\"", 2), ("\"a\0b\"", 2), (#""\x""#, 3), (#""\u12"#, 5), (#""\u12g4""#, 5),
        (#""\ud800""#, 7), (#""\udc00""#, 7), (#""\ud800\u0041""#, 13), (#""\"#, 2), ("]", 0), ("[1}", 2), ("/**/1", 0),
    ])
    func refuses(_ text: String, _ offset: Int) {
        #expect(throws: JSON.ParseError.self) { try JSON.parse(text.utf8) }
        do { _ = try JSON.parse(text.utf8) } catch { #expect(error.offset == offset, "\(error)") }
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSON.ParseError.self) { try JSON.parse([0x22] + bytes + [0x22]) }
        #expect(throws: JSON.ParseError.self) { try JSON.parse(bytes) }
    }

    @Test func limitsTheNesting() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSON.parse(nested(64).utf8)
        #expect(throws: JSON.ParseError.self) { try JSON.parse(nested(65).utf8) }
        #expect(throws: JSON.ParseError.self) { try JSON.parse(String(repeating: "{\"a\":", count: 100_000).utf8) }
    }

    @Test func tellsWhatItIs() throws {
        let value: JSON = ["a": 1, "b": nil, "c": "x", "d": [true, .null], "e": .real(0.5), "a": 2]
        #expect(value["a"]?.integer == 2, "of repeated members the last counts")
        #expect(value["b"] == nil)
        #expect(value["c"]?.string == "x")
        #expect(value["c"]?.integer == nil)
        #expect(value["d"]?.array == [true, .null])
        #expect(value["d"]?["a"] == nil)
        #expect(value["e"]?.number == 0.5)
        #expect(value["a"]?.number == 2)
        #expect(value["e"]?.integer == nil)
        #expect(value.members?.map(\.name) == ["a", "c", "d", "e", "a"])
    }

    @Test func writesOneLineWithoutControlCharacters() throws {
        let all = String(String.UnicodeScalarView((0...0x250).compactMap(Unicode.Scalar.init)))
        let bytes = JSON.object([.init(all, .string(all))]).bytes
        #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
        #expect(try JSON.parse(bytes)[all]?.string == all)
        #expect(JSON.string("a\"\\\n\t\u{1}\u{7F}/").description == #""a\"\\\n\t\u0001\u007f/""#)
        #expect(JSON.real(.infinity).description == "null")
        #expect(JSON.real(.nan).description == "null")
        #expect(JSON.real(5).description == "5.0")
    }

    @Test func agreesWithFoundationOnWhatItWrites() throws {
        for _ in 0..<2000 {
            let value = Self.random(depth: 4)
            let bytes = value.bytes
            #expect(try JSON.parse(bytes) == value)
            let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            let rewritten = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
            #expect(Self.equal(try JSON.parse(rewritten), value), "\(value)")
        }
    }

    /// Broken texts: nothing traps, and what is read is what Foundation reads too.
    @Test func agreesWithFoundationOnWhatItReads() throws {
        let spice = Array(#"{}[]",:\u0019eE+-. ntf"#.utf8) + [0x00, 0x0A, 0x80, 0xC3, 0xFF]
        for _ in 0..<20_000 {
            var bytes = Self.random(depth: 3).bytes
            for _ in 0..<Int.random(in: 1...3) {
                let at = Int.random(in: 0...bytes.count)
                switch Int.random(in: 0..<3) {
                case 0: bytes.insert(spice.randomElement() ?? 0, at: at)
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2 where at < bytes.count: bytes[at] = spice.randomElement() ?? 0
                default: break
                }
            }
            guard let ours = try? JSON.parse(bytes) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(theirs != nil, "\(text)")
            #expect(try JSON.parse(ours.bytes) == ours, "\(text)")
        }
    }

    private static func random(depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6)) {
        case 0: .null
        case 1: .bool(.random())
        case 2: .integer(.random(in: -1000...1000))
        case 3: .integer(.random(in: (-1 << 53)...(1 << 53)))
        case 4: .real(Double(Int.random(in: -1_000_000...1_000_000)) / 64 + 1 / 128)
        case 5: .string(text())
        case 6: .array((0..<Int.random(in: 0...4)).map { _ in random(depth: depth - 1) })
        default:
            .object((0..<Int.random(in: 0...4)).map { JSON.Member("\($0)" + text(), random(depth: depth - 1)) })
        }
    }

    private static func text() -> String {
        let scalars = (0..<Int.random(in: 0...6)).compactMap { _ in
            [
                Unicode.Scalar(UInt8.random(in: 0...127)), Unicode.Scalar(UInt32.random(in: 0...0x10FFFF)), "\"", "\\",
                "/",
            ].randomElement() ?? nil
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Equal but for the order of members and the kind of a number.
    private static func equal(_ a: JSON, _ b: JSON) -> Bool {
        if let a = a.members, let b = b.members {
            return a.count == b.count
                && a.allSatisfy { member in b.contains { $0.name == member.name && equal($0.value, member.value) } }
        }
        if let a = a.array, let b = b.array { return a.count == b.count && zip(a, b).allSatisfy(equal) }
        if let a = a.number, let b = b.number { return a == b }
        return a == b
    }
}
