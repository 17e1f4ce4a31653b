import ArgumentParser
import CharonCore
import CharonServer

/// `charon-server cron`: registers crons and switches them.
struct CronCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron", abstract: "Register crons and switch them on and off.",
        subcommands: [Add.self, On.self, Off.self, List.self])

    /// `cron add SLUG`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Register a cron and print its id.")

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "Its slug: \(Slug.rule).") var slug: Slug
        @Option(help: "A name for people.") var name: String?
        @Flag(help: "Register it switched off.") var off = false

        func run() throws {
            print(try database.open(create: true).addCron(slug, name: name, active: !off).id)
        }
    }

    /// `cron on SLUG`.
    struct On: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Switch a cron on.")

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "Its slug.") var slug: Slug

        func run() throws { try database.open(create: false).setCron(slug, active: true) }
    }

    /// `cron off SLUG`.
    struct Off: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Switch a cron off.")

        @OptionGroup var database: DatabaseOptions
        @Argument(help: "Its slug.") var slug: Slug

        func run() throws { try database.open(create: false).setCron(slug, active: false) }
    }

    /// `cron list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the crons: id, on or off, slug, name.")

        @OptionGroup var database: DatabaseOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() throws {
            let crons = try database.open(create: false).crons()
            guard !json else { return print(JSON.array(crons.map(\.json))) }
            for cron in crons {
                print(cron.id, cron.active ? "on" : "off", cron.slug, cron.name ?? "", separator: "\t")
            }
        }
    }
}

extension Slug: ExpressibleByArgument {
    /// Nil for what is no slug.
    package init?(argument: String) { self.init(argument) }
}
