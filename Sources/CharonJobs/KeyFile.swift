package import CharonCore

/// Files that hold an API key: one line of visible ASCII that only its owner can read.
package enum KeyFile {
    /// The largest file, in bytes.
    package static let limit = 4096

    /// The key in the file, without the white space around it.
    ///
    /// The file must be regular, belong to root or this process' user and give nobody else any right. Errors name the
    /// remedy and never the content.
    package static func read(_ path: String) throws(CharonError) -> [UInt8] { try read(path, .secret) }

    /// The key in the systemd credential `name` under `directory`, the value of `$CREDENTIALS_DIRECTORY`.
    package static func readCredential(_ name: String, directory: String) throws(CharonError) -> [UInt8] {
        try read("\(directory)/\(name)", .credential)
    }

    private static func read(_ path: String, _ privacy: TrustedFile.Privacy) throws(CharonError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, privacy: privacy, limit: limit)
        } catch {
            throw CharonError(.permission, "the key file \(error.message)", location: path)
        }
        let key = bytes.trimmingSpace
        guard !key.isEmpty else { throw refusal("is empty: put the API key in it, on one line", path) }
        guard !key.contains(0x0A), !key.contains(0x0D) else { throw refusal("must hold one line: the API key", path) }
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw refusal("must hold visible ASCII characters only, without spaces between them", path)
        }
        return Array(key)
    }

    private static func refusal(_ message: String, _ path: String) -> CharonError {
        CharonError(.configuration, "the key file \(message)", location: path)
    }
}

extension [UInt8] {
    fileprivate var trimmingSpace: ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = drop(while: isSpace)
        return start[..<((start.lastIndex { !isSpace($0) }).map { $0 + 1 } ?? start.startIndex)]
    }
}
