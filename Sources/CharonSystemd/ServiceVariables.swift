package import CharonCore
import Glibc

/// The variables by which systemd.exec(5) tells a service of its notification socket, watchdog and passed sockets.
package struct ServiceVariables: Sendable {
    /// Their names.
    package static let names = [
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
    ]

    private let values: [String: String]
    private let process: Int32

    /// Values as they would be in the environment of the process `process`.
    package init(_ values: [String: String], process: Int32 = getpid()) {
        self.values = values
        self.process = process
    }

    /// Takes the variables out of the environment, so that no child sees them.
    ///
    /// To be called while the process has one thread: unsetenv(3) is not safe beside another's getenv(3).
    package static func take() -> ServiceVariables {
        var values: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { values[name] = String(cString: value) }
            unsetenv(name)
        }
        return ServiceVariables(values)
    }

    /// Where to send notifications: a path, or an abstract name with `@` in front.
    package var notifySocket: String? { values["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 } }

    /// The longest time that may pass between two notifications that the service is alive (sd_watchdog_enabled(3)).
    ///
    /// Nil if there is no watchdog, or it is another process's.
    package var watchdogInterval: TimeSpan? {
        guard isOurs("WATCHDOG_PID", byDefault: true), let text = values["WATCHDOG_USEC"],
            let microseconds = Int64(text), microseconds >= 1000
        else { return nil }
        return TimeSpan(milliseconds: microseconds / 1000)
    }

    /// The passed descriptors, from 3 on, by name (sd_listen_fds(3)); empty if they are another process's.
    package var passed: [(descriptor: Int32, name: String)] {
        guard isOurs("LISTEN_PID", byDefault: false), let text = values["LISTEN_FDS"], let count = Int32(text),
            (1...4096).contains(count)
        else { return [] }
        let names = values["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        return (0..<count).map { index in
            (3 + index, Int(index) < names.count ? String(names[Int(index)]) : "unknown")
        }
    }

    private func isOurs(_ name: String, byDefault: Bool) -> Bool {
        values[name].map { Int32($0) == process } ?? byDefault
    }
}
