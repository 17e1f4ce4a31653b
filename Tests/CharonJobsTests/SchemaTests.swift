import CharonCore
import CharonJobs
import Foundation
import Testing
import Yams

/// The JSON Schemas and the reference that are made from the tables of keys.
@Suite struct SchemaTests {
    /// What the schema cannot say: it lets these bad examples pass, and the decoder does not.
    private static let beyond: Set<String> = [
        "schedule", "redact", "success_codes", "limits.memory", "start_deadline", "limits.cpu_time",
        "default_application", "wrapped", "disk_budget.bytes", "disk_budget.free", "delivery.max_bytes",
    ]

    private func complaint(_ text: String, _ schema: JSON) throws -> String? {
        SchemaValidator.complaint(try #require(try Yams.compose(yaml: text)), schema)
    }

    @Test(arguments: KeyCase.job) func aGoodExampleFits(_ example: KeyCase) throws {
        #expect(try complaint(example.file(example.key.good).text, KeyTable.jobFileSchema) == nil)
    }

    @Test(arguments: KeyCase.job) func aBadExampleDoesNot(_ example: KeyCase) throws {
        let text = example.file(example.key.bad.replacing("›", with: "")).text
        let complaint = try complaint(text, KeyTable.jobFileSchema)
        #expect((complaint == nil) == Self.beyond.contains(example.testDescription), "\(complaint ?? "it fits")")
    }

    @Test(arguments: SettingsKeyTests.cases.filter { $0.path.count == 1 }) func settingsFitToo(_ example: KeyCase)
        throws
    {
        #expect(try complaint(example.line(example.key.good).text, KeyTable.settingsSchema) == nil)
        if Self.beyond.contains(example.testDescription) { return }
        #expect(
            try complaint(example.line(example.key.bad.replacing("›", with: "")).text, KeyTable.settingsSchema) != nil)
    }

    @Test func aKeyThatDoesNotExistDoesNotFit() throws {
        #expect(try complaint("jobs: {a: {command: x, comand: x}}", KeyTable.jobFileSchema) != nil)
        #expect(try complaint("jobs: {a: {user: root}}", KeyTable.jobFileSchema) != nil)
        #expect(try complaint("jobs: {a b: {command: x}}", KeyTable.jobFileSchema) != nil)
        #expect(try complaint("stat: /x", KeyTable.settingsSchema) != nil)
    }

    /// The page is made again by `charonctl schema reference`.
    @Test func theReferenceIsNotStale() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appendingPathComponent("Sources/CharonJobs/CharonJobs.docc/Jobs.md")
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(
            written == KeyReference.markdown,
            "make it again: charonctl schema reference > Sources/CharonJobs/CharonJobs.docc/Jobs.md")
        for key in KeyTable.job.flatMap(\.keys) + KeyTable.settings { #expect(written.contains("\n### \(key.name)\n")) }
    }
}
