package import Yams

/// A node of a YAML document.
package typealias YAMLNode = Node

/// The one YAML document of a file, as nodes that know their positions.
///
/// The parser refuses more than 1,000 levels of nesting.
package enum YAMLDocument {
    /// Nil for a file that holds nothing but comments.
    ///
    /// Invalid YAML is reported, and nil is returned.
    static func read(_ text: String, _ problems: ProblemList) -> Node? {
        let (root, duplicates) = readPastDuplicates(text, problems)
        for duplicate in duplicates { problems.add(.duplicateKey, at: duplicate.second, duplicate.message) }
        return root
    }

    /// As `read`, without anchors and aliases, which are reported.
    package static func readWithoutAliases(_ text: String, _ problems: ProblemList) -> Node? {
        if let alias = YAMLAlias.first(in: text) {
            let names = "&\(alias.name), *\(alias.name)"
            problems.add(.yaml, at: alias.position, "anchors and aliases (\(names)) are not taken: write it out")
            return nil
        }
        return read(text, problems)
    }

    /// As `read`, without anchors and aliases: a few lines of them can stand for more than any memory holds.
    ///
    /// A key that stands twice in a mapping of lines of its own is not reported: the second one is left out with all
    /// that it holds.
    static func readPlain(_ text: String, _ problems: ProblemList) -> (Node?, [DuplicateKey]) {
        if let alias = YAMLAlias.first(in: text) {
            let names = "&\(alias.name), *\(alias.name)"
            problems.add(
                .yaml, at: alias.position,
                "anchors and aliases (\(names)) are not taken in job files: write it out; \"defaults\" in charon.yaml "
                    + "holds what jobs have in common")
            return (nil, [])
        }
        return readPastDuplicates(text, problems)
    }

    private static func readPastDuplicates(_ text: String, _ problems: ProblemList) -> (Node?, [DuplicateKey]) {
        var source = text
        var duplicates: [DuplicateKey] = []
        while true {
            do {
                return (try Yams.compose(yaml: source, .basic, .default, .utf8), duplicates)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let first = Position(line: context.mark.line, column: context.mark.column)
                guard duplicates.count < DuplicateKey.most, let key = keys.first,
                    let found = DuplicateKey(key, first: first, removedFrom: &source)
                else {
                    let quoted = keys.map { "\"\($0)\"" }.joined(separator: ", ")
                    problems.add(.duplicateKey, at: first, "the key \(quoted) appears more than once: keep one")
                    return (nil, duplicates)
                }
                duplicates.append(found)
            } catch {
                report(error, in: source, to: problems)
                return (nil, duplicates)
            }
        }
    }

    private static func report(_ error: any Error, in text: String, to problems: ProblemList) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _):
            let context = context.map { "\($0.text) that begins in line \($0.mark.line), " } ?? ""
            let hint = hint(Position(line: mark.line, column: mark.column), in: text)
            problems.add(.yaml, at: Position(mark), "invalid YAML: \(context)\(problem)\(hint)")
        case YamlError.composer(let context, let problem, let mark, _):
            problems.add(.yaml, at: Position(mark), "invalid YAML: \(context.map { "\($0.text) " } ?? "")\(problem)")
        case YamlError.reader(let problem, let offset, _, _):
            problems.add(.yaml, at: offset.map { position(of: $0, in: text) }, "invalid YAML: \(problem)")
        default: problems.add(.yaml, at: nil, "invalid YAML: \(error)")
        }
    }

    /// What to do where a value begins as a cron expression does and YAML means something else by it.
    private static func hint(_ position: Position, in text: String) -> String {
        let lines = text.split(separator: "\n", maxSplits: position.line, omittingEmptySubsequences: false)
        guard lines.indices.contains(position.line - 1) else { return "" }
        let before = lines[position.line - 1].unicodeScalars.prefix(position.column)
        for mark in before.reversed().prefix(2) where ["*", "@", "%", "`", "&"].contains(mark) {
            return ": quote a value that begins with \(mark), as in \"\(mark == "@" ? "@daily" : "\(mark) …")\""
        }
        return ""
    }

    private static func position(of offset: Int, in text: String) -> Position {
        let before = text.prefix(offset)
        let line = before.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        return Position(line: before.count(where: \.isNewline) + 1, column: line.unicodeScalars.count + 1)
    }
}

extension Node {
    /// Nothing, `~` or `null` where a value could be.
    package var isNull: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Where the node begins.
    package var position: Position? { Position(mark) }

    /// Where a character of the value of a single line stands, counted from 1.
    package func position(of column: Int) -> Position? {
        guard let scalar, let position else { return self.position }
        switch scalar.style {
        case .plain: return Position(line: position.line, column: position.column + column - 1)
        case .singleQuoted, .doubleQuoted: return Position(line: position.line, column: position.column + column)
        default: return position
        }
    }

    /// What the node is, in the words of an error message.
    package var kind: String {
        switch self {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
