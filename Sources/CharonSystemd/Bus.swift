import CSystemd
import CharonCore

/// A connection to the system's bus, used by one thread.
struct Bus: ~Copyable {
    /// What to wait for: a descriptor, its events of poll(2), and a time of the monotonic clock in microseconds.
    struct Wait {
        var descriptor: Int32 = -1
        var events: Int16 = 0
        var until = UInt64.max
    }

    private let bus: OpaquePointer

    /// Begins to connect.
    init() throws(SystemError) {
        var bus: OpaquePointer?
        let error = csystemd_bus_open(&bus)
        guard error == 0, let bus else { throw SystemError("connect to the system bus", errno: error) }
        self.bus = bus
    }

    deinit { csystemd_bus_close(bus) }

    /// Asks to be told of the ends of jobs.
    func watchJobs() throws(SystemError) { try check("watch jobs", csystemd_bus_watch_jobs(bus)) }

    /// Asks for a property of the manager; returns the cookie of its answer.
    func get(_ property: String) throws(SystemError) -> UInt64 {
        var cookie: UInt64 = 0
        try check("get \(property)", csystemd_bus_get(bus, property, &cookie))
        return cookie
    }

    /// Asks for a scope; returns the cookie of the answer, which is the path of a job.
    func start(_ request: ScopeRequest, hasOOMPolicy: Bool) throws(SystemError) -> UInt64 {
        var cookie: UInt64 = 0
        let error = request.unit.withCString { name in
            request.description.withCString { description in
                var scope = csystemd_scope()
                scope.name = name
                scope.description = description
                scope.pid = request.process
                scope.stop_signal = request.stopSignal
                scope.stop_microseconds = request.stopMicroseconds
                scope.memory = UInt64(clamping: request.memory?.bytes ?? 0)
                scope.tasks = UInt64(clamping: request.tasks ?? 0)
                scope.cpu = UInt64(clamping: min(request.cpu ?? 0, 1_000_000)) * 10_000
                scope.has_oom_policy = hasOOMPolicy
                return csystemd_bus_start_scope(bus, &scope, &cookie)
            }
        }
        try check("start a scope", error)
        return cookie
    }

    /// Asks for the end of a job; what comes of it is not told.
    func cancel(job: UInt32) throws(SystemError) { try check("cancel a job", csystemd_bus_cancel_job(bus, job)) }

    /// The next message, nil if there is none now; throws when the connection is of no more use.
    func next() throws(SystemError) -> BusMessage? {
        var message = csystemd_message()
        let result = csystemd_bus_next(bus, &message)
        guard result >= 0 else { throw SystemError("read from the system bus", errno: -result) }
        guard result > 0 else { return nil }
        let name = message.name.map { String(cString: $0) } ?? ""
        let text = message.text.map { String(cString: $0) } ?? ""
        switch message.kind {
        case csystemd_kind_answer: return .answer(cookie: message.cookie, text: text)
        case csystemd_kind_error: return .error(cookie: message.cookie, name: name, text: text)
        case csystemd_kind_job_removed: return .jobRemoved(unit: name, result: text)
        default: return .other
        }
    }

    func wait() throws(SystemError) -> Wait {
        var wait = Wait()
        try check("poll", csystemd_bus_poll(bus, &wait.descriptor, &wait.events, &wait.until))
        return wait
    }

    private func check(_ what: String, _ error: Int32) throws(SystemError) {
        guard error == 0 else { throw SystemError(what, errno: error, "system bus") }
    }
}
