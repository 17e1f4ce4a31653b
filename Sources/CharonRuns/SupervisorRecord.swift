package import CharonCore

/// The lines of a run's `supervisor` file: one JSON object each, the first before the child's exec, the last at the end.
package enum SupervisorRecord: Hashable, Sendable {
    case started(Started)
    case ended(Ended)

    /// The version that this release writes.
    package static let version: Int64 = 1

    /// Who runs the command, so that any process can later tell these processes from later ones with the same pid.
    package struct Started: Hashable, Sendable {
        /// `/proc/sys/kernel/random/boot_id` at the time.
        package var boot: String
        package var at: Instant
        package var supervisor: ProcessIdentity
        package var child: ProcessIdentity
        /// The process group of the command.
        package var group: Int32

        package init(
            boot: String, at: Instant, supervisor: ProcessIdentity, child: ProcessIdentity, group: Int32
        ) {
            self.boot = boot
            self.at = at
            self.supervisor = supervisor
            self.child = child
            self.group = group
        }
    }

    /// How the command ended and what it cost.
    package struct Ended: Hashable, Sendable {
        package var at: Instant
        /// From the child's exec to its end, by CLOCK_BOOTTIME.
        package var duration: TimeSpan
        package var outcome: RunOutcome
        package var exitCode: Int32
        /// The size of `output.log` at this moment; what a descendant writes later lies behind it.
        package var outputBytes: Int64
        package var stdoutLines: Int64
        package var stderrLines: Int64
        /// Bytes of output that could not be written to the record.
        package var lostBytes: Int64
        package var userTime: TimeSpan
        package var systemTime: TimeSpan
        /// The largest resident set of the command's processes, in KiB.
        package var maxResident: Int64
        /// The descendants that still held the output open, as `pid (name)`.
        package var holders: [String]

        package init(at: Instant, outcome: RunOutcome, exitCode: Int32) {
            self.at = at
            self.outcome = outcome
            self.exitCode = exitCode
            duration = TimeSpan(milliseconds: 0)
            outputBytes = 0
            stdoutLines = 0
            stderrLines = 0
            lostBytes = 0
            userTime = TimeSpan(milliseconds: 0)
            systemTime = TimeSpan(milliseconds: 0)
            maxResident = 0
            holders = []
        }
    }
}

/// A process that cannot be mistaken for a later one with the same pid.
package struct ProcessIdentity: Hashable, Sendable {
    package var pid: Int32
    /// Field 22 of `/proc/PID/stat`: clock ticks after boot.
    package var startTime: UInt64

    package init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    fileprivate var json: JSON { ["pid": .integer(Int64(pid)), "start": .integer(Int64(clamping: startTime))] }

    fileprivate init?(json: JSON?) {
        guard let pid = json?["pid"]?.integer.flatMap({ Int32(exactly: $0) }), pid > 0,
            let start = json?["start"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        self.init(pid: pid, startTime: start)
    }
}

extension SupervisorRecord {
    /// The line with its newline.
    package var line: [UInt8] { json.bytes + [0x0A] }

    package var json: JSON {
        switch self {
        case .started(let started):
            [
                "v": .integer(Self.version), "event": "started", "boot": .string(started.boot),
                "at": .string(started.at.rfc3339), "supervisor": started.supervisor.json, "child": started.child.json,
                "group": .integer(Int64(started.group)),
            ]
        case .ended(let ended): ended.json
        }
    }

    /// Nil unless `line`, without its newline, is a record that this release can read.
    package init?(line: some Collection<UInt8>) {
        guard let json = try? JSON.parse(line), json["v"]?.integer == Self.version else { return nil }
        switch json["event"]?.string {
        case "started":
            guard let boot = json["boot"]?.string, let at = Instant(json: json["at"]),
                let supervisor = ProcessIdentity(json: json["supervisor"]),
                let child = ProcessIdentity(json: json["child"]),
                let group = json["group"]?.integer.flatMap({ Int32(exactly: $0) }), group > 1
            else { return nil }
            self = .started(Started(boot: boot, at: at, supervisor: supervisor, child: child, group: group))
        case "ended":
            guard let ended = Ended(json: json) else { return nil }
            self = .ended(ended)
        default: return nil
        }
    }

    /// The records of a whole file; a torn last line is no record.
    package static func read(_ bytes: [UInt8]) -> [SupervisorRecord] {
        let complete = bytes.lastIndex(of: 0x0A).map { bytes[..<$0] } ?? []
        return complete.split(separator: 0x0A).compactMap { SupervisorRecord(line: $0) }
    }
}

extension SupervisorRecord.Ended {
    package var json: JSON {
        [
            "v": .integer(SupervisorRecord.version), "event": "ended", "at": .string(at.rfc3339),
            "outcome": outcome.json, "exit_code": .integer(Int64(exitCode)),
            "duration_ms": .integer(duration.milliseconds), "output_bytes": .integer(outputBytes),
            "stdout_lines": .integer(stdoutLines), "stderr_lines": .integer(stderrLines),
            "lost_bytes": .integer(lostBytes), "user_ms": .integer(userTime.milliseconds),
            "system_ms": .integer(systemTime.milliseconds), "max_resident_kib": .integer(maxResident),
            "holders": .array(holders.map { .string($0) }),
        ]
    }

    package init?(json: JSON) {
        guard json["v"]?.integer == SupervisorRecord.version, json["event"]?.string == "ended",
            let at = Instant(json: json["at"]), let outcome = json["outcome"].flatMap(RunOutcome.init(json:)),
            let code = json["exit_code"]?.integer.flatMap({ UInt8(exactly: $0) }),
            let bytes = json["output_bytes"]?.integer, (0...1 << 50).contains(bytes)
        else { return nil }
        self.init(at: at, outcome: outcome, exitCode: Int32(code))
        // Numbers that no command reaches would overflow sums: a crontab line's supervisor belongs to its user.
        func count(_ name: String) -> Int64 { min(max(json[name]?.integer ?? 0, 0), 1 << 50) }
        duration = TimeSpan(milliseconds: count("duration_ms"))
        outputBytes = bytes
        stdoutLines = count("stdout_lines")
        stderrLines = count("stderr_lines")
        lostBytes = count("lost_bytes")
        userTime = TimeSpan(milliseconds: count("user_ms"))
        systemTime = TimeSpan(milliseconds: count("system_ms"))
        maxResident = count("max_resident_kib")
        holders = json["holders"]?.array?.compactMap(\.string) ?? []
    }
}

extension Instant {
    /// Reads a JSON string in the form of `rfc3339`.
    package init?(json: JSON?) {
        guard let text = json?.string else { return nil }
        self.init(rfc3339: text.utf8)
    }
}
