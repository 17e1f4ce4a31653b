import CharonCore
import Glibc

/// The bus's thread: performs what the machine decides.
struct BusLoop: ~Copyable {
    /// The least time between two attempts to connect, in milliseconds.
    private static let pause: Int64 = 1000

    private let mailbox: BusMailbox
    private var machine = BusMachine()
    private var bus: Bus?
    private var nextAttempt = Int64.min

    init(_ mailbox: BusMailbox) { self.mailbox = mailbox }

    /// Returns when the mailbox has been closed.
    mutating func run() {
        while let requests = mailbox.take() {
            for (ticket, request) in requests { perform(machine.add(ticket, request, at: Self.now())) }
            if machine.isBusy, bus == nil { connect() }
            receive()
            perform(machine.expire(at: Self.now()))
            wait()
        }
        perform(machine.lost(ManagerError(.unavailable, "it was closed")))
    }

    private mutating func connect() {
        let now = Self.now()
        guard now >= nextAttempt else {
            return perform(machine.lost(ManagerError(.unavailable, "there is no connection to the system bus")))
        }
        nextAttempt = now + Self.pause
        do throws(SystemError) {
            let new = try Bus()
            try new.watchJobs()
            bus = consume new
            perform(machine.connected(at: now))
        } catch {
            perform(machine.lost(Self.unavailable(error)))
        }
    }

    private mutating func receive() {
        do throws(SystemError) {
            while let message = try bus?.next() { perform(machine.receive(message)) }
        } catch {
            disconnect(error)
        }
    }

    private mutating func perform(_ actions: [BusMachine.Action]) {
        for action in actions {
            do throws(SystemError) {
                switch action {
                case .send(let ticket, .property(let name), _):
                    if let cookie = try bus?.get(name) { machine.sent(ticket, cookie: cookie, at: Self.now()) }
                case .send(let ticket, .scope(let scope), let hasOOMPolicy):
                    if let cookie = try bus?.start(scope, hasOOMPolicy: hasOOMPolicy) {
                        machine.sent(ticket, cookie: cookie, at: Self.now())
                    }
                case .cancel(let job): try bus?.cancel(job: job)
                case .disconnect: bus = nil
                case .finish(let ticket, let answer): mailbox.finish(ticket, answer)
                }
            } catch {
                // The answers that follow must still be given.
                disconnect(error)
            }
        }
    }

    private mutating func disconnect(_ error: SystemError) {
        bus = nil
        perform(machine.lost(Self.unavailable(error)))
    }

    private mutating func wait() {
        var polls = [pollfd(fd: mailbox.wake.number, events: Int16(POLLIN), revents: 0)]
        var until = machine.nextDeadline
        do throws(SystemError) {
            if let wait = try bus?.wait() {
                polls.append(pollfd(fd: wait.descriptor, events: wait.events, revents: 0))
                if wait.until != .max { until = min(until ?? .max, Int64(clamping: wait.until / 1000 + 1)) }
            }
        } catch {
            return disconnect(error)
        }
        let milliseconds = until.map { Int32(clamping: max($0 - Self.now(), 0)) } ?? -1
        _ = poll(&polls, nfds_t(polls.count), milliseconds)
    }

    private static func unavailable(_ error: SystemError) -> ManagerError {
        let remedy = error.errno == ELIBACC ? "libsystemd.so.0 is not installed" : "\(error)"
        return ManagerError(.unavailable, "the system bus is out of reach: \(remedy)")
    }

    /// Milliseconds of the monotonic clock, which the bus uses too.
    private static func now() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
