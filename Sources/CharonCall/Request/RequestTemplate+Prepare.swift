import CharonAPI
import CharonCore
import HTTPTypes

extension RequestTemplate {
    /// The request with its values.
    ///
    /// Throws what is wrong with a value, with the exit code for a wrong variable; a name without a value stays as its
    /// tag. `boundary` divides the parts of a multipart body.
    func prepare(base: BaseURL, _ values: Values, boundary: String) throws(CallFailure) -> PreparedRequest {
        var (body, contentType) = try body(values, boundary)
        let method = try method.value(values)
        guard body == .none || method != .get && method != .head else {
            throw CallFailure(.configuration, "the request has a body, which \(method.rawValue) does not take")
        }
        if body == .none, method == .post || method == .put || method == .patch { body = .bytes([]) }
        return PreparedRequest(
            method: method, url: try url(base, values), headers: try fields(values, contentType), body: body)
    }

    private func url(_ base: BaseURL, _ values: Values) throws(CallFailure) -> String {
        var url = try address(base, values)
        for entry in matrix {
            url += ";" + PercentEncoding.value(entry.name) + "=" + PercentEncoding.value(entry.value.render(values))
        }
        let pairs = Self.pairs(query, values).map { name, value in
            PercentEncoding.value(name) + "=" + PercentEncoding.value(value)
        }
        return pairs.isEmpty ? url : url + "?" + pairs.joined(separator: "&")
    }

    private func address(_ base: BaseURL, _ values: Values) throws(CallFailure) -> String {
        guard let path else { return base.description }
        for tag in path.tags {
            guard let value = values[tag.name].map({ Values.text(of: $0) }) else { continue }
            guard !value.isEmpty else {
                throw CallFailure(.configuration, "\"\(tag.name)\" is empty: in a path that would be another address")
            }
            guard !tag.isPath || !value.contains(where: { $0 == "?" || $0 == "#" || $0.isControl }) else {
                throw CallFailure(
                    .configuration, "\"\(tag.name)\" must be a path without '?', '#' and control characters")
            }
        }
        let text = path.render(values, in: .path)
        let address = PercentEncoding.path(text.hasPrefix("/") ? text : "/" + text)
        guard !PercentEncoding.hasDotStep(address) else {
            throw CallFailure(.configuration, "the path of a request has a step '.' or '..', which no value may make")
        }
        return base.description + address
    }

    private func fields(_ values: Values, _ contentType: String?) throws(CallFailure) -> HTTPFields {
        var fields = HTTPFields()
        for header in headers { try fields.add(header.name, header.value.render(values)) }
        if fields[.accept] == nil { fields[.accept] = "application/json" }
        if fields[.userAgent] == nil { fields[.userAgent] = "charon-call" }
        if let contentType, fields[.contentType] == nil { fields[.contentType] = contentType }
        return fields
    }

    private func body(_ values: Values, _ boundary: String) throws(CallFailure) -> (PreparedRequest.Body, String?) {
        if let json { return (.bytes(json.render(values).bytes), "application/json") }
        if let form {
            let text = Self.pairs(form, values).map { PercentEncoding.form($0) + "=" + PercentEncoding.form($1) }
            return (.bytes(Array(text.joined(separator: "&").utf8)), "application/x-www-form-urlencoded")
        }
        guard let multipart else { return (.none, nil) }
        let writer = MultipartWriter(boundary: boundary)
        return (.multipart(try writer.segments(of: multipart, values)), "multipart/form-data; boundary=\(boundary)")
    }

    private static func pairs(_ parameters: [Parameter], _ values: Values) -> [(String, String)] {
        parameters.flatMap { parameter in
            parameter.values.map { $0.render(values) }.filter { !$0.isEmpty || !parameter.isOmittedIfEmpty }
                .map { (parameter.name, $0) }
        }
    }
}

extension HTTPFields {
    /// Adds a field; throws if its value cannot stand in a header.
    mutating func add(_ name: String, _ value: String) throws(CallFailure) {
        guard let fieldName = HTTPField.Name(name) else {
            throw CallFailure(.configuration, "\"\(name)\" is no name of a header")
        }
        guard !value.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" || $0.value == 0x7F }) else {
            throw CallFailure(.configuration, "the header \"\(name)\" must not hold line breaks or control characters")
        }
        append(HTTPField(name: fieldName, value: value))
    }
}

extension Character {
    var isControl: Bool { unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) } }
}
