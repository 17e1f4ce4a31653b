/// Writes `multipart/form-data` (RFC 7578).
struct MultipartWriter {
    let boundary: String

    func segments(of parts: [RequestTemplate.Part], _ values: Values) throws(CallFailure) -> [PreparedRequest.Segment] {
        var segments: [PreparedRequest.Segment] = []
        var text = ""
        for part in parts {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.quoted(part.name))\""
            switch part.content {
            case .text(let content): text += "\r\n\r\n\(content.render(values))\r\n"
            case .file(let file):
                let path = file.path?.render(values) ?? ""
                let name = file.fileName?.render(values) ?? Self.lastComponent(path)
                let type = file.contentType?.render(values) ?? "application/octet-stream"
                guard !type.contains(where: \.isControl) else {
                    throw CallFailure(
                        .configuration, "\"content_type\" must not hold line breaks or control characters")
                }
                text += "; filename=\"\(Self.quoted(name))\"\r\nContent-Type: \(type)\r\n\r\n"
                segments += [.bytes(Array(text.utf8)), .file(path: path)]
                text = "\r\n"
            }
        }
        return segments + [.bytes(Array("\(text)--\(boundary)--\r\n".utf8))]
    }

    /// As browsers write it: what would end the quoted text is percent-encoded.
    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "%22"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }
}
