/// Charon's name for a cron in `GET /{id}/start`: opaque text, never a file name.
package struct CronID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil for an empty text.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// Charon's name for one execution in `POST /{id}/message` and `POST /{id}/end`: opaque text, never a file name.
package struct ExecutionID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil for an empty text.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        self.text = text
    }

    package var description: String { text }
}
