import CharonCore
import Glibc
import NIOCore

/// The bytes of a multipart body; files are read while they are sent.
struct MultipartStream: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    fileprivate enum Source: Sendable {
        case bytes([UInt8])
        case file(Descriptor, path: String, size: Int64)
    }

    private let sources: [Source]
    /// Of all of it, in bytes.
    let length: Int64

    private static let chunk = 1 << 16

    /// Opens the files, so that one that cannot be read is known before anything is sent.
    init(_ segments: [PreparedRequest.Segment]) throws(TransportFailure) {
        var sources: [Source] = []
        var length: Int64 = 0
        for segment in segments {
            switch segment {
            case .bytes(let bytes):
                sources.append(.bytes(bytes))
                length += Int64(bytes.count)
            case .file(let path):
                let (file, size) = try Self.open(path)
                sources.append(.file(file, path: path, size: size))
                length += size
            }
        }
        self.sources = sources
        self.length = length
    }

    private static func open(_ path: String) throws(TransportFailure) -> (Descriptor, Int64) {
        do throws(SystemError) {
            // O_NONBLOCK: the open of a FIFO must not wait for a writer.
            let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            var status = stat()
            guard fstat(file.number, &status) == 0 else { throw .last("fstat", path) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw SystemError("open", errno: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL, path)
            }
            return (file, Int64(status.st_size))
        } catch {
            throw .call(CallFailure(.noInput, "the file to send cannot be read: \(error)"))
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(sources: sources[...]) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var sources: ArraySlice<Source>
        private var offset: Int64 = 0

        fileprivate init(sources: ArraySlice<Source>) { self.sources = sources }

        mutating func next() async throws -> ByteBuffer? {
            while let source = sources.first {
                switch source {
                case .bytes(let bytes):
                    sources.removeFirst()
                    return ByteBuffer(bytes: bytes)
                case .file(let file, let path, let size):
                    guard offset < size else {
                        sources.removeFirst()
                        offset = 0
                        continue
                    }
                    let bytes = try file.read(at: offset, limit: Int(Swift.min(Int64(chunk), size - offset)))
                    guard !bytes.isEmpty else {
                        throw CallFailure(.noInput, "the file to send has become shorter while it was sent: \(path)")
                    }
                    offset += Int64(bytes.count)
                    return ByteBuffer(bytes: bytes)
                }
            }
            return nil
        }
    }
}
