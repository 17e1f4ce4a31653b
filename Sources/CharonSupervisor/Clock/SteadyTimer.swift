import CLinux
package import CharonCore
import HeapModule
import Synchronization

/// Calls back when times of `SteadyClock` come, on a thread that does not wake in between.
///
/// In place of `Task.sleep`, which has libdispatch keep threads and look after them every second.
package final class SteadyTimer: Sendable {
    /// A call that was asked for.
    package struct Call: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Time: Comparable {
        let at: Instant
        let number: UInt64

        static func < (a: Time, b: Time) -> Bool { (a.at, a.number) < (b.at, b.number) }
    }

    private struct State {
        /// Calls that were taken back are among them until they are many.
        var times = Heap<Time>()
        var bodies: [UInt64: @Sendable () -> Void] = [:]
        var last: UInt64 = 0
    }

    /// The process's own, which every wait goes by; nil where the kernel gives no timer or no thread.
    package static let shared: SteadyTimer? = try? SteadyTimer()

    private let timer: Descriptor
    private let state = Mutex(State())

    private init() throws(SystemError) {
        let timer = clinux_steady_timer_create()
        guard timer >= 0 else { throw SystemError("timerfd_create", errno: -timer) }
        self.timer = Descriptor(owning: timer)
        // It lives as long as the process.
        try LoopThread.start("timer") { while clinux_steady_timer_wait(self.timer.number) == 0 { self.ring() } }
    }

    /// Has `body` called at `time`, at once if that has passed, on the timer's thread: it must not block.
    package func call(at time: Instant, _ body: @escaping @Sendable () -> Void) -> Call {
        state.withLock { state in
            state.last += 1
            let new = Time(at: time, number: state.last)
            state.bodies[new.number] = body
            state.times.insert(new)
            if state.times.min == new { set(new.at) }
            return Call(number: new.number)
        }
    }

    /// Takes a call back; it may be under way.
    package func cancel(_ call: Call) {
        state.withLock { state in
            guard state.bodies.removeValue(forKey: call.number) != nil else { return }
            // What is taken back costs a wake-up at most, and little memory.
            guard state.times.count > 2 * state.bodies.count + 64 else { return }
            state.times = Heap(state.times.unordered.filter { state.bodies[$0.number] != nil })
        }
    }

    private func ring() {
        let now = SteadyClock.now()
        let due = state.withLock { state in
            var due: [@Sendable () -> Void] = []
            while let next = state.times.min {
                let body = state.bodies[next.number]
                guard body == nil || next.at <= now else {
                    set(next.at)
                    break
                }
                state.times.removeMin()
                state.bodies[next.number] = nil
                if let body { due.append(body) }
            }
            return due
        }
        for body in due { body() }
    }

    /// Under the lock, so that the earliest is what the timer has.
    private func set(_ time: Instant) {
        let (span, isOverflow) = time.nanoseconds.subtractingReportingOverflow(SteadyClock.now().nanoseconds)
        _ = clinux_steady_timer_set(timer.number, isOverflow ? .max : span)
    }
}
