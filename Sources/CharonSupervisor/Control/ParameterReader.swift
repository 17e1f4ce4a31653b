import CharonCore

/// The first parameter of a call that is missing or wrong, by its name.
package struct InvalidParameter: Error, Hashable, Sendable {
    package let parameter: String

    package init(parameter: String) { self.parameter = parameter }
}

/// Reads the parameters of a call; one that is `null` counts as left out.
struct ParameterReader {
    private let json: JSON

    init(_ json: JSON) { self.json = json }

    func required<Value>(_ name: String, _ make: (String) -> Value?) throws(InvalidParameter) -> Value {
        guard let value = try optional(name, make) else { throw InvalidParameter(parameter: name) }
        return value
    }

    func optional<Value>(_ name: String, _ make: (String) -> Value?) throws(InvalidParameter) -> Value? {
        guard let member = member(name) else { return nil }
        guard let value = member.string.flatMap(make) else { throw InvalidParameter(parameter: name) }
        return value
    }

    /// A whole number within `range`.
    func number(_ name: String, in range: ClosedRange<Int64>) throws(InvalidParameter) -> Int64? {
        guard let member = member(name) else { return nil }
        guard let value = member.integer, range.contains(value) else { throw InvalidParameter(parameter: name) }
        return value
    }

    /// False if it is left out.
    func flag(_ name: String) throws(InvalidParameter) -> Bool {
        guard let member = member(name) else { return false }
        guard let value = member.bool else { throw InvalidParameter(parameter: name) }
        return value
    }

    private func member(_ name: String) -> JSON? { json[name].flatMap { $0 == .null ? nil : $0 } }
}
