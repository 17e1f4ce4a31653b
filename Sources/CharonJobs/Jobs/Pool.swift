/// Gives equal values one copy.
struct Pool<Value: Hashable & Sendable> {
    private var known: Set<Shared<Value>> = []

    mutating func share(_ value: Value) -> Shared<Value> { known.insert(Shared(value)).memberAfterInsert }
}
