package import CharonCore

/// What was understood from an answer, and by which rule.
package struct Reading<Value: Hashable & Sendable>: Hashable, Sendable {
    package let value: Value
    /// The rule that fired, for the operator, as in `field data.active`.
    package let rule: String

    package init(_ value: Value, rule: String) {
        self.value = value
        self.rule = rule
    }
}

/// What an answer to can-start says of a cron.
package struct CronState: Hashable, Sendable {
    package let isActive: Bool
    /// The cron's id, if the answer names it.
    package let cronID: CronID?

    package init(isActive: Bool, cronID: CronID? = nil) {
        self.isActive = isActive
        self.cronID = cronID
    }
}
