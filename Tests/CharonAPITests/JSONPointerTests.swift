import CharonAPI
import CharonCore
import Testing

@Suite struct JSONPointerTests {
    private static let document =
        #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"~1":9}"#

    /// The examples of RFC 6901, section 5, and the escape that a careless order of replacements gets wrong.
    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", "\"bar\""), ("/foo/1", "\"baz\""), ("/", "0"), ("/a~1b", "1"),
        ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
        ("/~01", "9"),
    ])
    func examplesOfTheRFC(_ pointer: String, _ value: String) throws {
        let json = try JSON.parse(Self.document.utf8)
        #expect(try #require(JSONPointer(pointer)).resolve(in: json) == JSON.parse(value.utf8))
        #expect(JSONPointer("")?.resolve(in: json) == json)
    }

    @Test(arguments: ["/bar", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/", "/foo/0/x", "/a/b", "//"])
    func nothingThere(_ pointer: String) throws {
        let json = try JSON.parse(Self.document.utf8)
        #expect(try #require(JSONPointer(pointer)).resolve(in: json) == nil)
    }

    @Test(arguments: ["foo", "foo/bar", "/~", "/~2", "/a~", "#/foo"])
    func noPointer(_ text: String) { #expect(JSONPointer(text) == nil) }
}
