package import CharonCore

/// Reads the bodies that Charon's documentation leaves open, by rules that a pointer can override.
///
/// Names of members are compared without case, `_` and `-`: `canStart`, `can_start` and `CANSTART` are one.
/// Each name is sought in the object itself, then in its member `data`.
///
/// **can-start**, the first rule that applies:
/// 1. the pointer `active`, if configured: the value there is the state; nothing there is unreadable;
/// 2. an empty body: no;
/// 3. a bare value: its truth. It is never an id;
/// 4. an object with one of `canStart`, `active`, `isActive`, `actif`, `estActif`, in this order: that member's truth;
/// 5. an object with an id and no state: yes;
/// 6. an object with nothing but `data`: the truth of that;
/// 7. an empty object (or an empty array, which is PHP's): no.
///
/// The *truth* of a value: `null`, 0, `{}` and `[]` are no, other numbers yes; of strings, without case, `true`, `yes`,
/// `on`, `active`, `actif` and numbers but 0 are yes, `false`, `no`, `off`, `inactive`, `inactif`, `null` and the empty
/// string are no. Anything else has none.
///
/// The cron's id comes from the pointer `cronID`, else from a member `cronId` or `id`; it may be missing.
///
/// **start** and **message** (execution's and message's id): the pointer; a bare number or string; a member
/// `executionId` (`messageId`), then `id`; `data` itself.
///
/// An *id* is a whole number from 1 on, or a string of 1 to 256 bytes without white space and control characters.
///
/// What no rule reads is an error that names the request, the status and the first bytes: never a silent "no".
package struct AnswerReader: Hashable, Sendable {
    package let pointers: AnswerPointers

    package init(_ pointers: AnswerPointers = AnswerPointers()) { self.pointers = pointers }

    /// Reads a successful answer to can-start.
    package func cronState(
        in response: CharonResponse,
        to request: CharonRequest
    ) throws(CharonError) -> Reading<CronState> {
        let json: JSON
        switch response.form {
        case .json(let value): json = value
        case .empty where pointers.active == nil: return Reading(CronState(isActive: false), rule: "empty body")
        case .empty: throw Self.unreadable("it is empty and a pointer is configured", response, request)
        case .html: throw Self.unreadable("it is HTML", response, request)
        case .other: throw Self.unreadable("it is no JSON", response, request)
        }
        let id = identifier(in: json, pointer: pointers.cronID, names: ["cronid", "id"])
        let state: Reading<Bool>
        do {
            state = try self.state(in: json, id: id)
        } catch {
            throw Self.unreadable(error.why, response, request)
        }
        let cronID = json.members == nil && pointers.cronID == nil ? nil : id
        return Reading(
            CronState(isActive: state.value, cronID: cronID.flatMap { CronID($0.value) }),
            rule: state.rule + (cronID.map { ", id by \($0.rule)" } ?? "")
        )
    }

    /// Reads a successful answer to start.
    package func executionID(
        in response: CharonResponse,
        to request: CharonRequest
    ) throws(CharonError) -> Reading<ExecutionID> {
        guard case .json(let json) = response.form,
            let id = identifier(in: json, pointer: pointers.executionID, names: ["executionid", "id"]),
            let executionID = ExecutionID(id.value)
        else { throw Self.unreadable("it names no execution", response, request) }
        return Reading(executionID, rule: id.rule)
    }

    /// Reads the id in a successful answer to message; nil if it names none, which nothing depends on.
    package func messageID(in response: CharonResponse) -> Reading<String>? {
        guard case .json(let json) = response.form else { return nil }
        return identifier(in: json, pointer: pointers.messageID, names: ["messageid", "id"])
    }

    private struct Unreadable: Error {
        let why: String
    }

    private func state(in json: JSON, id: Reading<String>?) throws(Unreadable) -> Reading<Bool> {
        if let pointer = pointers.active {
            guard let value = pointer.resolve(in: json) else {
                throw Unreadable(why: "there is nothing at the pointer '\(pointer)'")
            }
            return try Self.truth(of: value, rule: "pointer '\(pointer)'")
        }
        guard let members = json.members else { return try Self.truth(of: json, rule: "bare value") }
        for (prefix, object) in Self.places(in: json) {
            for name in Self.stateNames {
                guard let member = object.member(like: name) else { continue }
                return try Self.truth(of: member.value, rule: "field \(prefix)\(member.name)")
            }
        }
        if let id { return Reading(true, rule: "\(id.rule) without a state") }
        if members.count == 1, let data = json.member(like: "data") {
            return try Self.truth(of: data.value, rule: "value of \(data.name)")
        }
        guard members.isEmpty else { throw Unreadable(why: "it names neither a state nor an id") }
        return Reading(false, rule: "empty object")
    }

    /// In the order in which they are believed: the first answers the question that was asked.
    private static let stateNames = ["canstart", "active", "isactive", "actif", "estactif"]

    private static func truth(of value: JSON, rule: String) throws(Unreadable) -> Reading<Bool> {
        guard let truth = value.truth else { throw Unreadable(why: "\(rule) is neither yes nor no") }
        return Reading(truth, rule: rule)
    }

    private static func unreadable(
        _ why: String,
        _ response: CharonResponse,
        _ request: CharonRequest
    ) -> CharonError {
        CharonError(
            .protocolViolation,
            "\(request) answered \(response.status) with a body that cannot be understood (\(why)): \(response.excerpt);"
                + " a JSON pointer in the application's configuration can name the place"
        )
    }
}
