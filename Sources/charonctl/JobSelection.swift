import ArgumentParser
import CharonCore

/// Single jobs, or all of them.
struct JobSelection: ParsableArguments {
    @Argument(help: "The jobs, as 'charonctl jobs' names them: \(Slug.rule).")
    var slugs: [Slug] = []

    @Flag(help: "All jobs together, also those that are added later.")
    var all = false

    func validate() throws {
        if slugs.isEmpty, !all { throw ValidationError("Name jobs, or say --all.") }
        if !slugs.isEmpty, all { throw ValidationError("Name jobs or say --all, not both.") }
    }

    /// Has `body` done for each job, or once with nil for all, and returns the exit status.
    ///
    /// A job that the daemon does not take is complained of, and the others go on.
    func forEach(_ body: (Slug?) throws(CharonError) -> Void) throws(CharonError) -> Int32 {
        guard !all else {
            try body(nil)
            return 0
        }
        var status: Int32 = 0
        for slug in slugs {
            do throws(CharonError) {
                try body(slug)
            } catch {
                guard error.code == .control || error.code == .permission else { throw error }
                Console.error("charonctl: \(slug): \(error)")
                status = 1
            }
        }
        return status
    }
}
