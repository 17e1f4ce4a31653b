import CharonCore
import CharonJobs
import Glibc

/// Finds the values of a file's variables.
struct VariableReader {
    private let arguments: [String: String]
    private let environment: (String) -> String?

    /// `arguments` are those of the command line.
    init(arguments: [String: String], environment: @escaping (String) -> String?) {
        self.arguments = arguments
        self.environment = environment
    }

    /// Adds the variables of a file to `values`, in their order.
    ///
    /// Throws all that is missing or wrong; no value is repeated.
    func read(_ variables: [Variable], into values: inout Values) throws(CallFailure) {
        var complaints: [String] = []
        for name in arguments.keys.sorted() where !variables.contains(where: { $0.name == name }) {
            let hint = Spelling.nearest(to: name, among: variables.map(\.name)).map { ": did you mean \"\($0)\"?" }
            complaints.append("there is no variable \"\(name)\"\(hint ?? "")")
        }
        for variable in variables {
            do throws(CallFailure) {
                let text = try text(of: variable, values)
                values.set(variable.name, try Self.value(text, variable), isSecret: variable.isSecret)
            } catch {
                complaints.append("the variable \"\(variable.name)\" \(error.message)")
            }
        }
        guard complaints.isEmpty else { throw CallFailure(.configuration, complaints.joined(separator: "\n")) }
    }

    private func text(of variable: Variable, _ values: Values) throws(CallFailure) -> String {
        if let argument = arguments[variable.name] {
            guard !variable.isSecret else {
                throw CallFailure(
                    .configuration, "is secret: the command line is visible to everyone, so it is not taken there")
            }
            return argument
        }
        let found: String?
        switch variable.source {
        case .argument: found = nil
        case .environment(let name): found = environment(name)
        case .credential(let name): found = try credential(name, isOptional: variable.fallback != nil)
        case .file(let path): found = try Self.firstLine(of: path, isOptional: variable.fallback != nil)
        }
        if let text = found ?? variable.fallback?.render(values) { return text }
        throw CallFailure(.configuration, "has no value: \(Self.remedy(variable))")
    }

    private static func remedy(_ variable: Variable) -> String {
        switch variable.source {
        case .argument: "give \(variable.name)=… behind the file"
        case .environment(let name): "set \(name) in the environment"
        case .credential(let name): "have systemd give the credential \(name)"
        case .file(let path): "write it into \(path)"
        }
    }

    private func credential(_ name: String, isOptional: Bool) throws(CallFailure) -> String? {
        guard let directory = environment("CREDENTIALS_DIRECTORY") else {
            if isOptional { return nil }
            throw CallFailure(
                .configuration, "is the credential \(name), and there are none here ($CREDENTIALS_DIRECTORY is not set)"
            )
        }
        return try Self.firstLine(of: "\(directory)/\(name)", isOptional: isOptional)
    }

    /// Without its line break; nil if there is no such file and there need not be.
    private static func firstLine(of path: String, isOptional: Bool) throws(CallFailure) -> String? {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, privacy: .credential, limit: 65_536)
        } catch {
            if isOptional, error.errno == ENOENT { return nil }
            throw CallFailure(.configuration, "stands in \(path), which \(error.message)")
        }
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        guard let text = String(validating: line, as: UTF8.self), !text.isEmpty else {
            throw CallFailure(.configuration, "stands in \(path), whose first line is empty or no UTF-8")
        }
        return text
    }

    private static func value(_ text: String, _ variable: Variable) throws(CallFailure) -> JSON {
        let value: JSON?
        switch variable.kind {
        case .string: return .string(text)
        case .json: value = try? JSON.parse(text.utf8)
        case .integer: value = (try? JSON.parse(text.utf8)).flatMap { $0.integer == nil ? nil : $0 }
        case .number: value = (try? JSON.parse(text.utf8)).flatMap { $0.number == nil ? nil : $0 }
        case .boolean: value = (try? JSON.parse(text.utf8)).flatMap { $0.bool == nil ? nil : $0 }
        }
        guard let value else {
            throw CallFailure(.configuration, "is of type \(variable.kind.rawValue), and its value is not")
        }
        return value
    }
}
