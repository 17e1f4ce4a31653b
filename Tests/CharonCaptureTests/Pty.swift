import CharonCore
import Glibc

/// A pseudo-terminal, seen from the side of the person who types.
final class Pty {
    private(set) var master: Int32
    /// The path of the terminal.
    let terminal: String
    /// Kept open, so that the terminal outlives its sessions.
    private let slave: Descriptor
    private(set) var screen: [UInt8] = []

    init() throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var number: Int32 = 0, isLocked: Int32 = 0
        guard master >= 0, ioctl(master, Self.unlock, &isLocked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw SystemError.last("open", "/dev/ptmx") }
        terminal = "/dev/pts/\(number)"
        slave = try Descriptor.open(terminal, O_RDWR | O_NOCTTY)
    }

    deinit { hangUp() }

    /// Closes the side of the person who types: writes to the terminal fail with EIO.
    func hangUp() {
        if master >= 0 { close(master) }
        master = -1
    }

    /// Has the terminal take no more output, as Ctrl-S does.
    func suspendOutput() throws { guard tcflow(slave.number, TCOOFF) == 0 else { throw SystemError.last("tcflow") } }

    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2).
    private static let unlock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    func type(_ text: String) { _ = text.withCString { write(master, $0, text.utf8.count) } }

    /// Everything that was shown so far.
    func shown() -> String {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { bytes in
            while case let count = read(master, bytes.baseAddress, bytes.count), count > 0 {
                screen += bytes[..<count]
            }
        }
        return String(decoding: screen, as: UTF8.self)
    }

    func wait(for text: String, times: Int = 1) throws {
        do {
            try eventually("the terminal shows '\(text)'") { self.count(text) >= times }
        } catch { throw Missing(what: "'\(text)' on the terminal, which shows: \(shown())") }
    }

    private func count(_ text: String) -> Int {
        let screen = Array(shown().utf8), text = Array(text.utf8)
        guard screen.count >= text.count else { return 0 }
        return (0...screen.count - text.count).count { screen[$0..<$0 + text.count].elementsEqual(text) }
    }

    /// The process group in the foreground.
    var foreground: Int32 { tcgetpgrp(master) }
}
