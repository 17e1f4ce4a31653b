import CharonCore
import Yams

extension SettingsParser {
    func applications(_ node: Node) -> [String: Settings.Application] {
        var applications: [String: Settings.Application] = [:]
        var owners: [UInt32: String] = [:]
        for (name, position, value) in YAMLFields.pairs(of: node, name: "\"applications\"", problems) ?? [] {
            if Slug(name) == nil {
                problems.add(at: position, "the name of an application follows the rule of slugs: \(Slug.rule)")
            } else if let application = application(value, name, &owners) {
                applications[name] = application
            }
        }
        return applications
    }

    /// The users of an application; `owners` are those of the ones before it.
    private func users(_ fields: YAMLFields, _ name: String, _ owners: inout [UInt32: String]) -> Set<UInt32> {
        guard let node = fields.node("users") else { return [] }
        guard let sequence = node.sequence else {
            fields.add("users", "must be a list of users, as in [www-data]: it is \(node.kind)")
            return []
        }
        var users: Set<UInt32> = []
        for element in sequence {
            guard let user = YAMLFields.text(of: element, "a user of application \"\(name)\"", problems),
                let uid = uid(user, of: "\"users\"", at: element.position)
            else { continue }
            if let owner = owners[uid], owner != name {
                problems.add(
                    at: element.position,
                    "\"\(user)\" is among the \"users\" of \"\(owner)\" already: a line can mean one application")
                continue
            }
            owners[uid] = name
            users.insert(uid)
        }
        return users
    }

    private func application(_ node: Node, _ name: String, _ owners: inout [UInt32: String]) -> Settings.Application? {
        let what = "application \"\(name)\""
        guard let fields = YAMLFields(node, name: what, allowed: SettingsKeys.application.map(\.name), problems) else {
            return nil
        }
        let allowPlainHTTP = fields.bool("allow_plain_http") ?? false
        let key = key(fields, what)
        let url = url(fields, what, allowPlainHTTP)
        let caFile = fields.path("ca_file")
        let users = users(fields, name, &owners)
        let pointers = fields.node("pointers").map { self.pointers($0, what) }
        let connections = fields.integer("connections", 2...256)
        let messagesPerSecond = fields.integer("messages_per_second", SettingsKeys.budget)
        let burst = fields.integer("burst", SettingsKeys.budget)
        guard let key, let url else { return nil }
        var application = Settings.Application(name: name, url: url, key: key)
        application.caFile = caFile
        application.allowPlainHTTP = allowPlainHTTP
        application.users = users
        application.pointers = pointers ?? application.pointers
        application.connections = connections ?? application.connections
        application.messagesPerSecond = messagesPerSecond ?? application.messagesPerSecond
        application.burst = burst ?? application.burst
        return application
    }

    private func url(_ fields: YAMLFields, _ what: String, _ allowPlainHTTP: Bool) -> String? {
        guard fields.node("url") != nil else {
            problems.add(at: fields.position, "\(what) has no \"url\", as in https://charon.example.org/api")
            return nil
        }
        guard let text = fields.text("url") else { return nil }
        if let complaint = checks.url(text, allowPlainHTTP) {
            problems.add(at: fields.position(of: "url"), "\"url\": \(complaint)")
            return nil
        }
        return text
    }

    private func key(_ fields: YAMLFields, _ what: String) -> Settings.Application.Key? {
        switch (fields.node("key_file") != nil, fields.node("credential") != nil) {
        case (true, true):
            fields.add("credential", "and \"key_file\" exclude each other: keep one")
            return nil
        case (true, false): return fields.path("key_file").map { .file($0) }
        case (false, true):
            let rule = "the name of a systemd credential: 1 to 255 visible ASCII characters without '/' and ':'"
            let name = fields.value("credential", rule: rule) { name in
                let fits = name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2F && $0 != 0x3A }
                return fits && name.utf8.count <= 255 && name != "." && name != ".." ? name : nil
            }
            return name.map { .credential($0) }
        case (false, false):
            problems.add(at: fields.position, "\(what) has neither \"key_file\" nor \"credential\": one is required")
            return nil
        }
    }

    private func pointers(_ node: Node, _ what: String) -> Settings.Application.Pointers {
        var pointers = Settings.Application.Pointers()
        let allowed = SettingsKeys.pointers.map(\.name)
        guard let fields = YAMLFields(node, name: "\"pointers\" of \(what)", allowed: allowed, problems) else {
            return pointers
        }
        func pointer(_ key: String) -> String? {
            guard let text = fields.text(key) else { return nil }
            if let complaint = checks.pointer(text) {
                problems.add(at: fields.position(of: key), "\"\(key)\": \(complaint)")
                return nil
            }
            return text
        }
        pointers.active = pointer("active")
        pointers.cronID = pointer("cron_id")
        pointers.executionID = pointer("execution_id")
        pointers.messageID = pointer("message_id")
        return pointers
    }
}
