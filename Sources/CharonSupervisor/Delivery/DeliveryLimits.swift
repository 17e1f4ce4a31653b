/// What of one run's output goes to Charon: in what form, how fast, and how much at most.
package struct DeliveryLimits: Hashable, Sendable {
    package var form: MessageForm
    /// Messages of the run; its end costs nothing.
    package var budget: TokenBucket.Rate
    package var cap: RunCap

    /// Without a word, the limits of a charon.yaml that says nothing of them.
    package init(
        form: MessageForm = MessageForm(), budget: TokenBucket.Rate = Timing.runBudget, cap: RunCap = RunCap()
    ) {
        self.form = form
        self.budget = budget
        self.cap = cap
    }
}
