extension CallFile {
    /// What a file asks for, one line for each variable.
    package var summary: [String] {
        variables.map { variable in
            let source =
                switch variable.source {
                case .argument: variable.fallback == nil ? "required" : "default \"\(variable.fallback?.text ?? "")\""
                case .credential(let name): "credential \(name)"
                case .file(let path): "file \(path)"
                case .environment(let name): "environment \(name)"
                }
            return "\(variable.name) (\(variable.kind.rawValue), \(source))"
                + (variable.description.map { ": \($0)" } ?? "")
        }
    }
}
