/// A checker of Varlink's interface definition language, after its grammar at varlink.org.
struct InterfaceDescription {
    private(set) var name = ""
    private(set) var methods: [String] = []
    private(set) var types: [String] = []
    private(set) var errors: [String] = []
    /// The names of each method's parameters, and of the members of its reply.
    private(set) var parameters: [String: [String]] = [:]
    private(set) var results: [String: [String]] = [:]
    /// The members of each type.
    private(set) var members: [String: [String]] = [:]
    /// The custom types that fields name.
    private(set) var used: Set<String> = []
    private var tokens: [String]

    struct Invalid: Error {
        let token: String
        let wanted: String
    }

    init(_ text: String) throws {
        tokens = Self.tokens(of: text).reversed()
        try take("interface")
        name = try take("an interface name", matching: /[A-Za-z](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)+/)
        while let keyword = tokens.popLast() {
            switch keyword {
            case "method":
                let method = try typeName()
                methods.append(method)
                parameters[method] = try structure()
                try take("->")
                results[method] = try structure()
            case "type":
                let type = try typeName()
                types.append(type)
                members[type] = try structure()
            case "error":
                errors.append(try typeName())
                try structure()
            default: throw Invalid(token: keyword, wanted: "method, type or error")
            }
        }
    }

    private static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        for line in text.split(separator: "\n") {
            let code = line.prefix { $0 != "#" }
            tokens += code.matches(of: /->|\[\]|\[string\]|[A-Za-z0-9_.-]+|[^ \t]/).map { String($0.output) }
        }
        return tokens
    }

    private mutating func take(_ wanted: String) throws {
        let token = tokens.popLast() ?? "the end"
        guard token == wanted else { throw Invalid(token: token, wanted: wanted) }
    }

    private mutating func take<Output>(_ wanted: String, matching pattern: Regex<Output>) throws -> String {
        let token = tokens.popLast() ?? ""
        guard try pattern.wholeMatch(in: token) != nil else { throw Invalid(token: token, wanted: wanted) }
        return token
    }

    private mutating func typeName() throws -> String { try take("a type name", matching: /[A-Z][A-Za-z0-9]*/) }

    @discardableResult
    private mutating func structure() throws -> [String] {
        try take("(")
        var names: [String] = []
        while tokens.last != ")" {
            if !names.isEmpty { try take(",") }
            let name = try take("a field name", matching: /[A-Za-z](_?[A-Za-z0-9])*/)
            guard !names.contains(name) else { throw Invalid(token: name, wanted: "a new field") }
            names.append(name)
            try take(":")
            try type()
        }
        try take(")")
        return names
    }

    private mutating func type() throws {
        if tokens.last == "?" { tokens.removeLast() }
        while tokens.last == "[]" || tokens.last == "[string]" { tokens.removeLast() }
        switch tokens.last {
        case "bool", "int", "float", "string", "object": tokens.removeLast()
        case "(": try structure()
        default: used.insert(try typeName())
        }
    }
}
