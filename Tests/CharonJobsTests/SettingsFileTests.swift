import CharonJobs
import Foundation
import Testing

@Suite struct SettingsFileTests {
    private let directory: TemporaryDirectory
    private var state: String { directory.path + "/state" }

    init() throws { directory = try TemporaryDirectory() }

    private func problem(_ path: String) -> String? {
        do {
            _ = try Settings.load(path: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func readsAFile() throws {
        let path = try directory.write("charon.yaml", "state: /a\nwrapped: {root: [a]}\n", mode: 0o644)
        let settings = try Settings.load(path: path)
        #expect(settings.state == "/a")
        #expect(settings.wrapped[0]?.count == 1, "root is in every /etc/passwd")
    }

    @Test(
        arguments: [
            (Array("state: /a\r\nsocket: /b\r\n".utf8), "/a"), ([0xEF, 0xBB, 0xBF] + Array("state: /a".utf8), "/a"),
        ] as [([UInt8], String)])
    func readsWhatEditorsWrite(_ bytes: [UInt8], _ state: String) throws {
        #expect(try Settings.load(path: try directory.write("charon.yaml", bytes)).state == state)
    }

    @Test(arguments: [0o620, 0o602, 0o666, 0o664] as [mode_t])
    func refusesAFileThatOthersMayWrite(_ mode: mode_t) throws {
        let path = try directory.write("charon.yaml", "", mode: mode)
        #expect(problem(path) == "\(path): the configuration must not be writable by others: chmod go-w \(path)")
    }

    @Test func refusesWhatIsNoFile() throws {
        let fifo = directory.path + "/fifo"
        try #require(mkfifo(fifo, 0o600) == 0)
        #expect(problem(fifo) == "\(fifo): the configuration must be a regular file")
        let none = directory.path + "/none"
        #expect(problem(none) == "\(none): the configuration cannot be opened: No such file or directory")
    }

    @Test func refusesAFileThatIsTooLarge() throws {
        let full = "# " + String(repeating: "x", count: Settings.largestFile - 2)
        #expect(problem(try directory.write("charon.yaml", full)) == nil)
        let path = try directory.write("charon.yaml", full + "x")
        #expect(problem(path) == "\(path): the configuration must have at most 1048576 bytes")
    }

    @Test func namesTheLineThatIsNoUTF8() throws {
        let path = try directory.write("charon.yaml", Array("# ä\nstate: /\n# ".utf8) + [0xE4, 0x0A])
        #expect(problem(path) == "\(path):3:1: the line is no UTF-8")
    }

    @Test(.enabled(if: geteuid() == 0, "giving a file away takes root"))
    func refusesAFileOfSomeoneElse() throws {
        let path = try directory.write("charon.yaml", "", mode: 0o644)
        try #require(chown(path, 65_534, 65_534) == 0)
        #expect(problem(path) == "\(path): the configuration must belong to root, not to uid 65534: chown it")
    }

    /// As another user, in a process of its own; that it is one is proved first.
    @Test(.enabled(if: geteuid() == 0, "becoming another user takes root"))
    func judgesAsAnotherUser() async throws {
        let owned = try TemporaryDirectory()
        for (name, uid, mode) in [
            ("root-private", 0, 0o600), ("root-public", 0, 0o644), ("own", 65_534, 0o600), ("other", 33, 0o644),
        ] as [(String, uid_t, mode_t)] {
            try #require(chown(try owned.write(name, "sk-1", mode: mode), uid, uid) == 0)
        }
        setenv("CHARON_TEST_DIRECTORY", owned.path, 1)
        await #expect(processExitsWith: .success) {
            let path = try #require(getenv("CHARON_TEST_DIRECTORY").map { String(cString: $0) })
            try #require(setgroups(0, nil) == 0 && setgid(65_534) == 0 && setuid(65_534) == 0)
            #expect(open("\(path)/root-private", O_RDONLY) == -1 && errno == EACCES, "the user must be no root")
            func problem(_ name: String, _ read: (String) throws -> Void) -> String {
                do { try read("\(path)/\(name)") } catch { return "\(error)".replacing("\(path)/", with: "") }
                return ""
            }
            func key(_ name: String) -> String { problem(name) { _ = try KeyFile.read($0) } }
            func settings(_ name: String) -> String { problem(name) { _ = try Settings.load(path: $0) } }
            #expect(key("root-private") == "root-private: the key file cannot be opened: Permission denied")
            #expect(
                key("root-public")
                    == "root-public: the key file must not be accessible to others: chmod 600 root-public")
            #expect(key("own") == "")
            #expect(key("other") == "other: the key file must belong to root or uid 65534, not to uid 33: chown it")
            #expect(settings("root-private") == "root-private: the configuration cannot be opened: Permission denied")
            #expect(settings("root-public").hasPrefix("root-public:1:1: the configuration must be a mapping"))
            #expect(settings("own").hasPrefix("own:1:1: the configuration must be a mapping"))
            #expect(
                settings("other")
                    == "other: the configuration must belong to root or uid 65534, not to uid 33: chown it")
        }
    }

    @Test func theLastGoodCopyIsKept() throws {
        let path = try directory.write("charon.yaml", "state: /one", mode: 0o644)
        let store = SettingsStore(path: path, stateDirectory: state)
        #expect(store.copyPath == state + "/charon.yaml.good")
        var loaded = try store.load()
        #expect(loaded.settings.state == "/one")
        #expect(!loaded.isLastGood)
        #expect(loaded.problem == nil)
        #expect(try String(contentsOfFile: store.copyPath, encoding: .utf8) == "state: /one")
        var status = stat()
        #expect(stat(store.copyPath, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(stat(state, &status) == 0 && status.st_mode & 0o777 == 0o700)

        // A mistake: the copy counts, and the mistake is told.
        try directory.write("charon.yaml", "state: /two\nstat: x", mode: 0o644)
        loaded = try store.load()
        #expect(loaded.settings.state == "/one")
        #expect(loaded.isLastGood)
        #expect(
            loaded.problem?.description
                == "\(path):2:1: unknown key \"stat\" in the configuration: did you mean \"state\"?")

        // The same for a file that is gone, or that others may write.
        chmod(path, 0o666)
        #expect(try store.load().isLastGood)
        unlink(path)
        #expect(
            try store.load().problem?.description
                == "\(path): the configuration cannot be opened: No such file or directory")

        // Mended: the file counts again, and is the copy from here on.
        try directory.write("charon.yaml", "state: /three", mode: 0o644)
        loaded = try store.load()
        #expect(loaded.settings.state == "/three")
        #expect(!loaded.isLastGood)
        #expect(try String(contentsOfFile: store.copyPath, encoding: .utf8) == "state: /three")
        #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["charon.yaml.good"])
    }

    @Test func withoutAGoodCopyAMistakeIsFinal() throws {
        let path = try directory.write("charon.yaml", "stat: x", mode: 0o644)
        let store = SettingsStore(path: path, stateDirectory: state)
        let message = "\(path):1:1: unknown key \"stat\" in the configuration: did you mean \"state\"?"
        func problem() -> String? {
            do { _ = try store.load() } catch { return error.description }
            return nil
        }
        #expect(problem() == message)
        // A copy that is broken, or that others may write, is none.
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try directory.write("state/charon.yaml.good", "state: [")
        #expect(problem() == message)
        try directory.write("state/charon.yaml.good", "state: /x", mode: 0o666)
        #expect(problem() == message)
        chmod(store.copyPath, 0o600)
        #expect(problem() == nil)
    }

    /// A full or missing state directory does not keep good settings from being used.
    @Test func aCopyThatCannotBeKeptIsTold() throws {
        let path = try directory.write("charon.yaml", "state: /one", mode: 0o644)
        let loaded = try SettingsStore(path: path, stateDirectory: directory.path + "/a/b").load()
        #expect(loaded.settings.state == "/one")
        #expect(!loaded.isLastGood)
        #expect(
            loaded.problem?.description == "\(directory.path)/a/b/charon.yaml.good: the last good copy cannot be kept: "
                + "mkdir: No such file or directory")
    }
}
