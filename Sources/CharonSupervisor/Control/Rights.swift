package import CharonControl
package import CharonCore
import CharonRuns
import Glibc

/// Who may begin runs of which slug, and who may read them.
///
/// Root may all. A slug of the job files belongs to its job's user; a slug that `wrapped:` in charon.yaml names belongs to the users it is named for, any other slug to
/// the first user that used it, which is kept on disk. A user can have so many slugs in this way, and no more: each
/// takes room in the state directory.
package struct Rights: Sendable {
    private let ownUID: UInt32
    private let isPrivate: Bool
    private let claims: Claims
    private let readers: UInt32?
    private let isWrapped: @Sendable (UInt32, Slug) -> Bool
    private let isReserved: @Sendable (Slug) -> Bool
    /// Whose the slugs of job files are.
    package let owners: JobOwners

    /// `isWrapped` says whether a pattern of this user names the slug, `isReserved` whether a pattern of anyone does.
    ///
    /// `readers` is the group whose members may read all runs; see `readingGroup(in:)`.
    package init(
        state: String, isPrivate: Bool, ownUID: UInt32 = geteuid(), mostClaims: Int = Claims.usual,
        readers: UInt32? = nil, owners: JobOwners = JobOwners(),
        isWrapped: @escaping @Sendable (UInt32, Slug) -> Bool, isReserved: @escaping @Sendable (Slug) -> Bool
    ) {
        claims = Claims(state: state, most: mostClaims)
        self.isPrivate = isPrivate
        self.readers = readers
        self.ownUID = ownUID
        self.owners = owners
        self.isWrapped = isWrapped
        self.isReserved = isReserved
    }

    /// Nil if the peer may begin a run of `slug`, which is then its own; otherwise why not, and the remedy.
    ///
    /// Without `claims`, a slug that is nobody's stays nobody's.
    package func refusal(of peer: Peer, _ slug: Slug, claims: Bool = true) throws(SystemError) -> String? {
        if peer.uid == 0 { return nil }
        if isPrivate {
            return peer.uid == ownUID ? nil : "this is the private daemon of uid \(ownUID); uid \(peer.uid) has its own"
        }
        if isWrapped(peer.uid, slug) { return nil }
        if let owner = owners[slug] {
            return owner == peer.uid ? nil : "\(slug) is a job of uid \(owner), by the job files"
        }
        if isReserved(slug) {
            return "\(slug) belongs to another user: name uid \(peer.uid) for it under wrapped: in charon.yaml"
        }
        guard let owner = try self.claims.owner(of: slug) else {
            guard claims else { return nil }
            if try self.claims.add(slug, for: peer.uid) { return nil }
            return "uid \(peer.uid) has used \(self.claims.most) slugs already: name it for \(slug) under wrapped: in "
                + "charon.yaml"
        }
        return owner == peer.uid
            ? nil
            : "\(slug) belongs to uid \(owner), which used it first: name uid \(peer.uid) under wrapped: in charon.yaml"
    }

    /// Whether the peer runs the daemon: root, or the user of a private one.
    package func isOperator(_ peer: Peer) -> Bool { peer.uid == 0 || (isPrivate && peer.uid == ownUID) }

    /// Whether the peer may see a run of that user, with its output.
    package func mayRead(_ peer: Peer, uid: UInt32) -> Bool {
        peer.uid == 0 || peer.uid == uid || (readers.map(peer.isMember) ?? false)
    }

    /// The group that Debian and Ubuntu let read the system's logs, by the text of `/etc/group` (group(5)).
    ///
    /// Nil if there is none. Only the local file, as a name service may block.
    package static func readingGroup(in text: String) -> UInt32? {
        for line in text.split(separator: "\n") where line.hasPrefix("adm:") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            // 0 is every root's group, and nobody's by mistake.
            if fields.count >= 3, let gid = UInt32(fields[2]), gid > 0 { return gid }
        }
        return nil
    }
}
