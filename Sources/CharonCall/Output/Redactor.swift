import CharonCore

/// Hides secrets in texts, however they are written there: as they are, percent-encoded, in JSON.
struct Redactor: Sendable {
    /// Shorter ones are in words and numbers that have nothing to do with them, and could not be hidden without
    /// telling what they are.
    static let shortest = 4

    /// Longest first, so that a secret that is part of another leaves nothing of it.
    private var forms: [String] = []

    init() {}

    /// Hides a text from now on; false if it is too short for that.
    @discardableResult
    mutating func hide(_ secret: String) -> Bool {
        guard secret.utf8.count >= Self.shortest else { return false }
        let json = String(JSON.string(secret).description.dropFirst().dropLast())
        let encoded = [PercentEncoding.value(secret), PercentEncoding.path(secret), PercentEncoding.form(secret)]
        // PHP escapes slashes too.
        let inJSON = [json, json.replacing("/", with: "\\/")]
        forms = Set(forms + [secret] + encoded + inJSON).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
        return true
    }

    /// The text with a mark in each secret's place.
    func redact(_ text: String) -> String {
        forms.reduce(text) { text, form in text.replacing(form, with: Values.mark) }
    }
}

extension Redactor: CustomStringConvertible, CustomReflectable {
    var description: String { Values.mark }
    var customMirror: Mirror { Mirror(self, children: []) }
}
