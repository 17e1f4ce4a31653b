extension ChildSetup {
    /// The version that this release writes.
    package static let version: Int64 = 1

    package var json: JSON {
        [
            "v": .integer(Self.version), "environment": .array(environment.map { .string($0) }),
            "limits": .object(
                limits.map { JSON.Member($0.resource.rawValue, $0.value.map { .string("\($0)") } ?? .null) }),
            "nice": nice.map { .integer(Int64($0)) }, "io_priority": ioPriority.map { .integer(Int64($0)) },
            "user": user.map { .integer(Int64($0)) }, "group": .integer(Int64(group)),
            "groups": .array(groups.map { .integer(Int64($0)) }), "umask": umask.map { .integer(Int64($0)) },
            "directory": directory.map { .string($0) },
            "redactions": redactions.isEmpty ? nil : .array(redactions.map { .string($0) }), "levels": levels,
        ]
    }

    /// Nil unless all of it can be done as it stands: nobody's process may begin with less than what was asked for.
    package init?(json: JSON) {
        guard json["v"]?.integer == Self.version, let environment = json["environment"]?.array,
            let limits = json["limits"]?.members, let group = json["group"]?.integer.flatMap(Self.id),
            let groups = json["groups"]?.array
        else { return nil }
        self.init()
        self.environment = environment.compactMap(\.string)
        self.limits = limits.compactMap(Self.limit)
        self.groups = groups.compactMap { $0.integer.flatMap(Self.id) }
        self.group = group
        levels = json["levels"]
        redactions = json["redactions"]?.array?.compactMap(\.string) ?? []
        guard self.environment.count == environment.count, self.limits.count == limits.count,
            self.groups.count == groups.count,
            self.environment.allSatisfy({ $0.utf8.contains(0x3D) && !$0.utf8.contains(0) })
        else { return nil }
        do {
            nice = try Self.value(json["nice"]) { $0.integer.flatMap { -20...19 ~= $0 ? Int($0) : nil } }
            ioPriority = try Self.value(json["io_priority"]) { $0.integer.flatMap { Int32(exactly: $0) } }
            user = try Self.value(json["user"]) { $0.integer.flatMap(Self.id) }
            umask = try Self.value(json["umask"]) { $0.integer.flatMap { 0...0o777 ~= $0 ? UInt32($0) : nil } }
            directory = try Self.value(json["directory"]) { json in
                json.string.flatMap { $0.utf8.first == 0x2F && !$0.utf8.contains(0) ? $0 : nil }
            }
        } catch { return nil }
    }

    private struct Unreadable: Error {}

    /// Nil for a member that is missing; throws for one that `read` cannot make anything of.
    private static func value<Value>(_ json: JSON?, _ read: (JSON) -> Value?) throws(Unreadable) -> Value? {
        guard let json else { return nil }
        guard let value = read(json) else { throw Unreadable() }
        return value
    }

    /// A uid or gid; the highest number stands for none in system calls.
    private static func id(_ number: Int64) -> UInt32? { UInt32(exactly: number).flatMap { $0 == .max ? nil : $0 } }

    private static func limit(_ member: JSON.Member) -> Limit? {
        guard let resource = Resource(rawValue: member.name) else { return nil }
        if member.value == .null { return Limit(resource, nil) }
        return member.value.string.flatMap(UInt64.init).map { Limit(resource, $0) }
    }
}
