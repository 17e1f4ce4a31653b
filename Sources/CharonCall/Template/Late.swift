/// A value of a fixed form that the file says itself, or leaves to a variable.
struct Late<Value: Sendable>: Sendable {
    private enum Content: Sendable {
        case known(Value)
        case open(Template, complaint: String, @Sendable (String) -> Value?)
    }

    private let content: Content

    init(_ value: Value) { content = .known(value) }

    /// `parse` reads the text once its variables are known; `complaint` goes on behind what it does not take.
    init(_ template: Template, complaint: String, _ parse: @escaping @Sendable (String) -> Value?) {
        content = .open(template, complaint: complaint, parse)
    }

    /// The value if the file says it itself.
    var known: Value? { if case .known(let value) = content { value } else { nil } }

    /// The text whose variables make the value.
    var template: Template? { if case .open(let template, _, _) = content { template } else { nil } }

    /// The value; throws if what the variables make is none, with the exit code for a wrong variable.
    func value(_ values: Values) throws(CallFailure) -> Value {
        switch content {
        case .known(let value): return value
        case .open(let template, let complaint, let parse):
            if let value = parse(template.render(values)) { return value }
            throw CallFailure(.configuration, "what the variables make of \"\(template.text)\" \(complaint)")
        }
    }
}
