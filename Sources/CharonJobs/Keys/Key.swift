package import CharonCore

/// A key as the reference and the schema tell it: the part of a table's row that has no types.
package struct KeyDescription: Sendable {
    /// The key.
    package let name: String
    /// What it is for, in one line.
    package let purpose: String
    /// What counts where the key is missing, in words.
    package let fallback: String
    /// What the value may be, in a few words.
    package let words: String
    /// JSON Schema (draft 2020-12) of the value.
    package let schema: JSON
    /// A value that is accepted, as YAML.
    package let good: String
    /// A value that is not, as YAML; `›` marks what is wrong with it, if that is not its beginning.
    package let bad: String
    /// Whether `defaults` of `charon.yaml` may have the key.
    package let isInDefaults: Bool
    /// The keys of the mapping that the value can be.
    package let keys: [KeyDescription]
}

/// A row of the table that drives decoder, JSON Schema and reference: a key of a mapping that is read into a `Root`.
package struct Key<Root>: Sendable {
    /// What the reference and the schema tell.
    package let description: KeyDescription
    /// Reads the value into its place; what is wrong with it is reported.
    package let read: @Sendable (YAMLFields, inout Root) -> Void

    /// The key.
    package var name: String { description.name }

    /// A key whose value is read into a place.
    ///
    /// - Parameters:
    ///   - fallback: What counts where the key is missing.
    ///   - good: A value that is accepted, as YAML.
    ///   - bad: One that is not; `›` stands before what is wrong with it.
    package init<Value>(
        _ name: String, _ purpose: String, _ grammar: Grammar<Value>,
        into path: any (WritableKeyPath<Root, Value> & Sendable),
        fallback: String, good: String, bad: String, isInDefaults: Bool = true
    ) {
        description = KeyDescription(
            name: name, purpose: purpose, fallback: fallback, words: grammar.words, schema: grammar.schema, good: good,
            bad: bad, isInDefaults: isInDefaults, keys: grammar.keys)
        let read = grammar.read
        self.read = { fields, root in if let value = read(fields, name) { root[keyPath: path] = value } }
    }

    /// A key that is read elsewhere: here it is only told.
    package init(
        told name: String, _ purpose: String, _ words: String, _ schema: JSON, keys: [KeyDescription] = [],
        fallback: String, good: String, bad: String
    ) {
        description = KeyDescription(
            name: name, purpose: purpose, fallback: fallback, words: words, schema: schema, good: good, bad: bad,
            isInDefaults: false, keys: keys)
        read = { _, _ in }
    }

    /// For a property that can be missing.
    package init<Value>(
        _ name: String, _ purpose: String, _ grammar: Grammar<Value>,
        into path: any (WritableKeyPath<Root, Value?> & Sendable),
        fallback: String, good: String, bad: String, isInDefaults: Bool = true
    ) {
        self.init(
            name, purpose, grammar.map { Optional($0) }, into: path, fallback: fallback, good: good, bad: bad,
            isInDefaults: isInDefaults)
    }
}

extension Key {
    /// The same key for a type that has a `Root` in it.
    package func lifted<Outer>(_ path: any (WritableKeyPath<Outer, Root> & Sendable)) -> Key<Outer> {
        let read = read
        return Key<Outer>(description: description) { fields, outer in read(fields, &outer[keyPath: path]) }
    }

    private init(description: KeyDescription, read: @escaping @Sendable (YAMLFields, inout Root) -> Void) {
        self.description = description
        self.read = read
    }
}

extension Array {
    /// Reads all keys of a mapping into `root`.
    ///
    /// False if `node` is no mapping, which is reported as unknown keys are.
    package func read<Root>(
        _ node: YAMLNode, name: String, seed: UInt64 = 0, _ problems: ProblemList, into root: inout Root
    )
        -> Bool
    where Element == Key<Root> {
        guard var fields = YAMLFields(node, name: name, allowed: map(\.name), problems) else { return false }
        fields.seed = seed
        for key in self where fields.node(key.name) != nil { key.read(fields, &root) }
        return true
    }
}
