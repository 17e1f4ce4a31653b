import CLinux
import Glibc

/// The descriptors that a loop waits for, by slot.
///
/// A wait that grows long gives memory back first: a run mostly waits, and there may be many of them.
struct PollSet: ~Copyable {
    private let entries: UnsafeMutablePointer<pollfd>
    private let count: Int
    private var isSmall = false

    /// How long a wait must last before memory is given back.
    private static let restAfter = RunMachine.Moment.milliseconds(500)

    init(slots: Int) {
        count = slots
        entries = .allocate(capacity: slots)
        entries.initialize(repeating: pollfd(fd: -1, events: 0, revents: 0), count: slots)
    }

    deinit { entries.deallocate() }

    /// Waits for `events` of a descriptor in that slot; -1 for none.
    func watch(_ slot: Int, _ descriptor: Int32, _ events: Int32 = POLLIN) {
        entries[slot].fd = descriptor
        entries[slot].events = Int16(events)
    }

    /// Whether the last wait found something in that slot: an event, an error or the end.
    func isReady(_ slot: Int) -> Bool { entries[slot].revents != 0 }

    /// Waits until something is ready or `deadline` is reached; `rest` is called before a long wait.
    mutating func wait(until deadline: RunMachine.Moment?, rest: () -> Void) {
        for slot in 0..<count { entries[slot].revents = 0 }
        if !isSmall {
            let early = RunMachine.Moment.now() + Self.restAfter
            if let deadline, deadline < early { return poll(until: deadline) }
            poll(until: early)
            if (0..<count).contains(where: { isReady($0) }) { return }
            rest()
            isSmall = true
        }
        if clinux_poll_small(entries, Int32(count), Self.milliseconds(until: deadline)) > 0 { isSmall = false }
    }

    private func poll(until deadline: RunMachine.Moment) {
        // EINTR, after SIGSTOP and SIGCONT, is a wait without a result.
        if Glibc.poll(entries, nfds_t(count), Self.milliseconds(until: deadline)) < 0 {
            for slot in 0..<count { entries[slot].revents = 0 }
        }
    }

    /// The milliseconds that poll(2) takes, rounded up; -1 for ever.
    private static func milliseconds(until deadline: RunMachine.Moment?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline - .now()
        return left <= 0 ? 0 : Int32(clamping: (left - 1) / 1_000_000 + 1)
    }
}
