extension DeliveryRecord {
    /// Whether a daemon that only finds `older` does the same as one that finds this: it sends again what has been sent
    /// since, with the bounds and keys that it had.
    package func isCovered(by older: DeliveryRecord) -> Bool {
        if let sending, sending.to != older.sending?.to, !older.planned.contains(sending.to) { return false }
        var same = older
        same.acknowledged = acknowledged
        same.sending = sending
        same.planned = planned
        same.messages = messages
        same.lines = lines
        same.textBytes = textBytes
        same.withheld = withheld
        return same == self
    }

    /// Where the messages end, one behind the other, that may have been sent.
    package var ends: [Int64] { (sending.map { [$0.to] } ?? []) + planned }
}
