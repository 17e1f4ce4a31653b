import CharonAPI
import CharonCore
import HTTPTypes

/// Shows what a call would send, without secrets and without sending it.
struct DryRun {
    private let file: CallFile
    private let base: BaseURL
    private let values: Values

    /// Values that only answers will give stay as their tags.
    init(_ file: CallFile, base: BaseURL, _ values: Values) {
        self.file = file
        self.base = base
        self.values = values.shown
    }

    /// One request after the other, with an empty line between them.
    func text(isServerDryRun: Bool = false) throws(CallFailure) -> String {
        var parts: [String] = []
        if case .token(let scheme) = file.auth {
            parts.append(
                "# the token, unless one is kept\n" + text(try scheme.prepare(base: base, values, isShown: true)))
        }
        for step in file.steps {
            let name = file.steps.count > 1 ? "# \(step.name)\n" : ""
            parts.append(name + (try text(step.request, isServerDryRun)))
            guard let wait = step.wait else { continue }
            parts.append("# every \(wait.interval), until it is done\n" + (try text(wait.request, false)))
        }
        return parts.joined(separator: "\n\n")
    }

    private func text(_ template: RequestTemplate?, _ isServerDryRun: Bool) throws(CallFailure) -> String {
        guard let template else { return "" }
        var request = try template.prepare(base: base, values, boundary: "boundary")
        if isServerDryRun, let name = try file.serverDryRun?.header?.value(values) {
            try request.headers.add(name, file.serverDryRun?.value?.render(values) ?? "true")
        }
        try file.auth?.apply(to: &request, values, token: nil, isShown: true)
        return text(request)
    }

    private func text(_ request: PreparedRequest) -> String {
        let mark = PercentEncoding.value(Values.mark)
        let url = request.url.replacing(mark, with: Values.mark).replacing("%7B%7B", with: "{{").replacing(
            "%7D%7D", with: "}}")
        let headers = request.headers.map { "\($0.name.rawName): \($0.value)" }
        let lines = ["\(request.method.rawValue) \(url)"] + headers
        let body = Self.text(request.body)
        return lines.joined(separator: "\n") + (body.isEmpty ? "" : "\n\n\(body)")
    }

    private static func text(_ body: PreparedRequest.Body) -> String {
        switch body {
        case .none: ""
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .multipart(let segments):
            segments.map { segment in
                switch segment {
                case .bytes(let bytes): String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
                case .file(let path): "(the content of \(path))"
                }
            }.joined()
        }
    }
}
