import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Testing

@Suite("Who may begin what")
struct RightsTests {
    private let directory: TemporaryDirectory
    private let rights: Rights

    init() throws {
        directory = try TemporaryDirectory()
        rights = Self.rights(directory.path)
    }

    private static func rights(_ state: String, isPrivate: Bool = false) -> Rights {
        Rights(
            state: state, isPrivate: isPrivate, ownUID: 1000,
            isWrapped: { uid, slug in uid == 33 && slug.text.hasPrefix("shop-") },
            isReserved: { $0.text.hasPrefix("shop-") })
    }

    @Test("Root may all, and claims nothing")
    func root() throws {
        #expect(try rights.refusal(of: Peer(uid: 0), slug("shop-import")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 0), slug("free")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("free")) == nil)
    }

    @Test("A reserved slug is for the users it is named for, and the refusal names the remedy")
    func wrapped() throws {
        #expect(try rights.refusal(of: Peer(uid: 33), slug("shop-import")) == nil)
        let refusal = try #require(try rights.refusal(of: Peer(uid: 34), slug("shop-import")))
        #expect(refusal.contains("wrapped:") && refusal.contains("34"))
        // And a refused user has not become its owner.
        #expect(try rights.refusal(of: Peer(uid: 33), slug("shop-import")) == nil)
    }

    @Test("Any other slug is the first user's, over restarts too")
    func claim() throws {
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("backup")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("backup")) == nil)
        let refusal = try #require(try rights.refusal(of: Peer(uid: 1002), slug("backup")))
        #expect(refusal.contains("1001") && refusal.contains("wrapped:"))
        let later = Self.rights(directory.path)
        #expect(try later.refusal(of: Peer(uid: 1002), slug("backup")) != nil)
        #expect(try later.refusal(of: Peer(uid: 1001), slug("backup")) == nil)
        #expect(try later.refusal(of: Peer(uid: 1002), slug("other")) == nil)
    }

    @Test("A user gets so many slugs by using them first, and keeps those")
    func mostClaims() throws {
        let rights = Rights(
            state: directory.path, isPrivate: false, ownUID: 1000, mostClaims: 3, isWrapped: { _, _ in false },
            isReserved: { _ in false })
        for number in 1...3 { #expect(try rights.refusal(of: Peer(uid: 1001), slug("a-\(number)")) == nil) }
        let refusal = try #require(try rights.refusal(of: Peer(uid: 1001), slug("a-4")))
        #expect(refusal.contains("3 slugs") && refusal.contains("wrapped:"))
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("a-2")) == nil)
        // Nobody else's, and not root's business.
        #expect(try rights.refusal(of: Peer(uid: 1002), slug("a-4")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 0), slug("a-5")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("a-4"), claims: false) != nil)
    }

    @Test("A claim that cannot be read is nobody's")
    func unreadable() throws {
        try RecordFile.makeDirectory(directory.path + "/claims")
        try RecordFile.replace(directory.path + "/claims/backup.owner", with: Array("?".utf8), durability: .process)
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("backup")) != nil)
        #expect(try rights.refusal(of: Peer(uid: 0), slug("backup")) == nil)
    }

    @Test("No claim touches that of another slug, whatever their names")
    func names() throws {
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("backup.new")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1002), slug("backup")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1002), slug("backup.new")) != nil)
    }

    @Test("A private daemon serves its own user and root")
    func isPrivate() throws {
        let rights = Self.rights(directory.path, isPrivate: true)
        #expect(try rights.refusal(of: Peer(uid: 1000), slug("shop-import")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 0), slug("any")) == nil)
        #expect(try rights.refusal(of: Peer(uid: 1001), slug("any"))?.contains("1000") == true)
        #expect(try RecordFile.names(in: directory.path).isEmpty)
    }

    @Test("The readers' group is adm, by the system's file")
    func readers() {
        let table: [(String, UInt32?)] = [
            ("root:x:0:\nadm:x:4:syslog\n", 4), ("adm:x:4", 4), ("admin:x:5:\n", nil), ("", nil), ("adm:x:\n", nil),
            ("adm:x:0:\n", nil), ("adm\n", nil), ("adm:x:-1:\n", nil), ("#adm:x:4:\nadm:x:9:\n", 9),
        ]
        for (text, gid) in table { #expect(Rights.readingGroup(in: text) == gid, "\(text)") }
        #expect(!rights.mayRead(Peer(uid: 1002, groups: [4]), uid: 1001))
    }

    @Test("A run is read by its user and by root")
    func read() {
        #expect(rights.mayRead(Peer(uid: 0), uid: 1001))
        #expect(rights.mayRead(Peer(uid: 1001), uid: 1001))
        #expect(!rights.mayRead(Peer(uid: 1002), uid: 1001))
    }
}
