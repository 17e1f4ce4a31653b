/// A user of the host, as passwd(5) and group(5) have him.
package struct Account: Hashable, Sendable {
    /// The name.
    package var name: String
    /// The number.
    package var uid: UInt32
    /// The primary group.
    package var gid: UInt32
    /// All groups, the primary one among them.
    package var groups: Set<UInt32>
    /// The home directory.
    package var home: String
    /// The login shell, which is not the one that runs commands.
    package var shell: String

    package init(
        name: String, uid: UInt32, gid: UInt32, groups: Set<UInt32> = [], home: String, shell: String = "/bin/sh"
    ) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.groups = groups.union([gid])
        self.home = home
        self.shell = shell
    }
}
