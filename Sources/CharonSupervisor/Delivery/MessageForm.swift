/// How lines become the texts of messages.
package struct MessageForm: Hashable, Sendable {
    /// The longest text of one line, in bytes; a longer one is cut.
    package var messageBytes: Int
    /// Lines that queue are joined into texts of at most so many bytes; 0 joins none.
    package var joinedBytes: Int

    package init(messageBytes: Int = Timing.messageBytes, joinedBytes: Int = Timing.joinedBytes) {
        self.messageBytes = messageBytes
        self.joinedBytes = joinedBytes
    }
}
