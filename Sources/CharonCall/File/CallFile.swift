import CharonAPI
import CharonCore
import CharonJobs

/// A call file: what to send, what the answers mean, what to print.
package struct CallFile: Sendable {
    var baseURL: Template?
    var caFile: String?
    var allowsPlainHTTP = false
    var timeout = TimeSpan.seconds(30)
    var deadline = TimeSpan.seconds(3600)
    var variables: [Variable] = []
    var auth: Auth?
    /// Headers of answers that are worth a line.
    var loggedHeaders: [String] = []
    var serverDryRun: ServerDryRun?
    /// The only step, where the file has no `steps`.
    var single = Step()
    var steps: [Step] = []

    init() {}

    /// How an API is asked to check a request without doing it.
    struct ServerDryRun: Sendable {
        var header: Late<String>?
        var value: Template?
    }
}

/// One request of a file, with what becomes of its answer.
struct Step: Sendable {
    var name = ""
    var request: RequestTemplate?
    var expect = Expect()
    var wait: Wait?
    var values: [PointedValue] = []
    var retry = Retry()
    var output: [Template] = []
    var save: Save?

    init() {}

    /// A name for what stands at a place of an answer.
    struct PointedValue: Sendable {
        let name: String
        let pointer: Late<JSONPointer>
        let position: Position?
    }

    /// Where the body of the last answer goes.
    struct Save: Sendable {
        var file: Template?
        var mode: UInt32 = 0o640
    }
}

/// Which answers are success, and which are answers of their own.
struct Expect: Sendable {
    var success: [ClosedRange<Int>] = [200...299]
    var answers: [(status: Int, meaning: String)] = []
    var json: BodyFailure?

    /// A success whose body says that it is none.
    struct BodyFailure: Sendable {
        var pointer: Late<JSONPointer>?
        var failed: [String] = []
    }

    /// Whether a status is success.
    func isSuccess(_ status: Int) -> Bool { success.contains { $0.contains(status) } }

    /// What a status means that is an answer of its own; nil if it is none.
    func meaning(of status: Int) -> String? { answers.first { $0.status == status }?.meaning }
}

/// How to wait for what the first answer has only begun.
struct Wait: Sendable {
    var request: RequestTemplate?
    var until = Until()
    /// Statuses of the first answer that are to be waited for; nil for all.
    var when: [ClosedRange<Int>]?
    var interval = TimeSpan.seconds(5)
    var backoff = 1.0
    var longestInterval = TimeSpan.seconds(60)
    /// Nil for the deadline of the call.
    var deadline: TimeSpan?
    var progress: Template?
    var values: [Step.PointedValue] = []

    /// What tells that the waiting is over.
    struct Until: Sendable {
        var pointer: Late<JSONPointer>?
        var done: [String] = []
        var failed: [String] = []
        /// Nil if all is pending that is not named.
        var pending: [String]?
        var status: Statuses?
    }

    /// The same by the status of the answer.
    struct Statuses: Sendable {
        var done: [ClosedRange<Int>] = []
        var failed: [ClosedRange<Int>] = []
        var pending: [ClosedRange<Int>]?
    }
}
