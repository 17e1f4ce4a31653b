import Yams

/// The one YAML document of a file, as nodes that know their positions.
enum YAMLDocument {
    /// Nil for a file that holds nothing but comments.
    ///
    /// Invalid YAML is reported, and nil is returned.
    static func read(_ text: String, _ problems: ProblemList) -> Node? {
        do {
            return try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            report(error, in: text, to: problems)
            return nil
        }
    }

    private static func report(_ error: any Error, in text: String, to problems: ProblemList) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _):
            let context = context.map { "\($0.text) that begins in line \($0.mark.line), " } ?? ""
            problems.add(at: Position(mark), "invalid YAML: \(context)\(problem)")
        case YamlError.composer(let context, let problem, let mark, _):
            problems.add(at: Position(mark), "invalid YAML: \(context.map { "\($0.text) " } ?? "")\(problem)")
        case YamlError.reader(let problem, let offset, _, _):
            problems.add(at: offset.map { position(of: $0, in: text) }, "invalid YAML: \(problem)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            let quoted = keys.map { "\"\($0)\"" }.joined(separator: ", ")
            problems.add(at: Position(context.mark), "the key \(quoted) appears more than once: keep one")
        default: problems.add(at: nil, "invalid YAML: \(error)")
        }
    }

    private static func position(of offset: Int, in text: String) -> Position {
        let before = text.prefix(offset)
        let line = before.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        return Position(line: before.count(where: \.isNewline) + 1, column: line.unicodeScalars.count + 1)
    }
}

extension Node {
    /// Nothing, `~` or `null` where a value could be.
    var isNull: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Where the node begins.
    var position: Position? { Position(mark) }

    /// What the node is, in the words of an error message.
    var kind: String {
        switch self {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
