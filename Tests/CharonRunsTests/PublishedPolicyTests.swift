import CharonCore
import CharonRuns
import Foundation
import Testing

@Suite struct PublishedPolicyTests {
    @Test func isReadByEverybodyAsItWasWritten() throws {
        let temporary = try TemporaryDirectory()
        #expect(PublishedPolicy(from: temporary.path) == PublishedPolicy())
        var policy = PublishedPolicy()
        policy.whenUnreachable = .skip
        policy.offExitCode = 255
        let previous = umask(0o022)
        defer { umask(previous) }
        try policy.write(to: temporary.path)
        #expect(PublishedPolicy(from: temporary.path) == policy)
        var status = stat()
        #expect(stat(temporary.path + "/policy", &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    @Test(arguments: ["", "{", "[]", #"{"when_unreachable": "perhaps", "off_exit_code": 256}"#])
    func whatCannotBeReadIsTheDefault(_ text: String) throws {
        let temporary = try TemporaryDirectory()
        try Data(text.utf8).write(to: URL(fileURLWithPath: temporary.path + "/policy"))
        #expect(PublishedPolicy(from: temporary.path) == PublishedPolicy())
    }
}
