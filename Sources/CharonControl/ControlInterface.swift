package import CharonCore

/// The names of the control socket's Varlink interface, and its description for introspection.
package enum ControlInterface {
    package static let name = "io.charond.Control"
    package static let service = "org.varlink.service"

    /// The methods of `name`, as they appear behind its dot.
    package enum Method: String, CaseIterable, Sendable {
        case begin = "Begin"
        case handIn = "HandIn"
        case awaitDelivery = "AwaitDelivery"
        case list = "List"
        case getRun = "GetRun"
        case logs = "Logs"
        case getStatus = "GetStatus"
        case outbox = "Outbox"
        case setAside = "SetAside"
        case retry = "Retry"
        case drop = "Drop"
        case probe = "Probe"
        case jobs = "Jobs"
        case getJob = "GetJob"
        case start = "Start"
        case stop = "Stop"
        case pause = "Pause"
        case resume = "Resume"
        case reload = "Reload"
        case drain = "Drain"

        package var fullName: String { "\(ControlInterface.name).\(rawValue)" }
    }

    /// The longest message in either direction, in bytes.
    package static let longestMessage = 262_144

    /// How many runs or jobs a reply lists where the caller says nothing.
    package static let usualRuns = 200

    /// The most runs or jobs that one reply lists, whatever the caller says, and the most lines of a list of `Reload`.
    package static let mostRuns = 1000

    /// What `org.varlink.service.GetInfo` answers.
    package static func info(version: String) -> JSON {
        [
            "vendor": "charond", "product": "charond", "version": .string(version), "url": "",
            "interfaces": [.string(service), .string(name)],
        ]
    }
}
