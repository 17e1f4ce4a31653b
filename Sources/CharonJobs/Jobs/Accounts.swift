import CharonCore
import Glibc
import Synchronization

/// The accounts of jobs' users, looked up by the name service and remembered for a moment.
///
/// A look-up may wait for a directory's server: call it on a thread of its own.
package final class Accounts: Sendable {
    private struct Known<Value: Sendable>: Sendable {
        let value: Value?
        let at: Instant
    }

    private struct State {
        var users: [String: Known<Account>] = [:]
        var groups: [String: Known<UInt32>] = [:]
    }

    /// As long as an answer counts, in seconds: jobs that are due together ask once.
    private static let freshness = 5.0

    private let state = Mutex(State())

    package init() {}

    /// The account of a user by name or number; nil if there is none.
    package func account(_ name: String) -> Account? {
        if let known = state.withLock({ $0.users[name] }), Self.isFresh(known.at) { return known.value }
        let found = NameService.account(name)
        state.withLock { $0.users[name] = Known(value: found, at: .now()) }
        return found
    }

    /// The number of a group by name or number; nil if there is none.
    package func group(_ name: String) -> UInt32? {
        if let known = state.withLock({ $0.groups[name] }), Self.isFresh(known.at) { return known.value }
        let found = NameService.group(name)
        state.withLock { $0.groups[name] = Known(value: found, at: .now()) }
        return found
    }

    private static func isFresh(_ at: Instant) -> Bool { 0..<freshness ~= Instant.now().seconds(since: at) }
}
