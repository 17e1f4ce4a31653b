import ArgumentParser
import CharonControl
import CharonCore

/// How much of a long list is asked for.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many runs, 1 to \(ControlInterface.mostRuns).", valueName: "n"))
    var limit: Int64?

    func validate() throws {
        guard limit.map({ (1...Int64(ControlInterface.mostRuns)).contains($0) }) ?? true else {
            throw ValidationError("--limit is 1 to \(ControlInterface.mostRuns).")
        }
    }
}

extension Slug: ExpressibleByArgument {
    /// Nil for what is no slug.
    package init?(argument: String) { self.init(argument) }
}

extension RunID: ExpressibleByArgument {
    /// Nil for what is no run id.
    package init?(argument: String) { self.init(argument) }
}
