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
        case getStatus = "GetStatus"

        package var fullName: String { "\(ControlInterface.name).\(rawValue)" }
    }

    /// The longest message in either direction, in bytes.
    package static let longestMessage = 262_144

    /// What `org.varlink.service.GetInfo` answers.
    package static func info(version: String) -> JSON {
        [
            "vendor": "charond", "product": "charond", "version": .string(version), "url": "",
            "interfaces": [.string(service), .string(name)],
        ]
    }

    /// The description of an interface, in Varlink's own language; nil for an unknown one.
    package static func description(of interface: String) -> String? {
        switch interface {
        case name: control
        case service: introspection
        default: nil
        }
    }

    private static let control = """
        # The control socket of charond, the supervisor of cron jobs.
        interface io.charond.Control

        # A run as it is recorded; times are RFC 3339, ids are text.
        type Run (
          run: string,
          slug: string,
          uid: int,
          asked_at: string,
          running: bool,
          delivered: bool,
          execution: ?string,
          outcome: ?object,
          note: ?string
        )

        type Application (
          name: string,
          url: string,
          reachable: bool,
          backlog: int
        )

        # Where a private daemon reports to; a system daemon refuses it and uses its own configuration.
        type Credentials (url: string, key: string)

        # Asks Charon whether a run may start and starts its execution. With "more", waiting runs are told so each
        # second. A reply with the decision "run" carries two descriptors: the supervisor file, locked, and the output.
        method Begin(
          run: string,
          slug: string,
          argv: []string,
          directory: ?string,
          application: ?string,
          cron_id: ?string,
          when_unreachable: ?string,
          overlap: ?string,
          success_codes: ?string,
          timeout_ms: ?int,
          asked_at: ?string,
          credentials: ?Credentials
        ) -> (state: string, reason: ?string, exit_code: ?int)

        # Takes over the record of a run that was begun while the daemon did not answer. The call carries two
        # descriptors: the supervisor file and the output, both complete. The parameters are those of Begin, and
        # members of the run's own record that are not read.
        method HandIn(
          run: string,
          slug: string,
          argv: []string,
          directory: ?string,
          application: ?string,
          cron_id: ?string,
          when_unreachable: ?string,
          overlap: ?string,
          success_codes: ?string,
          timeout_ms: ?int,
          asked_at: ?string,
          credentials: ?Credentials
        ) -> ()

        # Answers when Charon has acknowledged the end of a run, or the daemon has given it up.
        method AwaitDelivery(run: string, slug: string) -> (delivered: bool)

        # The runs that the caller may read, the newest last.
        method List(slug: ?string) -> (runs: []Run)

        # The applications are for root, and for the user of a private daemon.
        method GetStatus() -> (version: string, private: bool, active: int, applications: []Application)

        error PermissionDenied (reason: string)
        error Busy (reason: string)
        error RecordFailed (reason: string)
        error NoSuchRun ()
        """

    private static let introspection = """
        # The Varlink service interface.
        interface org.varlink.service

        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        """
}
