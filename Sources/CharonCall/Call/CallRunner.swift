import CharonCore

/// Does what a `CallMachine` says: sends, waits, writes, prints.
struct CallRunner: Sendable {
    private let transport: any Transport
    private let authenticator: Authenticator?
    private let say: @Sendable (Line) -> Void

    init(transport: any Transport, authenticator: Authenticator?, say: @escaping @Sendable (Line) -> Void) {
        self.transport = transport
        self.authenticator = authenticator
        self.say = say
    }

    /// Runs the call to its end.
    func run(_ machine: CallMachine) async -> CallExit {
        var machine = machine
        let begin = ContinuousClock.now
        func moment() -> CallMachine.Moment {
            let elapsed = (ContinuousClock.now - begin) / .milliseconds(1)
            return .init(elapsed: TimeSpan(milliseconds: Int64(elapsed)), wall: .now())
        }
        let end = begin + .milliseconds(machine.deadline.milliseconds)
        var event = CallMachine.Event.begin
        while true {
            var following: CallMachine.Event?
            for action in machine.next(event, at: moment()) {
                switch action {
                case .say(let line): say(line)
                case .authenticate(let refused): following = await authenticate(refused, until: end)
                case .send(let sending): following = await send(sending)
                case .sleep(let time):
                    // Nothing cancels this task: the whole time passes.
                    try? await Task.sleep(for: .milliseconds(time.milliseconds))
                    following = .woke
                case .save(let bytes, let target): following = Self.save(bytes, target)
                case .finish(let exit): return exit
                }
            }
            event = following ?? .ended(CallFailure(.failed, "the call has come to no end"))
        }
    }

    private func send(_ sending: Sending) async -> CallMachine.Event {
        do throws(TransportFailure) { return .answered(try await transport.send(sending)) } catch {
            return .failed(error)
        }
    }

    private static func save(_ bytes: [UInt8], _ target: SaveTarget) -> CallMachine.Event {
        do throws(CallFailure) {
            let file = try SavedFile(target)
            try file.write(bytes)
            try file.commit()
            return .saved
        } catch {
            return .ended(error)
        }
    }

    private func authenticate(_ refused: Token?, until end: ContinuousClock.Instant) async -> CallMachine.Event {
        guard let authenticator else {
            return .ended(CallFailure(.authentication, "there is nothing to authenticate with"))
        }
        return await withTaskGroup(of: CallMachine.Event?.self) { group in
            group.addTask {
                do throws(CallFailure) {
                    return .authenticated(try await authenticator.token(refused: refused))
                } catch {
                    return .ended(error)
                }
            }
            group.addTask {
                do { try await Task.sleep(until: end) } catch { return nil }
                return .ended(CallFailure(.deadline, "the deadline is over: there was no token in time"))
            }
            defer { group.cancelAll() }
            while let event = await group.next() { if let event { return event } }
            return .ended(CallFailure(.authentication, "there is no token"))
        }
    }
}

extension CallMachine {
    /// Of the whole call.
    var deadline: TimeSpan { file.deadline }
}
