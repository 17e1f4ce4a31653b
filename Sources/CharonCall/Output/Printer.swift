import Glibc
import Synchronization

/// Writes lines to standard output and standard error, without secrets.
package final class Printer: Sendable {
    private let redactor: Mutex<Redactor>
    private let isLevelled: Bool
    private let isQuiet: Bool

    /// `isLevelled`: whether lines begin with the signs of their levels.
    package init(isLevelled: Bool, isQuiet: Bool = false) {
        redactor = Mutex(Redactor())
        self.isLevelled = isLevelled
        self.isQuiet = isQuiet
    }

    /// Hides a text in all lines from now on.
    func hide(_ secret: String) { redactor.withLock { _ = $0.hide(secret) } }

    /// Writes one line, or several if the text has several.
    package func print(_ line: Line) {
        guard !isQuiet || line.kind != .progress && line.kind != .success else { return }
        let text = redactor.withLock { $0.redact(line.text) }
        var bytes: [UInt8] = []
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let clean = String(
                String.UnicodeScalarView(part.unicodeScalars.filter { $0 == "\t" || !Self.isControl($0) }))
            bytes += Array(Line(line.kind, clean).text(isLevelled: isLevelled).utf8) + [0x0A]
        }
        Self.write(bytes, to: line.isForStandardError ? 2 : 1)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Nobody reads any more: what is printed is not what the call is for.
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
