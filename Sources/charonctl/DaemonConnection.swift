import CharonControl
import CharonCore
import Glibc

/// A connection to the daemon that this user's question is for.
struct DaemonConnection: ~Copyable {
    static let systemSocket = "/run/charon/charond.sock"

    /// How long the daemon may take for an answer from its own records.
    static let patience = TimeSpan.seconds(30)

    private var client: ControlClient
    /// Where the daemon listens.
    let path: String

    /// Connects to `socket`, else to CHARON_SOCKET, else to the host's daemon, else to this user's private one.
    init(socket: String?) throws(CharonError) {
        let named = socket ?? Console.variable("CHARON_SOCKET")
        let path = named ?? Self.systemSocket
        do throws(SystemError) {
            client = try ControlClient(path: path)
            self.path = path
        } catch {
            guard named == nil, [ENOENT, ENOTDIR, EACCES, ECONNREFUSED].contains(error.errno),
                let own = PrivateSocket.find(), let found = try? ControlClient(path: own.reachable)
            else { throw Self.explain(error, path) }
            client = found
            self.path = own.path
        }
    }

    /// Calls a method and returns the reply's parameters.
    mutating func call(
        _ method: ControlInterface.Method, _ parameters: JSON = [:], patience: TimeSpan = patience
    ) throws(CharonError) -> JSON {
        let reply: VarlinkReply
        do throws(ControlClient.Failure) {
            try client.send(VarlinkCall(method: method.fullName, parameters: parameters), timeout: patience)
            reply = try client.receive(timeout: patience)
        } catch {
            throw explain(error, patience)
        }
        if let error = reply.error { throw Self.explain(error, reply.parameters) }
        return reply.parameters
    }

    /// Calls a method that replies again and again, each time within `patience`.
    ///
    /// `body` gets each reply and whether it is the last one, and says whether the next one is waited for. A connection
    /// on which it has said no is of no more use.
    mutating func follow(
        _ method: ControlInterface.Method, patience: TimeSpan = patience,
        _ body: (_ reply: JSON, _ isLast: Bool) -> Bool
    ) throws(CharonError) {
        var call = VarlinkCall(method: method.fullName, parameters: [:])
        call.more = true
        do throws(ControlClient.Failure) { try client.send(call, timeout: patience) } catch {
            throw explain(error, patience)
        }
        var goesOn = true
        while goesOn {
            let reply: VarlinkReply
            do throws(ControlClient.Failure) { reply = try client.receive(timeout: patience) } catch {
                throw explain(error, patience)
            }
            if let error = reply.error { throw Self.explain(error, reply.parameters) }
            goesOn = body(reply.parameters, !reply.continues) && reply.continues
        }
    }

    private static func explain(_ error: SystemError, _ path: String) -> CharonError {
        switch error.errno {
        case EACCES, EPERM:
            CharonError(.permission, "\(path): permission denied: run this as root")
        case EAGAIN:
            CharonError(.unavailable, "charond at \(path) has no room for another connection: try again in a moment")
        case ENAMETOOLONG, EINVAL:
            CharonError(.usage, "\(path): no path of a socket: it has at most 107 bytes")
        default:
            CharonError(
                .unavailable,
                "no charond at \(path) (\(SystemError.text(of: error.errno))): is it running? 'systemctl status charond' "
                    + "tells; --socket or CHARON_SOCKET name another place")
        }
    }

    private func explain(_ failure: ControlClient.Failure, _ patience: TimeSpan) -> CharonError {
        switch failure {
        case .silent, .interrupted:
            CharonError(
                .unavailable,
                "charond at \(path) did not answer within \(patience): 'systemctl status charond' tells how it does")
        case .closed:
            CharonError(
                .unavailable,
                "charond at \(path) closed the connection: it may be stopping; 'systemctl status charond' tells")
        case .unreadable:
            CharonError(.protocolViolation, "what came from \(path) is no reply of charond: is it charond's socket?")
        }
    }

    private static func explain(_ error: String, _ parameters: JSON) -> CharonError {
        let reason = SafeText.escaped(parameters["reason"]?.string ?? parameters["parameter"]?.string ?? "")
        return switch error.split(separator: ".").last {
        case "PermissionDenied": CharonError(.permission, "charond refuses: \(reason); or run this as root")
        case "NoSuchRun": CharonError(.control, "there is no such run: 'charonctl runs' names those there are")
        case "NoSuchJob":
            CharonError(
                .control,
                "there is no such job: 'charonctl jobs' names those there are; a line of cron that charon-run wraps is none"
            )
        case "NotRunning": CharonError(.control, "the run does not run: \(reason)")
        case "Busy": CharonError(.unavailable, "charond is busy: \(reason): try again in a moment")
        case "InvalidParameter": CharonError(.control, "charond does not accept \(reason)")
        case "MethodNotFound", "InterfaceNotFound":
            CharonError(.control, "this charond does not know the question: it is older than charonctl, upgrade it")
        default: CharonError(.control, "charond failed: \(reason.isEmpty ? SafeText.escaped(error) : reason)")
        }
    }
}
