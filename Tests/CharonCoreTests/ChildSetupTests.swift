import CharonCore
import Testing

@Suite struct ChildSetupTests {
    private static let full: ChildSetup = {
        var setup = ChildSetup()
        setup.environment = ["A=1", "B="]
        setup.limits = [.init(.openFiles, 4096), .init(.coreSize, nil), .init(.fileSize, .max)]
        setup.nice = -5
        setup.ioPriority = 2 << 13 | 4
        setup.user = 33
        setup.group = 33
        setup.groups = [33, 4]
        setup.umask = 0o027
        setup.directory = "/srv"
        return setup
    }()

    @Test(arguments: [full, ChildSetup()]) func itsJSONReadsBack(_ setup: ChildSetup) throws {
        #expect(ChildSetup(json: try JSON.parse(setup.json.bytes)) == setup)
    }

    private static let unreadable: [(String, JSON)] = [
        ("v", 2), ("environment", ["A"]), ("environment", ["A=\0"]), ("environment", .null),
        ("limits", ["files": "1"]), ("limits", ["open_files": "-1"]), ("limits", ["open_files": 1]), ("nice", 20),
        ("io_priority", "idle"), ("user", -1), ("user", 4_294_967_295), ("user", "root"), ("group", "0"),
        ("groups", [1, "2"]), ("umask", 512), ("directory", "srv"), ("directory", "/a\0"),
    ]

    /// A part that cannot be read must not be left out: the command would begin with other rights than it was given.
    @Test(arguments: unreadable)
    func whatCannotBeReadIsRefused(_ name: String, _ value: JSON) {
        let members = (Self.full.json.members ?? []).map { $0.name == name ? JSON.Member(name, value) : $0 }
        #expect(ChildSetup(json: .object(members)) == nil)
    }
}
