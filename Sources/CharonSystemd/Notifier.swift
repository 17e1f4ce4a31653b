import CSystemd
package import CharonCore
import Glibc

/// What the service manager is told of this process, by sd_notify(3)'s protocol.
///
/// Nothing here blocks. Without a notification socket nothing happens.
package final class Notifier: Sendable {
    /// The most bytes of a status that are sent.
    package static let longestStatus = 1024

    private let address: String?
    private let socket: Descriptor?

    /// The time within which `watchdog()` must be called again and again; nil if nobody waits for it.
    package let watchdogInterval: TimeSpan?

    /// Throws if the system has no socket left.
    package init(_ variables: ServiceVariables) throws(SystemError) {
        address = variables.notifySocket
        watchdogInterval = variables.watchdogInterval
        guard address != nil else {
            socket = nil
            return
        }
        let number = csystemd_notify_open()
        guard number >= 0 else { throw SystemError("socket", errno: -number) }
        socket = Descriptor(owning: number)
    }

    /// The service has started, or has done a reload.
    @discardableResult
    package func ready(status: String) -> Bool { send("READY=1\n\(Self.field(status))") }

    /// One line that `systemctl status` shows; control characters become spaces.
    @discardableResult
    package func status(_ status: String) -> Bool { send(Self.field(status)) }

    /// A reload begins, and ends with `ready`.
    @discardableResult
    package func reloading() -> Bool { send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds())") }

    /// The service begins to stop.
    @discardableResult
    package func stopping() -> Bool { send("STOPPING=1") }

    /// Starting or stopping takes `time` more from now on before it counts as too long.
    @discardableResult
    package func extendTimeout(by time: TimeSpan) -> Bool { send("EXTEND_TIMEOUT_USEC=\(time.milliseconds * 1000)") }

    /// The service is alive.
    @discardableResult
    package func watchdog() -> Bool { send("WATCHDOG=1") }

    /// Whether the kernel took it: false without a socket, when it is full, and when nobody is there.
    private func send(_ text: String) -> Bool {
        guard let address, let socket else { return false }
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { csystemd_notify(socket.number, address, $0.baseAddress, $0.count) } == 0
    }

    private static func field(_ status: String) -> String {
        var text = "STATUS="
        for scalar in status.unicodeScalars {
            guard text.utf8.count < "STATUS=".utf8.count + longestStatus - 3 else { break }
            // A new line would begin a field of its own.
            text.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
        }
        return text
    }

    private static func monotonicMicroseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}
