package import CharonCore

/// The form in the record.
extension LevelRules {
    /// An object with `stdout`, `stderr`, `rules` (their text forms) and `presets` (their names).
    package var json: JSON {
        [
            "stdout": .string(stdout.rawValue), "stderr": .string(stderr.rawValue),
            "rules": .array(rules.map { .string($0.description) }), "presets": .array(presets.names.map(JSON.string)),
        ]
    }

    /// Reads the form that `json` writes; what is missing is the default.
    ///
    /// - Throws: `record` naming the member that is wrong.
    package init(json: JSON) throws(CharonError) {
        self.init()
        guard json.members != nil else {
            throw CharonError(.record, "the level rules are no object", location: "levels")
        }
        stdout = try Self.level(json, "stdout") ?? stdout
        stderr = try Self.level(json, "stderr") ?? stderr
        if let texts = try Self.texts(json, "rules") {
            guard texts.count <= Self.mostRules else {
                throw CharonError(.record, "there are more than \(Self.mostRules) rules", location: "levels.rules")
            }
            for text in texts {
                do { rules.append(try LevelRule(text)) } catch {
                    throw CharonError(.record, error.message, location: "levels.rules")
                }
            }
        }
        if let names = try Self.texts(json, "presets") {
            do { presets = try LevelPresets(names: names) } catch {
                throw CharonError(.record, error.message, location: "levels.presets")
            }
        }
    }

    private static func level(_ json: JSON, _ name: String) throws(CharonError) -> Level? {
        guard let value = json[name] else { return nil }
        guard let level = value.string.flatMap(Level.init(rawValue:)) else {
            let allowed = Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw CharonError(.record, "this is no level; use one of \(allowed)", location: "levels.\(name)")
        }
        return level
    }

    private static func texts(_ json: JSON, _ name: String) throws(CharonError) -> [String]? {
        guard let value = json[name] else { return nil }
        guard let elements = value.array else {
            throw CharonError(.record, "this is no array of texts", location: "levels.\(name)")
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else {
                throw CharonError(.record, "this is no array of texts", location: "levels.\(name)")
            }
            texts.append(text)
        }
        return texts
    }
}
