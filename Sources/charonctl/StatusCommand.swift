import ArgumentParser
import CharonControl
import CharonCore
import Glibc

/// `charonctl status`.
struct StatusCommand: AskingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon and its applications: breaker, backlog, last success, last error.",
        discussion: """
            The breaker of an application is closed while Charon answers. After failures in a row it is open: runs start \
            by their policy, reports wait, and one request after each pause decides whether it closes again. The backlog \
            counts ended runs that Charon has not all of; 'charonctl outbox' lists them. Jobs are those of job files: \
            scheduled ones are enabled and have a schedule; 'charonctl jobs' lists them.

            Exit status: 0 fine; 1 no daemon, or it refused.
            """)

    @Option(help: ArgumentHelp("Show the applications whose names come after this one.", valueName: "name"))
    var after: String?

    @OptionGroup var connection: ConnectionOptions

    func ask(_ daemon: inout DaemonConnection) throws(CharonError) -> Int32 {
        let reply = try daemon.call(.getStatus, ["after": after.map { .string($0) }])
        guard !connection.json else {
            print(reply)
            return 0
        }
        let kind = reply["private"]?.bool == true ? "charond (private)" : "charond"
        let process = reply["pid"]?.integer.map { ", pid \($0)," } ?? ""
        print("\(kind) \(Shown.text(reply["version"]))\(process) at \(daemon.path)")
        print("\(Shown.count(reply["active"]?.integer ?? 0, "run")) under way")
        for line in JobSummary(reply).lines(.standardOutput) { print(line) }
        if let disk = reply["disk"], let line = Self.line(disk) { print(line) }
        let applications = reply["applications"]?.array ?? []
        guard !applications.isEmpty else {
            print(geteuid() == 0 || after != nil ? "no applications" : "the applications are shown to root only")
            return 0
        }
        print("")
        Self.table(applications).print()
        Self.explain(applications)
        if reply["more"]?.bool == true {
            print("\nthere are more: charonctl status --after \(Shown.text(applications.last?["name"]))")
        }
        return 0
    }

    /// What the records take of the disk budget.
    private static func line(_ disk: JSON) -> String? {
        guard let bytes = disk["bytes"]?.integer, let files = disk["files"]?.integer,
            let mostBytes = disk["most_bytes"]?.integer, let mostFiles = disk["most_files"]?.integer
        else { return nil }
        return "records: \(ByteCount(bytes)) of \(ByteCount(mostBytes)), \(files) of \(mostFiles) files"
    }

    private static func table(_ applications: [JSON]) -> Table {
        var table = Table("APPLICATION", "BREAKER", "BACKLOG", "LAST SUCCESS", "LAST ERROR", "URL")
        for application in applications {
            let isClosed = application["breaker"]?.string == "closed"
            table.add(
                "\(Shown.text(application["name"]))",
                Table.Cell(Shown.text(application["breaker"]), isClosed ? .good : .bad),
                "\(Shown.text(application["backlog"]))", "\(Shown.time(application["last_success"]))",
                "\(Shown.time(application["last_error"]?["at"]))", "\(Shown.text(application["url"]))")
        }
        return table
    }

    /// What does not fit into a column: what went wrong last, and until when nothing goes out.
    private static func explain(_ applications: [JSON]) {
        for application in applications {
            var lines: [String] = []
            switch application["breaker"]?.string {
            case "open":
                let until = Shown.time(application["open_until"])
                lines.append("open until \(until); then one request decides whether it closes")
            case "probing": lines.append("the request that decides whether the breaker closes is under way")
            default: break
            }
            if let error = application["last_error"], error != .null {
                lines.append("last error: \(Shown.text(error["text"]))")
            }
            guard !lines.isEmpty else { continue }
            print("\n\(Shown.text(application["name"])):")
            for line in lines { print("  \(line)") }
        }
    }
}
