import CharonCore
import Yams

/// Turns the nodes of a `charon.yaml` into settings and reports what does not fit.
struct SettingsParser {
    let problems: ProblemList
    let users: UserTable
    let checks: Settings.Checks

    private static let keys = [
        "applications", "default_application", "wrapped", "state", "socket", "when_unreachable", "when_unknown",
        "uncertain_start", "off_exit_code", "message_bytes", "delivery", "keep", "disk_budget",
        "defaults",
    ]

    func settings(_ document: Node) -> Settings {
        var settings = Settings()
        guard let fields = YAMLFields(document, name: "the configuration", allowed: Self.keys, problems) else {
            return settings
        }
        settings.applications = fields.node("applications").map(applications) ?? [:]
        settings.defaultApplication = defaultApplication(fields)
        settings.wrapped = fields.node("wrapped").map(wrapped) ?? [:]
        settings.state = fields.path("state") ?? settings.state
        // The path of a Unix socket and its NUL fill 108 bytes (unix(7)).
        settings.socket = fields.path("socket", longest: 107) ?? settings.socket
        settings.whenUnreachable = fields.choice("when_unreachable") ?? settings.whenUnreachable
        settings.whenUnregistered = fields.choice("when_unknown") ?? settings.whenUnregistered
        settings.whenUncertain = fields.choice("uncertain_start") ?? settings.whenUncertain
        settings.offExitCode = fields.integer("off_exit_code", 0...255).map { UInt8($0) } ?? settings.offExitCode
        settings.messageBytes = fields.integer("message_bytes", 64...65_536) ?? settings.messageBytes
        settings.delivery = fields.node("delivery").map(delivery) ?? settings.delivery
        settings.keep = fields.node("keep").map(keep) ?? settings.keep
        settings.diskBudget = fields.node("disk_budget").map(diskBudget) ?? settings.diskBudget
        if let node = fields.node("defaults") {
            _ = JobKeys.defaults.read(node, name: "\"defaults\"", problems, into: &settings.defaults)
        }
        return settings
    }

    private static let deliveryKeys = ["messages_per_second", "burst", "joined_bytes", "max_messages", "max_bytes"]
    /// Of a budget, in messages: enough to be no limit at all.
    static let budget = 1...1_000_000

    private func delivery(_ node: Node) -> Settings.Delivery {
        var delivery = Settings.Delivery()
        guard let fields = YAMLFields(node, name: "\"delivery\"", allowed: Self.deliveryKeys, problems) else {
            return delivery
        }
        delivery.messagesPerSecond = fields.integer("messages_per_second", Self.budget) ?? delivery.messagesPerSecond
        delivery.burst = fields.integer("burst", Self.budget) ?? delivery.burst
        delivery.joinedBytes = fields.integer("joined_bytes", 0...65_536) ?? delivery.joinedBytes
        delivery.maxMessages = fields.integer("max_messages", 10...10_000_000) ?? delivery.maxMessages
        // Room for some messages of any length, the first and the last.
        delivery.maxBytes =
            fields.byteCount("max_bytes", least: ByteCount(256 << 10), most: ByteCount(1 << 30))
            .map { Int($0.bytes) } ?? delivery.maxBytes
        return delivery
    }

    private func keep(_ node: Node) -> Settings.Keep {
        var keep = Settings.Keep()
        guard let fields = YAMLFields(node, name: "\"keep\"", allowed: ["runs", "for"], problems) else { return keep }
        keep.runs = fields.integer("runs", 0...1_000_000) ?? keep.runs
        keep.age = fields.timeSpan("for") ?? keep.age
        return keep
    }

    private func diskBudget(_ node: Node) -> Settings.DiskBudget {
        var budget = Settings.DiskBudget()
        let allowed = ["bytes", "files", "free"]
        guard let fields = YAMLFields(node, name: "\"disk_budget\"", allowed: allowed, problems) else { return budget }
        // Less would not hold the records of a few runs, however little they write.
        budget.bytes = fields.byteCount("bytes", least: ByteCount(1 << 20)) ?? budget.bytes
        budget.files = fields.integer("files", 100...100_000_000).map { Int64($0) } ?? budget.files
        budget.free = percent(fields, "free") ?? budget.free
        return budget
    }

    /// A share that leaves something: up to 50 %.
    private func percent(_ fields: YAMLFields, _ key: String) -> Int64? {
        fields.value(key, rule: "a whole number from 0% to 50%, with its percent sign") { text in
            guard text.hasSuffix("%"), text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int64(text.dropLast()).flatMap { (0...50).contains($0) ? $0 : nil }
        }
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
