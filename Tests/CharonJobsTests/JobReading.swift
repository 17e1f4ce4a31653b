import CharonCore
import CharonJobs
import Testing

/// What tests of job files have in common.
enum JobReading {
    static func load(_ text: String, _ change: (inout JobTerms) -> Void = { _ in }) -> LoadedJobs {
        var terms = JobTerms()
        change(&terms)
        return JobLoader(terms).load(text: text, file: "f")
    }

    /// The one job of a text without mistakes.
    static func job(
        _ text: String, _ change: (inout JobTerms) -> Void = { _ in }, at location: SourceLocation = #_sourceLocation
    ) throws -> Job {
        let loaded = load(text, change)
        #expect(loaded.problems.isEmpty, sourceLocation: location)
        return try #require(loaded.jobs.first, sourceLocation: location)
    }

    /// A job of which nothing but `lines` is unusual.
    static func job(
        with lines: String, _ change: (inout JobTerms) -> Void = { _ in },
        at location: SourceLocation = #_sourceLocation
    ) throws -> Job {
        try job("jobs:\n  a:\n    user: root\n    command: [true]\n    \(lines)\n", change, at: location)
    }

    /// What is wrong with a text, a line for each mistake.
    static func problems(_ text: String, _ change: (inout JobTerms) -> Void = { _ in }) -> String {
        load(text, change).problems.map(\.description).joined(separator: "\n")
    }
}

extension LoadedJobs {
    func job(_ slug: String) -> Job? { Slug(slug).flatMap { self[$0] } }
}
