/// The faults by name.
enum FaultCatalogue {
    /// What a name does, with or without `-before` or `-after`; nil for no name of a fault.
    static func effect(of name: String) -> Fault.Effect? {
        if let effect = effects[name] { return effect }
        for moment in Fault.Moment.allCases where name.hasSuffix("-\(moment.rawValue)") {
            let base = String(name.dropLast(moment.rawValue.count + 1))
            if case .replacement(let replacement, _) = effects[base] { return .replacement(replacement, moment) }
        }
        return nil
    }

    static var list: String {
        NameList.text(entries.map { ($0.name, "\($0.moment)\($0.meaning)") }) + "\n" + """
            'before': the server has done nothing; 'after': it has done its work. NAME-before and NAME-after choose, but \
            for the last three.
            """
    }

    private struct Entry {
        let name: String
        let effect: Fault.Effect
        let meaning: String

        var moment: String {
            switch effect {
            case .replacement(_, .before): "before: "
            case .replacement(_, .after), .disturbance: "after:  "
            }
        }
    }

    private static let effects = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.effect) })

    private static let entries: [Entry] = refusals + pages + others

    private static let refusals = [400, 401, 403, 404, 408, 409, 413, 422, 425, 429, 500, 503].map { status in
        // A second: short enough for a test, long enough to be seen.
        let page = Page.json(status, retryAfter: status == 429 ? "1" : nil)
        let reason = Responder.reasons[status] ?? ""
        let remark = page.retryAfter.map { ", Retry-After: \($0)" } ?? ""
        return Entry(
            name: "status-\(status)", effect: .replacement(.page(page), .before),
            meaning: "\(status) \(reason) as JSON\(remark)")
    }

    private static let pages = [
        Entry(
            name: "not-found-html", effect: .replacement(.page(.html(404)), .before),
            meaning: "404 with a page, as a web server says it of a path that no application has"),
        Entry(
            name: "502-html", effect: .replacement(.page(.html(502)), .before),
            meaning: "502 with a page of a proxy that did not reach the server"),
        Entry(
            name: "504-html", effect: .replacement(.page(.html(504)), .after),
            meaning: "504 with a page of a proxy that did not wait for the answer"),
        Entry(
            name: "redirect", effect: .replacement(.page(.html(302, location: "/login")), .before),
            meaning: "302 to /login"),
        Entry(name: "html-200", effect: .replacement(.page(.html(200)), .before), meaning: "200 with a page"),
        Entry(
            name: "empty-200", effect: .replacement(.page(Page(status: 200, body: "")), .after),
            meaning: "200 with an empty body"),
        Entry(
            name: "garbage-200", effect: .replacement(.page(Page(status: 200, body: "{\"id\":\u{1}}}%")), .after),
            meaning: "200 with a body that is no JSON though it is called so"),
    ]

    private static let others = [
        Entry(name: "reset", effect: .replacement(.reset, .before), meaning: "a reset connection"),
        Entry(
            name: "silence", effect: .replacement(.silence, .before),
            meaning: "no answer, on a connection that stays open"),
        Entry(
            name: "endless", effect: .replacement(.endless, .after),
            meaning: "200 and a body without end, as fast as it is read"),
        Entry(name: "reset-body", effect: .disturbance(.resetBody), meaning: "a reset in the middle of the body"),
        Entry(name: "slow", effect: .disturbance(.slow), meaning: "the body at one byte a second"),
        Entry(
            name: "close-idle", effect: .disturbance(.closeIdle),
            meaning: "the answer with 'Connection: keep-alive', and the connection closed right behind it"),
    ]
}
