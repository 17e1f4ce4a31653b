import CharonAPI
import CharonCore
import Testing

/// Every kind of exchange against each of the three answers.
@Suite struct InterpretationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let exchange: Exchange
        let canStart, start, delivery: String

        var testDescription: String { name }

        init(_ status: Int, _ body: String, _ canStart: String, _ start: String, _ delivery: String) {
            name = "\(status) \(body)"
            let type = body.hasPrefix("<") ? "text/html" : "application/json"
            exchange = .response(answer(body, status: status, type: type))
            (self.canStart, self.start, self.delivery) = (canStart, start, delivery)
        }

        init(
            _ kind: ExchangeFailure.Kind,
            written: Bool,
            _ canStart: String,
            _ start: String,
            _ delivery: String
        ) {
            name = "\(kind) \(written ? "written" : "unwritten")"
            exchange = .failure(ExchangeFailure(kind, written: written, detail: "detail"))
            (self.canStart, self.start, self.delivery) = (canStart, start, delivery)
        }
    }

    static let rows: [Row] = [
        Row(200, #"{"id":17}"#, "yes 17", "started 17", "accepted 17"),
        Row(201, #"{"id":17,"active":false}"#, "no 17", "started 17", "accepted 17"),
        Row(200, "17", "yes -", "started 17", "accepted 17"),
        Row(200, "true", "yes -", "uncertain fine", "accepted -"),
        Row(200, "", "no -", "uncertain fine", "accepted -"),
        Row(204, "", "no -", "uncertain fine", "accepted -"),
        Row(200, #"{"ok":"sure"}"#, "none fine", "uncertain fine", "accepted -"),
        Row(200, "OK", "none fault", "uncertain fault", "accepted -"),
        Row(200, "<html>maintenance</html>", "none fault", "uncertain fault", "later fault"),
        Row(301, "", "none fault", "rejected fault", "later fault"),
        Row(302, "<html>login</html>", "none fault", "rejected fault", "later fault"),
        Row(400, #"{"error":"x"}"#, "none fine", "rejected fine", "refused 400"),
        Row(401, "", "unauthorized 401", "unauthorized 401", "unauthorized 401"),
        Row(403, "<html></html>", "unauthorized 403", "unauthorized 403", "unauthorized 403"),
        Row(404, #"{"error":"no such cron"}"#, "unregistered", "unregistered", "not found"),
        Row(404, "", "unregistered", "unregistered", "not found"),
        Row(404, "<!DOCTYPE html>", "none fault", "rejected fault", "later fault"),
        Row(404, "404 page not found", "none fault", "rejected fault", "later fault"),
        Row(408, "", "none fine", "rejected fine", "later fine"),
        Row(409, "{}", "none fine", "rejected fine", "later fine"),
        Row(413, "", "none fine", "rejected fine", "refused 413"),
        Row(418, "", "none fine", "inactive", "later fine"),
        Row(418, "<html>teapot</html>", "none fine", "inactive", "later fine"),
        Row(422, "{}", "none fine", "rejected fine", "refused 422"),
        Row(425, "", "none fine", "rejected fine", "later fine"),
        Row(429, "{}", "none fine", "rejected fine", "later fine"),
        Row(500, #"{"id":17}"#, "none fault", "rejected fault", "later fault"),
        Row(502, "<html></html>", "none fault", "rejected fault", "later fault"),
        Row(503, "", "none fault", "rejected fault", "later fault"),
        Row(504, "<html></html>", "none fault", "uncertain fault", "later fault"),
        Row(.refused, written: false, "none fault", "unsent fault", "later fault"),
        Row(.nameResolution, written: false, "none fault", "unsent fault", "later fault"),
        Row(.tls, written: false, "none fault", "unsent fault", "later fault"),
        Row(.timeout, written: false, "none fault", "unsent fault", "later fault"),
        Row(.timeout, written: true, "none fault", "uncertain fault", "later fault"),
        Row(.reset, written: false, "none fault", "unsent fault", "later fault"),
        Row(.reset, written: true, "none fault", "uncertain fault", "later fault"),
        Row(.bodyTooLarge, written: true, "none fault", "uncertain fault", "later fault"),
        Row(.malformed, written: true, "none fault", "uncertain fault", "later fault"),
        Row(.cancelled, written: false, "none fine", "unsent fine", "later fine"),
        Row(.cancelled, written: true, "none fine", "uncertain fine", "later fine"),
        Row(.local, written: false, "none fine", "unsent fine", "later fine"),
    ]

    private let slug: Slug
    private let execution: ExecutionID

    init() throws {
        slug = try #require(Slug("nightly"))
        execution = try #require(ExecutionID("17"))
    }

    private func word(_ word: String, _ answer: NoAnswer) -> String {
        "\(word) \(answer.isServerFault ? "fault" : "fine")"
    }

    @Test(arguments: rows) func canStart(_ row: Row) {
        let request = CharonCall.canStart(slug).request()
        let text =
            switch CanStartAnswer(row.exchange, to: request, reader: AnswerReader()) {
            case .yes(let id): "yes \(id?.text ?? "-")"
            case .no(let id): "no \(id?.text ?? "-")"
            case .notRegistered: "unregistered"
            case .unauthorized(let status): "unauthorized \(status)"
            case .noAnswer(let answer): word("none", answer)
            }
        #expect(text == row.canStart)
    }

    @Test(arguments: rows) func start(_ row: Row) {
        let request = CharonCall.start(.slug(slug)).request()
        let text =
            switch StartAnswer(row.exchange, to: request, reader: AnswerReader()) {
            case .started(let id): "started \(id)"
            case .inactive: "inactive"
            case .notRegistered: "unregistered"
            case .unauthorized(let status): "unauthorized \(status)"
            case .notSent(let answer): word("unsent", answer)
            case .rejected(let answer): word("rejected", answer)
            case .uncertain(let answer): word("uncertain", answer)
            }
        #expect(text == row.start)
    }

    @Test(arguments: rows) func delivery(_ row: Row) {
        for call in [
            CharonCall.message(execution, .info, "x"), .end(execution, .success, success: true, message: nil),
        ] {
            let text =
                switch DeliveryAnswer(row.exchange, to: call.request(), reader: AnswerReader()) {
                case .accepted(let id): "accepted \(id ?? "-")"
                case .notFound: "not found"
                case .unauthorized(let status): "unauthorized \(status)"
                case .refused(let status, _): "refused \(status)"
                case .later(let answer): word("later", answer)
                }
            #expect(text == row.delivery)
        }
    }

    @Test func noAnswerNamesRequestStatusBodyAndDelay() throws {
        let response = CharonResponse(status: 503, retryAfter: .seconds(30), body: Array("try \u{1B}[31mlater".utf8))
        let request = CharonCall.canStart(slug).request()
        let answer = CanStartAnswer(.response(response), to: request, reader: AnswerReader())
        let expected = NoAnswer(
            reason: "server error",
            detail: #"GET /nightly/can-start answered 503 with "try \u{1b}[31mlater""#,
            retryAfter: .seconds(30),
            isServerFault: true
        )
        #expect(answer == .noAnswer(expected))
    }

    @Test func aRefusalRepeatsTheServersWords() {
        let request = CharonCall.message(execution, .info, "x").request()
        let response = Exchange.response(answer(#"{"error":"type unknown"}"#, status: 400))
        guard case .refused(400, let reason) = DeliveryAnswer(response, to: request, reader: AnswerReader()) else {
            Issue.record("not refused")
            return
        }
        #expect(reason == #"POST /17/message answered 400 with "{\"error\":\"type unknown\"}""#)
    }

    @Test func jsonThatPHPLabelsHTMLIsJSON() {
        let response = answer(#"{"active":true}"#, type: "text/html; charset=UTF-8")
        let request = CharonCall.canStart(slug).request()
        let yes = CanStartAnswer(.response(response), to: request, reader: AnswerReader())
        #expect(yes == .yes(cronID: nil))
    }
}
