import CharonCore
import CharonLevels
import CharonSchedule
import Yams

extension Grammar where Value == [LevelRule] {
    static let levelRules = Grammar(
        "list of rules",
        Schema.oneOrMany([
            "type": "string", "pattern": "^(info|success|warning|error|drop):(starts_with|contains|glob):",
        ])
    ) { fields, key in
        fields.elements(key, most: LevelRules.mostRules) { text, node in
            do throws(CharonError) {
                return try LevelRule(text)
            } catch {
                // Its messages may quote the text, and a pattern may be what is to be hidden.
                fields.problems.add(at: node.position, "\"\(key)\": \(LevelRule.form)")
                return nil
            }
        }
    }
}

extension Grammar where Value == LevelPresets {
    static let levelPresets = Grammar(
        "all, none, or a list of presets",
        Schema.oneOrMany(Schema.choice(["all", "none"] + LevelPresets.named.map(\.name)))
    ) { fields, key in
        if let word = fields.node(key)?.scalar?.string, word == "all" || word == "none" {
            return word == "all" ? .all : []
        }
        let names = LevelPresets.named.map(\.name)
        let parts = fields.elements(key, most: names.count) { text, node in
            guard let preset = LevelPresets.named.first(where: { $0.name == text })?.preset else {
                let allowed = names.joined(separator: ", ")
                fields.problems.add(at: node.position, "\"\(key)\" must be all, none, or some of \(allowed)")
                return nil as LevelPresets?
            }
            return preset
        }
        return parts.map { LevelPresets($0) }
    }
}

extension Grammar where Value == [Schedule] {
    static let schedules = Grammar(
        "schedule, or a list of such", Schema.oneOrMany(["type": "string", "pattern": "\\S"])
    ) { fields, key in
        fields.elements(key, most: 100) { text, node in
            do throws(ScheduleError) {
                return try Schedule(text, seed: fields.seed)
            } catch {
                fields.problems.add(.schedule, at: node.position(of: error.column), "\"\(key)\": \(error.message)")
                return nil
            }
        }
    }
}
