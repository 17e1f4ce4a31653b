import CharonCore
import CharonRuns
import Synchronization

/// Which user used a slug first: `<state>/claims/<slug>.owner` holds the uid.
package final class Claims: Sendable {
    /// The most slugs of one user where nothing else is said.
    package static let usual = 1000

    let most: Int
    private let directory: String
    /// The slugs of each user; nil before they were counted.
    private let counts = Mutex<[UInt32: Int]?>(nil)

    init(state: String, most: Int) {
        directory = "\(state)/claims"
        self.most = most
    }

    /// Who used a slug first; nil if nobody has.
    func owner(of slug: Slug) throws(SystemError) -> UInt32? { try owner(path(slug)) }

    /// Makes `uid` the owner of a slug that is nobody's; false if it has as many as it may have.
    func add(_ slug: Slug, for uid: UInt32) throws(SystemError) -> Bool {
        let known = counts.withLock { $0 }
        var all = known ?? [:]
        if known == nil { all = try count() }
        let count = all[uid, default: 0]
        counts.withLock { $0 = all }
        guard count < most else { return false }
        try RecordFile.makeDirectory(directory)
        try RecordFile.replace(path(slug), with: Array("\(uid)\n".utf8), durability: .disk)
        counts.withLock { $0?[uid] = count + 1 }
        return true
    }

    private func count() throws(SystemError) -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        for name in try RecordFile.names(in: directory) {
            if let uid = try owner("\(directory)/\(name)") { counts[uid, default: 0] += 1 }
        }
        return counts
    }

    private func owner(_ path: String) throws(SystemError) -> UInt32? {
        guard let bytes = try RecordFile.read(path) else { return nil }
        // An unreadable claim is nobody's but root's.
        return UInt32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber }) ?? 0
    }

    /// A slug may end in anything: without a suffix the temporary file of one claim could be the claim of another.
    private func path(_ slug: Slug) -> String { "\(directory)/\(slug).owner" }
}
