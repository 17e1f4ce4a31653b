package import CharonCore

/// `policy` beside the control socket: what wrappers have to know of the daemon's configuration while it is silent.
package struct PublishedPolicy: Hashable, Sendable {
    /// What a line does that says nothing of its own.
    package var whenUnreachable = WhenUnreachable.last
    /// The exit code of a line whose cron is switched off.
    package var offExitCode: UInt8 = 0

    package init() {}

    /// Writes it into the directory of the socket, for everybody to read.
    package func write(to directory: String) throws(SystemError) {
        let json: JSON = [
            "when_unreachable": .string(whenUnreachable.rawValue), "off_exit_code": .integer(Int64(offExitCode)),
        ]
        try RecordFile.replace("\(directory)/policy", with: json.bytes, durability: .process, mode: 0o644)
    }

    /// What a daemon has written there; the defaults for what cannot be read.
    package init(from directory: String) {
        guard let json = (try? RecordFile.readJSON("\(directory)/policy")) ?? nil else { return }
        whenUnreachable = json["when_unreachable"]?.string.flatMap(WhenUnreachable.init) ?? .last
        offExitCode = json["off_exit_code"]?.integer.flatMap { UInt8(exactly: $0) } ?? 0
    }
}
