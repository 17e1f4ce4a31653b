import CharonCore
package import CharonJobs
import Glibc
import Yams

extension CallFile {
    /// The largest call file, in bytes.
    static let largest = 1 << 20

    /// Reads the call file at `path`, which nobody but root and this process' user may write, as it uses secrets.
    ///
    /// Throws everything that is wrong with it.
    package static func load(_ path: String) throws(SettingsError) -> CallFile {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, privacy: .readable, limit: largest)
        } catch {
            throw SettingsError([
                .init(error.errno == nil ? .trust : .file, file: path, message: "the file \(error.message)")
            ])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsError([.init(.yaml, file: path, message: "the file is no UTF-8")])
        }
        return try parse(text, file: path)
    }

    /// Reads the text of a call file; `file` stands before each problem.
    static func parse(_ text: String, file: String) throws(SettingsError) -> CallFile {
        let problems = ProblemList(file: file)
        let root = YAMLDocument.readWithoutAliases(text, problems)
        try problems.check()
        guard let root else {
            throw SettingsError([.init(.missingKey, file: file, line: 1, column: 1, message: "the file is empty")])
        }
        var call = CallFile()
        let isMapping = keys.read(root, name: "the call file", problems, into: &call)
        try check(isMapping ? nil : problems)
        call.demand(root, problems)
        try problems.check()
        if call.steps.isEmpty { call.steps = [call.single] }
        NameCheck(call, problems).run()
        try problems.check()
        return call
    }

    private static func check(_ problems: ProblemList?) throws(SettingsError) { try problems?.check() }

    private func demand(_ root: YAMLNode, _ problems: ProblemList) {
        func has(_ key: String) -> Bool { root.mapping?[YAMLNode(key)] != nil }
        if !has("base_url") {
            problems.add(.missingKey, at: root.position, "the call file has no \"base_url\": say where the API is")
        }
        guard has("steps") else {
            guard !has("request") else { return }
            problems.add(.missingKey, at: root.position, "the call file needs \"request\", or \"steps\"")
            return
        }
        for (key, _) in root.mapping ?? [:] {
            guard let name = key.scalar?.string, Step.keys.contains(where: { $0.name == name }) else { continue }
            problems.add(at: key.position, "\"\(name)\" stands beside \"steps\": it belongs into one of the steps")
        }
    }
}
