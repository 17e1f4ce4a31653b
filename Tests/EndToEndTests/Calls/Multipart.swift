import Glibc

/// The parts of a `multipart/form-data` body (RFC 7578).
struct Multipart {
    struct Part {
        let name: String
        /// What makes the part a file.
        let fileName: String?
        let type: String?
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    let parts: [Part]

    /// Reads a body whose every byte must be where the RFC wants it.
    init(_ request: StubServer.Request) throws {
        let type = try request.header("Content-Type") ?? ""
        guard let match = type.wholeMatch(of: /multipart\/form-data; *boundary="?([0-9A-Za-z'()+_,.\/:=?-]{1,70})"?/)
        else { throw Refusal(415, "no multipart/form-data with a boundary: \(type)") }
        let delimiter = Array("\r\n--\(match.1)".utf8)
        var rest = (Array("\r\n".utf8) + request.bytes)[...]
        var parts: [Part] = []
        guard let first = rest.firstRange(of: delimiter), first.lowerBound == 0 else {
            throw Refusal(400, "the body does not begin with its boundary")
        }
        rest = rest[first.upperBound...]
        while !rest.starts(with: "--".utf8) {
            guard rest.starts(with: "\r\n".utf8), let end = rest.firstRange(of: delimiter) else {
                throw Refusal(400, "a part without an end")
            }
            parts.append(try Self.part(rest[(rest.startIndex + 2)..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        try demand(rest.elementsEqual("--\r\n".utf8), "something stands behind the last boundary")
        self.parts = parts
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws -> Part {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Refusal(400, "a part without head") }
        var type: String?
        var disposition: Substring?
        for line in String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n") {
            let sides = line.split(separator: ":", maxSplits: 1)
            try demand(sides.count == 2, "no header of a part: \(line)")
            switch sides[0].lowercased() {
            case "content-type": type = String(sides[1].drop { $0 == " " })
            case "content-disposition": disposition = sides[1].drop { $0 == " " }
            default: throw Refusal(400, "RFC 7578 has no such header in a part: \(line)")
            }
        }
        guard let match = disposition?.wholeMatch(of: /form-data; name="([^"]+)"(?:; filename="([^"]*)")?/) else {
            throw Refusal(400, "no name of a part: \(disposition ?? "")")
        }
        return Part(
            name: String(match.1), fileName: match.2.map(String.init), type: type,
            bytes: Array(bytes[end.upperBound...]))
    }
}
