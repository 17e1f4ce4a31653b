package import CharonAPI
package import CharonCore
package import CharonJobs

/// A call file: what to send, what the answers mean, what to print.
package struct CallFile: Sendable {
    package var baseURL: Template?
    package var caFile: String?
    package var allowsPlainHTTP = false
    package var timeout = TimeSpan.seconds(30)
    package var deadline = TimeSpan.seconds(3600)
    package var variables: [Variable] = []
    package var auth: Auth?
    /// Headers of answers that are worth a line.
    package var loggedHeaders: [String] = []
    package var serverDryRun: ServerDryRun?
    /// The only step, where the file has no `steps`.
    package var single = Step()
    package var steps: [Step] = []

    package init() {}

    /// How an API is asked to check a request without doing it.
    package struct ServerDryRun: Sendable {
        package var header: Late<String>?
        package var value: Template?
    }
}

/// One request of a file, with what becomes of its answer.
package struct Step: Sendable {
    package var name = ""
    package var request: RequestTemplate?
    package var expect = Expect()
    package var wait: Wait?
    package var values: [PointedValue] = []
    package var retry = Retry()
    package var output: [Template] = []
    package var save: Save?

    package init() {}

    /// A name for what stands at a place of an answer.
    package struct PointedValue: Sendable {
        package let name: String
        package let pointer: Late<JSONPointer>
        package let position: Position?
    }

    /// Where the body of the last answer goes.
    package struct Save: Sendable {
        package var file: Template?
        package var mode: UInt32 = 0o640
    }
}

/// Which answers are success, and which are answers of their own.
package struct Expect: Sendable {
    package var success: [ClosedRange<Int>] = [200...299]
    package var answers: [(status: Int, meaning: String)] = []
    package var json: BodyFailure?

    /// A success whose body says that it is none.
    package struct BodyFailure: Sendable {
        package var pointer: Late<JSONPointer>?
        package var failed: [String] = []
    }

    /// Whether a status is success.
    package func isSuccess(_ status: Int) -> Bool { success.contains { $0.contains(status) } }

    /// What a status means that is an answer of its own; nil if it is none.
    package func meaning(of status: Int) -> String? { answers.first { $0.status == status }?.meaning }
}

/// How to wait for what the first answer has only begun.
package struct Wait: Sendable {
    package var request: RequestTemplate?
    package var until = Until()
    /// Statuses of the first answer that are to be waited for; nil for all.
    package var when: [ClosedRange<Int>]?
    package var interval = TimeSpan.seconds(5)
    package var backoff = 1.0
    package var longestInterval = TimeSpan.seconds(60)
    /// Nil for the deadline of the call.
    package var deadline: TimeSpan?
    package var progress: Template?
    package var values: [Step.PointedValue] = []

    /// What tells that the waiting is over.
    package struct Until: Sendable {
        package var pointer: Late<JSONPointer>?
        package var done: [String] = []
        package var failed: [String] = []
        /// Nil if all is pending that is not named.
        package var pending: [String]?
        package var status: Statuses?
    }

    /// The same by the status of the answer.
    package struct Statuses: Sendable {
        package var done: [ClosedRange<Int>] = []
        package var failed: [ClosedRange<Int>] = []
        package var pending: [ClosedRange<Int>]?
    }
}
