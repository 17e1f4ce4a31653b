import CharonControl
import CharonCore
import Testing

@Suite struct VarlinkMessageTests {
    @Test func callsComeBack() throws {
        var call = VarlinkCall(method: "io.charond.Control.List", parameters: ["slug": "a\0b"])
        for more in [false, true] {
            for oneway in [false, true] {
                (call.more, call.oneway) = (more, oneway)
                let frame = call.frame
                #expect(frame.last == 0)
                #expect(frame.count { $0 == 0 } == 1, "NUL ends a message and never stands in it")
                #expect(try VarlinkCall(frame: frame.dropLast()) == call)
            }
        }
    }

    @Test func parametersMayBeLeftOut() throws {
        let call = try VarlinkCall(frame: Array(#"{"method":"a.B","unknown":1}"#.utf8))
        #expect(call == VarlinkCall(method: "a.B", parameters: [:]))
    }

    @Test(arguments: [
        "", "GET / HTTP/1.1", "null", "[]", "{}", #"{"method":1}"#, #"{"method":"a.B","parameters":[]}"#,
        #"{"method":"a.B","parameters":null}"#, #"{"method":"a.B""#, #"{"method":"a.B"} x"#,
    ])
    func garbageIsNoCall(_ text: String) {
        let error = #expect(throws: CharonError.self) { try VarlinkCall(frame: Array(text.utf8)) }
        #expect(error?.code == .protocolViolation)
    }

    @Test func repliesComeBack() {
        for reply in [
            VarlinkReply(), VarlinkReply(["a": 1], continues: true), .busy("why"), .noSuchRun, .methodNotFound("a.B"),
            .permissionDenied("no"), .recordFailed("ENOSPC"), .interfaceNotFound("a"), .invalidParameter("slug"),
        ] {
            #expect(VarlinkReply(frame: reply.frame.dropLast()) == reply)
        }
        #expect(VarlinkReply(frame: Array("[]".utf8)) == nil)
        #expect(VarlinkReply(frame: Array("{".utf8)) == nil)
    }

    /// The text on the wire, as Varlink defines it.
    @Test func theWireFormatIsVarlinks() {
        var call = VarlinkCall(method: "io.charond.Control.Begin", parameters: ["slug": "a"])
        call.more = true
        #expect(
            String(decoding: call.frame, as: UTF8.self)
                == #"{"method":"io.charond.Control.Begin","parameters":{"slug":"a"},"more":true}"# + "\0")
        #expect(
            String(decoding: VarlinkReply(["n": 1], continues: true).frame, as: UTF8.self)
                == #"{"parameters":{"n":1},"continues":true}"# + "\0")
        #expect(
            String(decoding: VarlinkReply.noSuchRun.frame, as: UTF8.self)
                == #"{"error":"io.charond.Control.NoSuchRun","parameters":{}}"# + "\0")
    }
}
