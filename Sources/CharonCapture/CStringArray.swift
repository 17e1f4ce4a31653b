/// A NULL-terminated array of C strings, as execve(2) takes it.
final class CStringArray {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let bytes: UnsafeMutablePointer<CChar>

    /// From texts without NUL.
    init(_ texts: [[UInt8]]) {
        bytes = .allocate(capacity: texts.reduce(0) { $0 + $1.count + 1 })
        pointers = .allocate(capacity: texts.count + 1)
        var next = bytes
        for (index, text) in texts.enumerated() {
            pointers[index] = next
            for byte in text {
                next.initialize(to: CChar(bitPattern: byte))
                next += 1
            }
            next.initialize(to: 0)
            next += 1
        }
        pointers[texts.count] = nil
    }

    deinit {
        bytes.deallocate()
        pointers.deallocate()
    }

    /// The texts of an array such as `environ` or `argv`.
    static func read(_ array: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        var next = array
        while let text = next?.pointee {
            texts.append(readOne(text))
            next = next.map { $0 + 1 }
        }
        return texts
    }

    private static func readOne(_ text: UnsafeMutablePointer<CChar>) -> [UInt8] {
        var end = text
        while end.pointee != 0 { end += 1 }
        return UnsafeBufferPointer(start: text, count: end - text).map(UInt8.init(bitPattern:))
    }
}
