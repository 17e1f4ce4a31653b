import CharonCore

extension Site {
    /// `charonctl` with these words, until its end.
    func control(_ words: String..., uid: Int? = nil) async throws -> Line { try await control(words, uid: uid) }

    /// As above; `environment` is added to HOME and CHARON_SOCKET, and a value of nil takes a variable away.
    func control(_ words: [String], environment: [String: String?] = [:], uid: Int? = nil) async throws -> Line {
        var variables: [String: String?] = ["HOME": "\(path)/home", "CHARON_SOCKET": socket, "CHARON_TEST_SITE": path]
        variables.merge(environment) { _, given in given }
        let command = try Spawned(
            Self.becoming(uid) + [Programs.control] + words, in: path, environment: variables.compactMapValues(\.self))
        let code = try await command.exitCode()
        return Line(exitCode: code, output: command.standardOutput, error: command.standardError)
    }
}

extension Line {
    /// The output, which must be one line with a JSON object.
    func json() throws -> JSON {
        guard output.hasSuffix("\n"), output.count(where: { $0 == "\n" }) == 1,
            let json = try? JSON.parse(output.dropLast().utf8), json.members != nil
        else { throw Failed("no JSON: \(output)\(error)") }
        return json
    }
}
