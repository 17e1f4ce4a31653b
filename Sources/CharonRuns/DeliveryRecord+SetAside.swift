package import CharonCore

extension DeliveryRecord {
    /// What Charon could not take of a run: its lines stay in `output.log`, for an operator to look at and to retry.
    package struct SetAside: Hashable, Sendable {
        /// One message that was set aside.
        package struct Message: Hashable, Sendable {
            /// The bytes of `output.log` that it stands for.
            package var bytes: Batch
            package var level: Level
            /// Lines that end in it; 0 for a part of a long line.
            package var lines: Int64
            /// The HTTP status that refused it; nil after repeated server errors.
            package var status: Int?
            /// What came back, for the operator; cut at `longestReason`.
            package var reason: String
            /// When the message went out for the last time, by the wall clock.
            package var at: Instant

            package init(bytes: Batch, level: Level, lines: Int64, status: Int?, reason: String, at: Instant) {
                self.bytes = bytes
                self.level = level
                self.lines = lines
                self.status = status
                self.reason = String(reason.prefix(Self.longestReason))
                self.at = at
            }

            /// The most characters of a reason.
            package static let longestReason = 500
        }

        /// The most messages that are kept one by one; of the rest only the count stays.
        package static let most = 20

        /// The first `most` messages.
        package private(set) var messages: [Message] = []
        /// All messages that were set aside, the lines that end in them, and their bytes of `output.log`.
        package private(set) var count: Int64 = 0
        package private(set) var lines: Int64 = 0
        package private(set) var bytes: Int64 = 0
        /// The message whose placeholder goes out next.
        package var placeholder: Message?

        package init() {}

        /// Counts a message, and keeps it if there is room.
        package mutating func add(_ message: Message) {
            if messages.count < Self.most { messages.append(message) }
            count += 1
            lines += message.lines
            bytes += message.bytes.to - message.bytes.from
        }

        /// Forgets a message that is among `messages`: Charon has taken it after all.
        package mutating func remove(_ message: Message) {
            guard let index = messages.firstIndex(of: message) else { return }
            messages.remove(at: index)
            count -= 1
            lines = max(lines - message.lines, 0)
            bytes = max(bytes - (message.bytes.to - message.bytes.from), 0)
        }

        /// Notes that Charon has refused a message once more.
        package mutating func refused(_ message: Message, status: Int, reason: String, at: Instant) {
            guard let index = messages.firstIndex(of: message) else { return }
            messages[index] = Message(
                bytes: message.bytes, level: message.level, lines: message.lines, status: status, reason: reason, at: at
            )
        }
    }
}

extension DeliveryRecord.SetAside {
    /// Nil if nothing was set aside.
    var json: JSON? {
        guard count > 0 else { return nil }
        return [
            "count": .integer(count), "lines": .integer(lines), "bytes": .integer(bytes),
            "first": .array(messages.map(\.json)), "placeholder": placeholder?.json,
        ]
    }

    /// What can be read of `json`; nothing for nil, as in a record of an earlier release.
    init(json: JSON?) {
        messages = Array((json?["first"]?.array ?? []).compactMap(Message.init(json:)).prefix(Self.most))
        // The count is what the operator is told, so it is at least what is listed.
        count = max(json?["count"]?.integer ?? 0, Int64(messages.count))
        lines = max(json?["lines"]?.integer ?? 0, 0)
        bytes = max(json?["bytes"]?.integer ?? 0, 0)
        placeholder = json?["placeholder"].flatMap(Message.init(json:))
    }
}

extension DeliveryRecord.SetAside.Message {
    fileprivate var json: JSON {
        [
            "from": .integer(bytes.from), "to": .integer(bytes.to), "level": .string(level.rawValue),
            "lines": .integer(lines), "status": status.map { .integer(Int64($0)) }, "reason": .string(reason),
            "at": .string(at.rfc3339),
        ]
    }

    fileprivate init?(json: JSON) {
        guard let bytes = DeliveryRecord.Batch(json: json), bytes.to > bytes.from,
            let level = json["level"]?.string.flatMap(Level.init), let at = Instant(json: json["at"])
        else { return nil }
        self.init(
            bytes: bytes, level: level, lines: max(json["lines"]?.integer ?? 0, 0),
            status: json["status"]?.integer.flatMap { Int(exactly: $0) }, reason: json["reason"]?.string ?? "", at: at)
    }
}
