/// Where an application's answers carry what is read from them, if not where the reader looks by itself.
package struct AnswerPointers: Hashable, Sendable {
    /// In the answer to can-start: whether the cron may start.
    package var active: JSONPointer?
    /// In the answer to can-start: the cron's id.
    package var cronID: JSONPointer?
    /// In the answer to start: the execution's id.
    package var executionID: JSONPointer?
    /// In the answer to message: the message's id.
    package var messageID: JSONPointer?

    package init(
        active: JSONPointer? = nil,
        cronID: JSONPointer? = nil,
        executionID: JSONPointer? = nil,
        messageID: JSONPointer? = nil
    ) {
        self.active = active
        self.cronID = cronID
        self.executionID = executionID
        self.messageID = messageID
    }
}
