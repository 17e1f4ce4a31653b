package import CharonControl
package import CharonCore
import CharonRuns
import Logging

/// What an operator may do about what waits for Charon, and about what was set aside.
extension Daemon {
    /// Has what waits go out now; with `application`, of that one only.
    package func goOn(_ application: String?, for peer: Peer) -> VarlinkReply {
        guard rights.isOperator(peer) else { return Self.notOperator }
        if let application, applications.named(application) == nil {
            return .invalidParameter("application: there is no application \(application)")
        }
        return VarlinkReply(["waiting": .integer(Int64(goOn(application: application))), "sent": 0, "refused": 0])
    }

    /// Has what waits go out now, of an application or of all; returns how many runs were told.
    @discardableResult
    package func goOn(application: String?) -> Int {
        for known in applications.all where application == nil || known.name == application {
            known.goOn(at: SteadyClock.now())
        }
        let told = entries.values.filter { entry in
            entry.follower != nil && (application == nil || entry.request.application == application)
        }
        for entry in told {
            entry.application?.goOn(at: SteadyClock.now())
            entry.follower?.orders.post(.goOn)
        }
        return told.count
    }

    /// Has what waits of one run go out now, and sends again what was set aside of it.
    package func resend(_ run: RunID, for peer: Peer) async -> VarlinkReply {
        guard rights.isOperator(peer) else { return Self.notOperator }
        let name = entries[run]?.request.application
        (entries[run]?.application ?? name.flatMap(applications.named))?.goOn(at: SteadyClock.now())
        return await order(.resend, run) { delivered in
            guard let application = self.applications.named(delivered.request.application) else {
                return Resend.Result(reason: "there is no application \(delivered.request.application)")
            }
            var machine = delivered.machine
            return await Resend(record: delivered.record).run(&machine, application) {
                await delivered.record.write($0)
            }
        }
    }

    /// Gives up what Charon has not taken of a run, and what was set aside of it.
    package func drop(_ run: RunID, for peer: Peer) async -> VarlinkReply {
        guard rights.isOperator(peer) else { return Self.notOperator }
        let reason = "dropped by uid \(peer.uid) at \(Instant.now().rfc3339.prefix(19))Z"
        let reply = await order(.drop(reason: reason), run) { delivered in
            var machine = delivered.machine
            machine.drop(reason)
            let isWritten = await delivered.record.write(machine.record)
            return Resend.Result(reason: isWritten ? nil : "the record cannot be written: the log says why")
        }
        if reply.error == nil {
            log.report(.givenUp, "given up by an operator", .notice, ["run": "\(run)", "uid": "\(peer.uid)"])
        }
        return reply
    }

    private static let notOperator = VarlinkReply.permissionDenied("that is for those who run the daemon")

    /// A run that nobody follows any more.
    private struct Delivered: Sendable {
        let request: RunRequest
        let record: FollowedRecord
        let machine: DeliveryMachine
    }

    /// Gives the order to the run's follower; without one, does `work` on its record, which is then nobody else's.
    private func order(
        _ order: Orders.Order, _ run: RunID, _ work: (Delivered) async -> Resend.Result
    ) async -> VarlinkReply {
        touch()
        if let entry = entries[run] {
            guard let follower = entry.follower else { return .busy("the run \(run) is at its gate") }
            if let result = await follower.orders.give(order) { return Self.reply(result, isWaiting: true) }
            // It has ended meanwhile.
            _ = await entry.task?.value
        }
        guard entries[run] == nil, operated.insert(run).inserted else { return .busy("the run \(run) is worked on") }
        defer { operated.remove(run) }
        guard let delivered = await delivered(run) else { return .noSuchRun }
        return Self.reply(await work(delivered), isWaiting: false)
    }

    private func delivered(_ run: RunID) async -> Delivered? {
        let state = configuration.state
        let found: (RunDirectory, RunRequest, DeliveryRecord)? = await bulk.perform {
            guard let directory = try? RunDirectory.all(state: state).first(where: { $0.run == run }),
                let request = try? directory.request(), let delivery = try? directory.delivery()
            else { return nil }
            return (directory, request, delivery)
        }
        guard let (directory, request, delivery) = found else { return nil }
        return Delivered(
            request: request, record: FollowedRecord(directory: directory, request: request, context: context),
            machine: DeliveryMachine(
                request, delivery, context.limits, at: SteadyClock.now()))
    }

    private static func reply(_ result: Resend.Result, isWaiting: Bool) -> VarlinkReply {
        VarlinkReply([
            "waiting": .integer(isWaiting ? 1 : 0), "sent": .integer(Int64(result.sent)),
            "refused": .integer(Int64(result.refused)), "reason": result.reason.map { .string($0) },
        ])
    }
}
