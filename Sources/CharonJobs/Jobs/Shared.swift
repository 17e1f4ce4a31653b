/// One value for many owners, so that ten thousand jobs do not each keep their own copy of the defaults.
final class Shared<Value: Hashable & Sendable>: Hashable, Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }

    static func == (a: Shared, b: Shared) -> Bool { a === b || a.value == b.value }

    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// Gives equal values one copy.
struct Pool<Value: Hashable & Sendable> {
    private var known: Set<Shared<Value>> = []

    mutating func share(_ value: Value) -> Shared<Value> { known.insert(Shared(value)).memberAfterInsert }
}
