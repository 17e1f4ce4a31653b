import CharonCore
import CharonSupervisor
import CharonSystemd

/// Feeds the service manager's watchdog for as long as every part of the daemon is at work (sd_watchdog_enabled(3)).
///
/// A part that hangs keeps the beat from coming back, and the manager ends and restarts the daemon; runs are untouched.
struct Heartbeat {
    let service: DaemonService
    let notifier: Notifier

    /// Without a watchdog there is nothing to do, and nothing wakes.
    func run() async {
        guard let interval = notifier.watchdogInterval else { return }
        let pause = TimeSpan(milliseconds: interval.milliseconds / 2)
        while !Task.isCancelled {
            await service.beat()
            notifier.watchdog()
            if let status = await service.jobs?.status { notifier.status(status) }
            await Wakeup.sleep(for: pause)
        }
    }
}
