import CharonAPI
import CharonCore
import Testing

@Suite struct CharonCallTests {
    private func id(_ text: String) throws -> ExecutionID { try #require(ExecutionID(text)) }

    private func text(_ request: CharonRequest) -> String? { request.body.map { String(decoding: $0, as: UTF8.self) } }

    @Test func canStartIsAGetOfTheSlug() throws {
        let request = CharonCall.canStart(try #require(Slug("nightly-import.v2_a"))).request()
        #expect(request.description == "GET /nightly-import.v2_a/can-start")
        #expect(request.kind == .canStart)
        #expect(request.body == nil)
        #expect(request.idempotencyKey == nil)
    }

    @Test func startTakesTheCronsIdOrTheSlug() throws {
        let byID = CharonCall.start(.cron(try #require(CronID("12")))).request(idempotencyKey: "run/0")
        #expect(byID.description == "GET /12/start")
        #expect(byID.idempotencyKey == "run/0")
        let bySlug = CharonCall.start(.slug(try #require(Slug("nightly")))).request()
        #expect(bySlug.description == "GET /nightly/start")
        #expect(bySlug.body == nil)
    }

    @Test func messageAndEndCarryJSON() throws {
        let message = CharonCall.message(try id("17"), .warning, "a \"quoted\"\nline é").request(idempotencyKey: "r/1")
        #expect(message.description == "POST /17/message")
        #expect(text(message) == #"{"message":"a \"quoted\"\nline é","type":"warning"}"#)
        let end = CharonCall.end(try id("17"), .success, success: true, message: "done").request()
        #expect(end.description == "POST /17/end")
        #expect(text(end) == #"{"type":"success","success":true,"message":"done"}"#)
        let bare = CharonCall.end(try id("17"), .error, success: false, message: nil).request()
        #expect(text(bare) == #"{"type":"error","success":false}"#)
    }

    @Test(arguments: [
        ("b3f0-17", "b3f0-17"), ("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("é ", "%C3%A9%20"), ("%41", "%2541"),
        (".", "%2E"), ("..", "%2E%2E"), ("a..b", "a..b"), ("a\r\nX: y", "a%0D%0AX%3A%20y"),
    ])
    func anIdIsOnePathSegment(_ text: String, _ segment: String) throws {
        #expect(CharonCall.message(try id(text), .info, "x").request().path == "/\(segment)/message")
    }
}
