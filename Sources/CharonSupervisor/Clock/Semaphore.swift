import Glibc

/// A counting semaphore, as in sem_init(3).
package final class Semaphore: Sendable {
    // sem_t is made for use from several threads; it only must not move.
    private nonisolated(unsafe) let storage = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { sem_init(storage, 0, 0) }

    deinit {
        sem_destroy(storage)
        storage.deallocate()
    }

    package func signal() { sem_post(storage) }

    package func wait() { while sem_wait(storage) != 0 {} }
}
