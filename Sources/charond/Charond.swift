import ArgumentParser
import CharonSystemd
import Glibc

/// The program: its main thread waits for signals, all else runs on others.
///
/// An asynchronous `main` would leave the main thread to libdispatch, which parks it with every signal unblocked
/// (sigsuspend(2)), so that SIGTERM would end the daemon there and then.
@main
enum Charond {
    static func main() {
        Signals.block()
        // While there is one thread.
        let variables = ServiceVariables.take()
        TaskPool.install()
        Task.detached {
            await CharondCommand.$service.withValue(variables) { await CharondCommand.main() }
            exit(0)
        }
        Signals.wait()
    }
}
