import Glibc

/// A thread of its own for work that blocks, so that it never takes one of the concurrency runtime's few threads.
package struct LoopThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts `body` on a new detached thread whose name, at most 15 bytes, shows in ps(1).
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Body(name, body))
        let error = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                try? Descriptor.open("/proc/thread-self/comm", O_WRONLY).write(body.name.utf8)
                body.run()
                return nil
            }, box.toOpaque())
        guard error == 0 else {
            box.release()
            throw SystemError("pthread_create", errno: error, name)
        }
        pthread_detach(thread)
    }
}
