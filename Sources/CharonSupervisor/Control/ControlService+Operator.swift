package import CharonControl
package import CharonCore

/// The calls of people, each with one reply.
extension ControlService {
    /// The reply to `List` with these parameters.
    package func list(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.list(try ListRequest(json), for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `GetRun`.
    package func run(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.details(of: try ParameterReader(json).required("run", RunID.init), for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Logs`.
    package func logs(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.logs(try LogsRequest(json), for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `GetStatus`.
    package func status(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            let after = try ParameterReader(json).optional("after") { $0 }
            return await daemon.status(for: peer, after: after, jobs: await jobs?.summary ?? [])
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Outbox`.
    package func outbox(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.outbox(for: peer, page: try PageRequest(json, from: "after"))
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `SetAside`.
    package func setAside(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.setAside(for: peer, page: try PageRequest(json, from: "after"))
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Retry`.
    package func retry(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            let reader = ParameterReader(json)
            let application = try reader.optional("application") { Slug($0)?.text }
            guard let run = try reader.optional("run", RunID.init) else {
                return await daemon.goOn(application, for: peer)
            }
            return await daemon.resend(run, for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Drop`.
    package func drop(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        do throws(InvalidParameter) {
            return await daemon.drop(try ParameterReader(json).required("run", RunID.init), for: peer)
        } catch {
            return .invalidParameter(error.parameter)
        }
    }

    /// The reply to `Probe`; a user other than root has one at a time.
    package func probe(_ json: JSON, _ peer: Peer) async -> VarlinkReply {
        let parameters: Probe.Parameters
        do throws(InvalidParameter) {
            parameters = try Probe.Parameters(json, application: daemon.applications.defaultName(for: peer.uid))
        } catch {
            return .invalidParameter(error.parameter)
        }
        guard !daemon.rights.isOperator(peer) else { return await daemon.probe(parameters, for: peer) }
        guard probes.enter(peer.uid) else { return .busy("a probe of uid \(peer.uid) is under way") }
        defer { probes.leave(peer.uid) }
        return await daemon.probe(parameters, for: peer)
    }
}
