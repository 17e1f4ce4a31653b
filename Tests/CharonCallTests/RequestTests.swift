import CharonCore
import HTTPTypes
import Testing

@testable import CharonCall

@Suite struct RequestTests {
    private static let base = "http://127.0.0.1:9/api"

    @Test(arguments: [
        ("{path: /a}", "/a"),
        ("{path: \"/import/{{v}}\"}", "/import/a%2Fb%20%2B%C3%A9"),
        ("{path: \"/x-{{v}}-y\"}", "/x-a%2Fb%20%2B%C3%A9-y"),
        ("{path: \"/{{+p}}\"}", "/v5/entities/7"),
        ("{path: \"{{+p}}\"}", "/v5/entities/7"),
        ("{path: /projects/, matrix: {year: \"2012\", c: \"{{v}}\"}}", "/projects/;year=2012;c=a%2Fb%20%2B%C3%A9"),
        ("{path: /projects, matrix: {a b: c}, query: {d: e}}", "/projects;a%20b=c?d=e"),
        ("{path: /a, query: {from: \"{{t}}\"}}", "/a?from=2026-11-22T23%3A15%3A00%2B0100"),
        ("{path: /a, query: {id: [1, \"{{n}}\"], q: \"\"}}", "/a?id=1&id=3&q="),
        (
            "{path: /a, query: {q: {value: \"{{e}}\", omit_if_empty: true}, r: {value: \"{{n}}\", omit_if_empty: true}}}",
            "/a?r=3"
        ),
        ("{path: \"/é ü\"}", "/%C3%A9%20%C3%BC"),
    ])
    func theURL(_ request: String, _ url: String) throws {
        let prepared = try Reading.request(
            request,
            ["v": "a/b +é", "p": "v5/entities/7", "t": "2026-11-22T23:15:00+0100", "n": 3, "e": ""])
        #expect(prepared.url == Self.base + url)
    }

    @Test(arguments: [
        ("{path: \"/a/{{v}}/b\"}", JSON.string(""), "\"v\" is empty"),
        ("{path: \"/a/{{v}}\"}", "..", "'..'"), ("{path: \"/a/{{v}}\"}", ".", "'..'"),
        ("{path: \"/a/{{+v}}\"}", "../b", "'..'"), ("{path: \"/a/{{+v}}\"}", "%2e%2e/b", "'..'"),
        ("{path: \"/a/{{+v}}\"}", "b?c", "without '?'"), ("{path: \"/a/{{+v}}\"}", "b#c", "without '?'"),
        ("{path: \"/a/{{+v}}\"}", "b\nc", "without '?'"),
        ("{path: /a, headers: {X: \"{{v}}\"}}", "a\r\nHost: b", "the header \"X\" must not"),
        ("{path: /a, headers: {X: \"{{v}}\"}}", "a\u{0}", "the header \"X\" must not"),
    ])
    func aValueThatWouldMakeAnotherRequestIsRefused(_ request: String, _ value: JSON, _ message: String) {
        let failure = #expect(throws: CallFailure.self) { try Reading.request(request, ["v": value]) }
        #expect(failure?.exit == .configuration)
        #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    }

    @Test func jsonKeepsTypes() throws {
        let text = """
            {method: POST, path: /a, json: {s: "{{n}}", t: "n {{n}}", l: [true, null, 1.5, "2", two], o: {d: "{{o}}"}}}
            """
        let prepared = try Reading.request(text, ["n": 3, "o": ["k": [1]]])
        #expect(
            prepared.body
                == .bytes(Array(#"{"s":3,"t":"n 3","l":[true,null,1.5,"2","two"],"o":{"d":{"k":[1]}}}"#.utf8)))
        #expect(prepared.headers[.contentType] == "application/json")
    }

    @Test func aFormIsEncoded() throws {
        let prepared = try Reading.request(
            "{method: POST, path: /a, form: {a b: \"{{v}}\", c: [1, 2]}}", ["v": "x &=+é"])
        #expect(prepared.body == .bytes(Array("a+b=x+%26%3D%2B%C3%A9&c=1&c=2".utf8)))
        #expect(prepared.headers[.contentType] == "application/x-www-form-urlencoded")
    }

    @Test func multipartIsWrittenAsRFC7578() throws {
        let prepared = try Reading.request(
            "{method: POST, path: /a, multipart: {wait: \"true\", attachment: {file: \"{{f}}\", content_type: text/csv, name: \"{{n}}\"}}}",
            ["f": "/srv/a.csv", "n": "q\"\r\né.csv"])
        let head =
            "--B\r\nContent-Disposition: form-data; name=\"wait\"\r\n\r\ntrue\r\n--B\r\nContent-Disposition: form-data; "
            + "name=\"attachment\"; filename=\"q%22%0D%0Aé.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        #expect(
            prepared.body
                == .multipart([
                    .bytes(Array(head.utf8)), .file(path: "/srv/a.csv"), .bytes(Array("\r\n--B--\r\n".utf8)),
                ]))
        #expect(prepared.headers[.contentType] == "multipart/form-data; boundary=B")
    }

    @Test func headersHaveDefaultsThatCanBeChanged() throws {
        let plain = try Reading.request("{path: /a}")
        #expect(plain.headers[.accept] == "application/json")
        #expect(plain.headers[.contentType] == nil)
        let other = try Reading.request(
            "{method: PUT, path: /a, json: 1, headers: {accept: text/csv, Content-Type: a/b}}")
        #expect(other.headers[.accept] == "text/csv")
        #expect(other.headers[fields: .contentType].count == 1)
        #expect(other.headers[.contentType] == "a/b")
    }

    /// A length of 0 has to be said with these (RFC 9110, 8.6).
    @Test(arguments: [("POST", true), ("PUT", true), ("PATCH", true), ("GET", false), ("DELETE", false)])
    func aMissingBodyIsAnEmptyOneWhereOneIsDue(_ method: String, _ isDue: Bool) throws {
        let prepared = try Reading.request("{method: \(method), path: /a}")
        #expect(prepared.body == (isDue ? .bytes([]) : .none))
    }

    @Test(arguments: [
        ("GET", true), ("HEAD", true), ("PUT", true), ("DELETE", true), ("POST", false), ("PATCH", false),
    ])
    func idempotence(_ method: String, _ isIdempotent: Bool) throws {
        #expect(try Reading.request("{method: \(method), path: /a}").isIdempotent == isIdempotent)
    }
}
