import CharonAPI
import CharonCore
import Testing

func answer(_ body: String, status: Int = 200, type: String? = "application/json") -> CharonResponse {
    CharonResponse(status: status, contentType: type, body: Array(body.utf8))
}

@Suite struct AnswerReaderTests {
    private let canStart: CharonRequest
    private let start: CharonRequest

    init() throws {
        let slug = try #require(Slug("nightly"))
        canStart = CharonCall.canStart(slug).request()
        start = CharonCall.start(.slug(slug)).request()
    }

    private func state(_ body: String, _ pointers: AnswerPointers = .init()) throws -> Reading<CronState> {
        try AnswerReader(pointers).cronState(in: answer(body), to: canStart)
    }

    @Test(arguments: [
        ("true", true, nil, "bare value"),
        ("false", false, nil, "bare value"),
        ("1", true, nil, "bare value"),
        ("17", true, nil, "bare value"),
        ("0", false, nil, "bare value"),
        ("0.0", false, nil, "bare value"),
        ("null", false, nil, "bare value"),
        ("\"true\"", true, nil, "bare value"),
        ("\"false\"", false, nil, "bare value"),
        ("\"17\"", true, nil, "bare value"),
        ("\"0\"", false, nil, "bare value"),
        ("\"\"", false, nil, "bare value"),
        ("\"Inactif\"", false, nil, "bare value"),
        ("", false, nil, "empty body"),
        (" \r\n", false, nil, "empty body"),
        ("[]", false, nil, "bare value"),
        ("{}", false, nil, "empty object"),
        ("\u{FEFF}true", true, nil, "bare value"),
        (#"{"active":true}"#, true, nil, "field active"),
        (#"{"active":false}"#, false, nil, "field active"),
        (#"{"active":0}"#, false, nil, "field active"),
        (#"{"active":"1"}"#, true, nil, "field active"),
        (#"{"active":null}"#, false, nil, "field active"),
        (#"{"canStart":true}"#, true, nil, "field canStart"),
        (#"{"can_start":false}"#, false, nil, "field can_start"),
        (#"{"actif":true}"#, true, nil, "field actif"),
        (#"{"is_active":true}"#, true, nil, "field is_active"),
        (#"{"active":true,"canStart":false}"#, false, nil, "field canStart"),
        (#"{"id":12,"active":true}"#, true, "12", "field active, id by field id"),
        (#"{"id":12,"active":false}"#, false, "12", "field active, id by field id"),
        (#"{"id":12}"#, true, "12", "field id without a state, id by field id"),
        (#"{"cronId":"c-1","id":12}"#, true, "c-1", "field cronId without a state, id by field cronId"),
        (#"{"cron_id":7,"actif":1}"#, true, "7", "field actif, id by field cron_id"),
        (#"{"data":{"id":"b3-9","active":true}}"#, true, "b3-9", "field data.active, id by field data.id"),
        (#"{"id":3,"data":{"active":false}}"#, false, "3", "field data.active, id by field id"),
        (#"{"data":{"id":12}}"#, true, "12", "field data.id without a state, id by field data.id"),
        (#"{"data":true}"#, true, nil, "value of data"),
        (#"{"data":17}"#, true, nil, "value of data"),
        (#"{"data":{}}"#, false, nil, "value of data"),
        (#"{"data":[]}"#, false, nil, "value of data"),
        (#"{"id":null,"active":true}"#, true, nil, "field active"),
        (#"{"id":0,"active":true}"#, true, nil, "field active"),
    ])
    func canStartForms(_ body: String, _ isActive: Bool, _ id: String?, _ rule: String) throws {
        let reading = try state(body)
        #expect(reading.value.isActive == isActive)
        #expect(reading.value.cronID?.text == id)
        #expect(reading.rule == rule)
    }

    @Test(arguments: [
        "yes please", "{", "\"nightly\"", "[1]", #"[{"active":true}]"#, #"{"error":"no such cron"}"#, #"{"id":null}"#,
        #"{"active":{"since":1}}"#, #"{"active":"perhaps"}"#, #"{"status":"error","data":null}"#, "<html></html>",
    ])
    func whatNoRuleReadsIsAnErrorAndNeverANo(_ body: String) throws {
        let error = #expect(throws: CharonError.self) { try state(body) }
        let message = try #require(error?.message)
        #expect(message.contains("GET /nightly/can-start answered 200"))
        #expect(message.contains(answer(body).excerpt))
    }

    @Test func pointersOverrideTheRules() throws {
        let pointers = AnswerPointers(active: JSONPointer("/cron/on"), cronID: JSONPointer("/cron/key/0"))
        let reading = try state(#"{"active":false,"id":9,"cron":{"on":"yes","key":["k 1","k2"]}}"#, pointers)
        #expect(reading.value == CronState(isActive: true))
        let full = try state(#"{"active":false,"id":9,"cron":{"on":"yes","key":["k1"]}}"#, pointers)
        #expect(full.value == CronState(isActive: true, cronID: CronID("k1")))
        #expect(full.rule == "pointer '/cron/on', id by pointer '/cron/key/0'")
        #expect(try state(#"{"cron":{"on":null}}"#, pointers).value == CronState(isActive: false))
    }

    @Test(arguments: ["", #"{"active":true}"#, "true", #"{"cron":{"on":[1]}}"#])
    func aPointerThatFindsNothingIsAnError(_ body: String) {
        #expect(throws: CharonError.self) { try state(body, AnswerPointers(active: JSONPointer("/cron/on"))) }
    }

    @Test func aPointerToTheWholeTakesABareValue() throws {
        let whole = AnswerPointers(active: JSONPointer(""))
        #expect(try state("1", whole) == Reading(CronState(isActive: true), rule: "pointer ''"))
    }

    @Test(arguments: [
        ("17", "17", "bare value"),
        ("\"17\"", "17", "bare value"),
        (#"{"id":17}"#, "17", "field id"),
        (#"{"executionId":17}"#, "17", "field executionId"),
        (#"{"execution_id":"b3f0-11"}"#, "b3f0-11", "field execution_id"),
        (#"{"id":12,"executionId":17}"#, "17", "field executionId"),
        (#"{"data":{"id":17}}"#, "17", "field data.id"),
        (#"{"data":17}"#, "17", "field data"),
        (#"{"data":{"execution_id":"x"},"id":4}"#, "4", "field id"),
    ])
    func executionIDForms(_ body: String, _ id: String, _ rule: String) throws {
        let reading = try AnswerReader().executionID(in: answer(body), to: start)
        #expect(reading.value.text == id)
        #expect(reading.rule == rule)
    }

    @Test(arguments: [
        "", "null", "true", "0", "-1", "1.5", "18446744073709551616", "\"\"", "\"Execution started\"", "[17]", "{}",
        #"{"id":null}"#, #"{"id":{"value":17}}"#, #"{"executionId":""}"#, "b3f0", "<html>17</html>",
    ])
    func noExecutionID(_ body: String) {
        #expect(throws: CharonError.self) { try AnswerReader().executionID(in: answer(body), to: start) }
    }

    @Test func anOverlongIdIsNone() {
        let long = "\"" + String(repeating: "a", count: 257) + "\""
        #expect(throws: CharonError.self) { try AnswerReader().executionID(in: answer(long), to: start) }
    }

    @Test func executionAndMessagePointers() throws {
        let pointers = AnswerPointers(executionID: JSONPointer("/run/ref"), messageID: JSONPointer("/m~1id"))
        let reader = AnswerReader(pointers)
        #expect(try reader.executionID(in: answer(#"{"id":1,"run":{"ref":"e9"}}"#), to: start).value.text == "e9")
        #expect(throws: CharonError.self) { try reader.executionID(in: answer(#"{"id":1}"#), to: start) }
        #expect(reader.messageID(in: answer(#"{"id":1,"m/id":5}"#)) == Reading("5", rule: "pointer '/m~1id'"))
        #expect(reader.messageID(in: answer(#"{"id":1}"#)) == nil)
        #expect(AnswerReader().messageID(in: answer(#"{"messageId":5}"#))?.value == "5")
        #expect(AnswerReader().messageID(in: answer("")) == nil)
    }
}
