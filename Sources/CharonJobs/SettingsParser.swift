import CharonCore
import Yams

/// Turns the nodes of a `charon.yaml` into settings and reports what does not fit.
struct SettingsParser {
    let problems: ProblemList
    let users: UserTable
    let checks: Settings.Checks

    func settings(_ document: Node) -> Settings {
        var settings = Settings()
        let keys = SettingsKeys.all
        guard let fields = YAMLFields(document, name: "the configuration", allowed: keys.map(\.name), problems) else {
            return settings
        }
        settings.applications = fields.node("applications").map(applications) ?? [:]
        settings.defaultApplication = defaultApplication(fields)
        settings.wrapped = fields.node("wrapped").map(wrapped) ?? [:]
        for key in keys where fields.node(key.name) != nil { key.read(fields, &settings) }
        return settings
    }

    private func defaultApplication(_ fields: YAMLFields) -> String? {
        // By its name, an application counts whatever else is wrong with it.
        let names = (fields.node("applications")?.mapping?.keys.compactMap(\.scalar?.string) ?? []).sorted()
        guard fields.node("default_application") != nil else {
            if names.count <= 1 { return names.first }
            if names.contains("default") { return "default" }
            let several = "there are several applications and none is called \"default\""
            let allowed = names.joined(separator: ", ")
            problems.add(
                at: fields.node("applications")?.position,
                "\(several): \"default_application\" must be one of \(allowed)")
            return nil
        }
        guard let name = fields.text("default_application") else { return nil }
        guard names.contains(name) else {
            let allowed = names.isEmpty ? "there are none" : "allowed are \(names.joined(separator: ", "))"
            fields.add("default_application", "must be the name of an application: \(allowed)")
            return nil
        }
        return name
    }

    private func wrapped(_ node: Node) -> [UInt32: [SlugPattern]] {
        var wrapped: [UInt32: [SlugPattern]] = [:]
        for (user, position, value) in YAMLFields.pairs(of: node, name: "\"wrapped\"", problems) ?? [] {
            let patterns = patterns(value, of: user)
            guard let uid = uid(user, of: "\"wrapped\"", at: position) else { continue }
            wrapped[uid, default: []] += patterns
        }
        return wrapped
    }

    /// The uid of a user by name or number; nil, with a problem that names `place`, if there is none.
    func uid(_ user: String, of place: String, at position: Position?) -> UInt32? {
        if let uid = users[user] { return uid }
        // The highest number stands for "no user" in system calls.
        let isNumber = user.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if isNumber, let uid = UInt32(user), uid != .max { return uid }
        let hint =
            Spelling.nearest(to: user, among: users.names).map { "did you mean \"\($0)\"?" }
            ?? "a user of /etc/passwd or a uid is due"
        problems.add(at: position, "unknown user \"\(user)\" in \(place): \(hint)")
        return nil
    }

    private func patterns(_ node: Node, of user: String) -> [SlugPattern] {
        guard let sequence = node.sequence else {
            problems.add(
                at: node.position,
                "\"\(user)\" in \"wrapped\" must have a list of slug patterns, as in [\"shop-*\"]: it is \(node.kind)")
            return []
        }
        var patterns: [SlugPattern] = []
        for element in sequence {
            let what = "a slug pattern of \"\(user)\""
            guard let text = YAMLFields.text(of: element, what, problems) else { continue }
            if let pattern = SlugPattern(text) {
                patterns.append(pattern)
            } else {
                problems.add(at: element.position, "\(what) must be \(SlugPattern.rule)")
            }
        }
        return patterns
    }
}
