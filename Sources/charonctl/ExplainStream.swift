import CharonCore
import CharonSchedule

/// `charonctl explain -`: many schedules, a JSON object a line.
struct ExplainStream {
    func run() {
        var zones = ZoneStore()
        let host = Seed.of(Seed.host(), "")
        while let line = readLine() {
            guard !line.isEmpty else { continue }
            print(Self.answer(line, host, &zones))
        }
    }

    private static func answer(_ line: String, _ host: UInt64, _ zones: inout ZoneStore) -> JSON {
        do throws(Explanation.Failure) {
            return try Explanation(try question(line, host), &zones).json
        } catch {
            return ["error": .string(error.message), "column": error.column.map { .integer(Int64($0)) }]
        }
    }

    private static func question(_ line: String, _ host: UInt64) throws(Explanation.Failure) -> Explanation.Question {
        let json: JSON
        do throws(JSON.ParseError) {
            json = try JSON.parse(line.utf8)
        } catch {
            throw Explanation.Failure(message: "this is no JSON: \(error)")
        }
        guard let expression = json["expr"]?.string else {
            throw Explanation.Failure(message: "\"expr\" is missing: the expression as a string")
        }
        let known = ["expr", "timezone", "from", "count", "previous", "seed"]
        if let other = json.members?.first(where: { !known.contains($0.name) }) {
            throw Explanation.Failure(
                message: "\"\(other.name)\" is not known: expr, timezone, from, count, previous, seed")
        }
        let count = json["count"]?.integer ?? 5
        guard (1...Int64(ExplainCommand.most)).contains(count) else {
            throw Explanation.Failure(message: "\"count\" is 1 to \(ExplainCommand.most)")
        }
        return Explanation.Question(
            expression: expression, timezone: json["timezone"]?.string, from: json["from"]?.string, count: Int(count),
            isPrevious: json["previous"]?.bool ?? false,
            seed: json["seed"]?.integer.map { UInt64(bitPattern: $0) } ?? host)
    }
}
