import CharonJobs
import CharonSupervisor

extension DeliveryLimits {
    /// As `delivery` and `message_bytes` of charon.yaml say.
    init(_ settings: Settings) {
        let delivery = settings.delivery
        self.init(
            form: MessageForm(messageBytes: settings.messageBytes, joinedBytes: delivery.joinedBytes),
            budget: TokenBucket.Rate(burst: Double(delivery.burst), perSecond: Double(delivery.messagesPerSecond)),
            cap: RunCap(messages: Int64(delivery.maxMessages), bytes: Int64(delivery.maxBytes)))
    }
}
