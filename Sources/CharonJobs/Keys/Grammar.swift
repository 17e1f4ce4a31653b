package import CharonCore

/// What the value of a key may be: how it is read, how an editor checks it and how the reference tells it.
package struct Grammar<Value>: Sendable {
    /// In a few words, for the reference: `time`, `list of paths`.
    package let words: String
    /// JSON Schema (draft 2020-12) of the value.
    package let schema: JSON
    /// The keys of the mapping that the value can be.
    package let keys: [KeyDescription]
    /// The value of a key; nil if there is none, or if it is wrong, which is then reported.
    package let read: @Sendable (YAMLFields, String) -> Value?

    package init(
        _ words: String, _ schema: JSON, keys: [KeyDescription] = [],
        read: @escaping @Sendable (YAMLFields, String) -> Value?
    ) {
        self.words = words
        self.schema = schema
        self.keys = keys
        self.read = read
    }

    /// The same text for another type.
    package func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Grammar<Other> {
        let read = read
        return Grammar<Other>(words, schema, keys: keys) { fields, key in read(fields, key).map(transform) }
    }
}
