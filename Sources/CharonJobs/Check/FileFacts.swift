/// What stat(2) says of a file or directory.
package struct FileFacts: Hashable, Sendable {
    /// What it is.
    package enum Kind: Hashable, Sendable {
        case file, directory, other
    }

    /// A right to it, with its bit of the others' rights.
    package enum Right: UInt32, Hashable, Sendable {
        case read = 4
        case write = 2
        case execute = 1
    }

    /// What it is.
    package var kind: Kind
    /// The permission bits.
    package var mode: UInt32
    /// The owner.
    package var uid: UInt32
    /// The group.
    package var gid: UInt32

    package init(_ kind: Kind, mode: UInt32, uid: UInt32 = 0, gid: UInt32 = 0) {
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    /// Whether the permission bits give the right to an account (path_resolution(7)); access lists are not looked at.
    package func allows(_ right: Right, _ account: Account) -> Bool {
        if account.uid == 0 { return right != .execute || kind == .directory || mode & 0o111 != 0 }
        let shift: UInt32 = account.uid == uid ? 6 : account.groups.contains(gid) ? 3 : 0
        return mode >> shift & right.rawValue != 0
    }

    /// Whether somebody who is neither root nor the account could write it.
    package func isWritable(byOthersThan account: Account) -> Bool {
        (uid != 0 && uid != account.uid) || mode & 0o002 != 0 || (mode & 0o020 != 0 && gid != 0 && gid != account.gid)
    }
}
