import CharonCore
import CharonJobs
import Foundation
import Testing

@Suite struct KeyFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func refusal(_ path: String) -> String? {
        do {
            _ = try KeyFile.read(path)
            return nil
        } catch {
            #expect(!error.description.contains("secret"), "an error must not hold the key")
            #expect(error.location == path)
            return error.message
        }
    }

    @Test(arguments: ["sk-1/2+3=~!", "sk-1\n", " \tsk-1 \r\n\n", String(repeating: "k", count: 4096)])
    func readsOneLine(_ text: String) throws {
        let path = try directory.write("key", text)
        #expect(
            String(decoding: try KeyFile.read(path), as: UTF8.self)
                == text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test(arguments: [0o600, 0o400, 0o700] as [mode_t])
    func acceptsModesOfTheOwner(_ mode: mode_t) throws {
        #expect(refusal(try directory.write("key", "k", mode: mode)) == nil)
    }

    @Test(arguments: [0o640, 0o604, 0o610, 0o601, 0o620, 0o602, 0o644, 0o666] as [mode_t])
    func refusesModesOfOthers(_ mode: mode_t) throws {
        let path = try directory.write("key", "secret", mode: mode)
        #expect(refusal(path) == "the key file must not be accessible to others: chmod 600 \(path)")
    }

    @Test(arguments: [
        ("", "the key file is empty: put the API key in it, on one line"),
        (" \n\n", "the key file is empty: put the API key in it, on one line"),
        ("secret\nsecret\n", "the key file must hold one line: the API key"),
        ("secret\rsecret", "the key file must hold one line: the API key"),
        ("secret secret", "the key file must hold visible ASCII characters only, without spaces between them"),
        ("secret\0", "the key file must hold visible ASCII characters only, without spaces between them"),
        ("sécret", "the key file must hold visible ASCII characters only, without spaces between them"),
        ("\u{FEFF}secret", "the key file must hold visible ASCII characters only, without spaces between them"),
        (String(repeating: "k", count: 4097), "the key file must have at most 4096 bytes"),
    ])
    func refusesOtherContent(_ text: String, _ message: String) throws {
        #expect(refusal(try directory.write("key", text)) == message)
    }

    @Test func refusesWhatIsNoFile() throws {
        #expect(refusal(directory.path) == "the key file must be a regular file")
        #expect(refusal("/dev/null") == "the key file must be a regular file")
        let fifo = directory.path + "/fifo"
        try #require(mkfifo(fifo, 0o600) == 0)
        #expect(refusal(fifo) == "the key file must be a regular file", "and must not wait for a writer")
        #expect(refusal(directory.path + "/none") == "the key file cannot be opened: No such file or directory")
    }

    /// The descriptor is judged, not the name: a link to a good file is good, to a bad one bad.
    @Test func judgesWhatALinkLeadsTo() throws {
        let good = try directory.write("good", "k")
        let bad = try directory.write("bad", "secret", mode: 0o644)
        symlink(good, directory.path + "/to-good")
        symlink(bad, directory.path + "/to-bad")
        #expect(refusal(directory.path + "/to-good") == nil)
        #expect(refusal(directory.path + "/to-bad") != nil)
    }

    @Test(.enabled(if: geteuid() == 0, "giving a file away takes root"))
    func refusesAFileOfSomeoneElse() throws {
        let path = try directory.write("key", "secret")
        try #require(chown(path, 65_534, 65_534) == 0)
        #expect(refusal(path) == "the key file must belong to root, not to uid 65534: chown it")
    }

    @Test func aCredentialMayHaveRightsOfItsGroup() throws {
        try directory.write("key", "k\n", mode: 0o440)
        #expect(try KeyFile.readCredential("key", directory: directory.path) == Array("k".utf8))
        for mode in [0o444, 0o460, 0o402] as [mode_t] {
            try directory.write("open-\(mode)", "k", mode: mode)
            #expect(throws: CharonError.self) {
                try KeyFile.readCredential("open-\(mode)", directory: directory.path)
            }
        }
    }
}
