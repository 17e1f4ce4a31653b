import CharonCore
import CharonJobs
import Mustache
import Yams

/// A text of a call file with `{{name}}` tags: Mustache without sections, partials and lambdas.
struct Template: Sendable {
    /// Where the text stands, which decides how values are written into it.
    enum Place: Sendable {
        /// A value is put in as it is; where the whole is encoded, that comes after.
        case text
        /// A value becomes one step of a path.
        case path
    }

    /// The text as it stands in the file.
    let text: String
    let tags: [Tag]
    let position: Position?
    private let mustache: MustacheTemplate

    /// Whether the text is one tag and nothing else, so that a value can keep its type.
    var isOneTag: Bool { tags.count == 1 && Tag.pieces(of: text).count == 1 }

    /// The text of a single value; nil if it has a mistake, which is reported.
    init?(_ node: YAMLNode, _ what: String, _ problems: ProblemList) {
        guard let scalar = node.scalar, !node.isNull else {
            let found = node.scalar == nil ? "it is \(node.kind)" : "it is empty: write \"\" for an empty text"
            problems.add(at: node.position, "\(what) must be a single value: \(found)")
            return nil
        }
        self.init(scalar.string, at: node.position, of: what, problems) { node.position(of: $0) }
    }

    /// A text that has no mistake; for texts of this program's own.
    init?(_ text: String) {
        self.init(text, at: nil, of: "the text", ProblemList(file: "")) { _ in nil }
    }

    private init?(
        _ text: String, at position: Position?, of what: String, _ problems: ProblemList, place: (Int) -> Position?
    ) {
        var tags: [Tag] = []
        var source = ""
        for piece in Tag.pieces(of: text) {
            switch piece {
            case .text(let text): source += text
            case .tag(let content, let column):
                let name = content.drop { $0 == " " || $0 == "+" }.prefix { $0 != " " }
                let isPath = content.drop { $0 == " " }.first == "+"
                guard Tag.isName(name), [String(name), "+\(name)"].contains(content.filter { $0 != " " }) else {
                    problems.add(
                        at: place(column),
                        "\(what) has a tag that is none: only {{name}}, and {{+name}} in paths, are taken; \(Tag.rule)")
                    return nil
                }
                tags.append(Tag(name: String(name), isPath: isPath, position: place(column)))
                source += "{{&\(Self.key(of: String(name), isPath: isPath))}}"
            case .open(let column):
                problems.add(at: place(column), "\(what) has a {{ without its }}")
                return nil
            }
        }
        // What is left to Mustache has no tags but those.
        guard !text.contains("}}}"), let mustache = try? MustacheTemplate(string: source) else {
            problems.add(at: position, "\(what) is no template: only {{name}}, and {{+name}} in paths, are taken")
            return nil
        }
        self.text = text
        self.tags = tags
        self.position = position
        self.mustache = mustache
    }

    /// The text with its values; a name without a value stays as its tag.
    func render(_ values: Values, in place: Place = .text) -> String {
        var context: [String: String] = [:]
        for tag in tags {
            let text = values[tag.name].map { Values.text(of: $0) }
            context[Self.key(of: tag.name, isPath: tag.isPath)] =
                switch (text, place) {
                case (nil, _): "{{\(tag.name)}}"
                case (let text?, .text): text
                case (let text?, .path): tag.isPath ? PercentEncoding.path(text) : PercentEncoding.value(text)
                }
        }
        return mustache.render(context)
    }

    /// No name of a tag has a `-`, so the two never meet.
    private static func key(of name: String, isPath: Bool) -> String { isPath ? "\(name)-path" : name }
}
