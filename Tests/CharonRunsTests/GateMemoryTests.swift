import CharonCore
import CharonRuns
import Foundation
import Testing

@Suite struct GateMemoryTests {
    private let temporary: TemporaryDirectory
    private let memory: GateMemory
    private let slug: Slug
    private let now = Instant(seconds: 1_769_832_306)

    init() throws {
        temporary = try TemporaryDirectory()
        memory = GateMemory(directory: temporary.path + "/state/gate")
        slug = try #require(Slug("nightly"))
    }

    @Test(arguments: [true, false])
    func remembersForSevenDays(_ answer: Bool) throws {
        #expect(memory.answer(for: slug, at: now) == nil)
        try memory.remember(answer, for: slug, at: now)
        #expect(memory.answer(for: slug, at: now) == answer)
        #expect(memory.answer(for: slug, at: now.advanced(bySeconds: 7 * 86_400 - 1)) == answer)
        #expect(memory.answer(for: slug, at: now.advanced(bySeconds: 7 * 86_400)) == nil)
        #expect(memory.answer(for: try #require(Slug("other")), at: now) == nil)
        // The clock was set back: an answer from the future is still the last one.
        #expect(memory.answer(for: slug, at: now.advanced(bySeconds: -86_400)) == answer)
    }

    @Test func theLastAnswerCounts() throws {
        try memory.remember(true, for: slug, at: now)
        try memory.remember(false, for: slug, at: now)
        #expect(memory.answer(for: slug, at: now) == false)
    }

    @Test(arguments: [
        "", "yes", "yes \n", "maybe 1769832306\n", "yes now\n", "1769832306 yes\n", "yes 1769832306 more\n", "yes -1\n",
        "yes -9223372036854775808\n", "\0\0\0\0", "v2 yes 1769832306\n", "v1 v1 yes 1769832306\n",
    ])
    func aBrokenFileIsNoAnswer(_ text: String) throws {
        try memory.remember(true, for: slug, at: now)
        try RecordFile.replace("\(memory.directory)/\(slug)", with: Array(text.utf8), durability: .process)
        #expect(memory.answer(for: slug, at: now) == nil)
    }

    @Test(arguments: ["v1 no 1769832306\n", "no 1769832306\n"])
    func whatEarlierReleasesWroteIsRead(_ text: String) throws {
        try memory.remember(true, for: slug, at: now)
        try RecordFile.replace("\(memory.directory)/\(slug)", with: Array(text.utf8), durability: .process)
        #expect(memory.answer(for: slug, at: now) == false)
    }

    /// A wrapper reads the answer for a slug that it knows, and cannot list the others.
    @Test func isReadableByThoseWhoKnowTheSlug() throws {
        let previous = umask(0o022)
        defer { umask(previous) }
        try memory.remember(true, for: slug, at: now)
        var status = stat()
        #expect(stat(memory.directory, &status) == 0 && status.st_mode & 0o777 == 0o711)
        #expect(stat("\(memory.directory)/\(slug)", &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    /// A slug may end in anything, so no temporary file may have the name of another's memory.
    @Test func aSlugThatEndsInNewIsItself() throws {
        let other = try #require(Slug("nightly.new"))
        try memory.remember(true, for: other, at: now)
        try memory.remember(false, for: slug, at: now)
        #expect(memory.answer(for: other, at: now) == true)
        #expect(memory.answer(for: slug, at: now) == false)
    }
}
