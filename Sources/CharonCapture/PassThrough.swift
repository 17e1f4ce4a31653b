import CLinux
import Glibc

/// Hands the bytes of one stream on to an inherited descriptor as they are, never blocking on a slow reader.
///
/// O_NONBLOCK belongs to an open file description, which other processes share, so it is never set on an inherited one.
/// What cannot be written at once waits here; its stream is not read until it is gone, so a slow reader slows the command.
/// An error of the target (EPIPE, ENOSPC, EIO and any other) ends the pass-through and nothing else.
struct PassThrough {
    /// How writes to the target are kept from blocking.
    enum Way: Hashable {
        /// A description of its own with O_NONBLOCK: a pipe, FIFO or terminal, opened again through `/proc/self/fd`.
        case reopened(Int32)
        /// send(2) with MSG_DONTWAIT.
        case socket(Int32)
        /// A regular file, which has no reader to wait for.
        case file(Int32)
        /// What cannot be opened again: at most PIPE_BUF bytes at a time, after poll(2) has said that there is room.
        case guarded(Int32)
        /// Nobody is there to write to.
        case over
    }

    private(set) var way: Way
    private var backlog: [UInt8] = []
    private var backlogStart = 0

    /// Judges the open descriptor `target`.
    init(to target: Int32) {
        var status = stat()
        guard fstat(target, &status) == 0 else {
            way = .over
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: way = .file(target)
        case S_IFSOCK: way = .socket(target)
        case S_IFIFO,
            S_IFCHR where isatty(target) == 1:
            let own = open("/proc/self/fd/\(target)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
            way = own >= 0 ? .reopened(own) : .guarded(target)
        default: way = .guarded(target)
        }
    }

    /// Whether bytes wait for the reader.
    var isWaiting: Bool { backlogStart < backlog.count }

    /// The descriptor to poll for POLLOUT while bytes wait; else -1.
    var waitsFor: Int32 { isWaiting ? descriptor : -1 }

    /// Writes what the target takes now and keeps the rest.
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard way != .over else { return }
        let done = isWaiting ? 0 : push(bytes)
        if done < bytes.count, way != .over { backlog.append(contentsOf: bytes[done...]) }
    }

    /// Writes more of what waits.
    mutating func resume() {
        let waiting = backlog
        backlogStart += waiting.withUnsafeBytes { push(UnsafeRawBufferPointer(rebasing: $0[backlogStart...])) }
        if !isWaiting { forget() }
    }

    /// Ends it; what waits is lost.
    mutating func abandon() {
        if case .reopened(let own) = way { close(own) }
        way = .over
        forget()
    }

    private mutating func forget() {
        backlog = []
        backlogStart = 0
    }

    private var descriptor: Int32 {
        switch way {
        case .reopened(let number), .socket(let number), .file(let number), .guarded(let number): number
        case .over: -1
        }
    }

    /// Returns how many bytes were written before the target was full or over.
    private mutating func push(_ bytes: UnsafeRawBufferPointer) -> Int {
        var done = 0
        while done < bytes.count {
            let count = put(UnsafeRawBufferPointer(rebasing: bytes[done...]))
            if count > 0 {
                done += count
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno != EAGAIN {
                abandon()
                return done
            } else {
                return done
            }
        }
        return done
    }

    /// One write(2); 0 if there is no room, -1 with errno.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch way {
        case .reopened(let target), .file(let target): Glibc.write(target, bytes.baseAddress, bytes.count)
        case .socket(let target):
            send(target, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        case .guarded(let target):
            Self.hasRoom(target) ? Glibc.write(target, bytes.baseAddress, min(bytes.count, Int(PIPE_BUF))) : 0
        case .over: 0
        }
    }

    private static func hasRoom(_ target: Int32) -> Bool {
        var state = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) > 0
    }
}
