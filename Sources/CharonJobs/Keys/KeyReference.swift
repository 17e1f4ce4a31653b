/// The reference of all keys, in Markdown, made from the tables that also decode them.
package enum KeyReference {
    /// The whole document.
    package static let markdown: String = {
        var text = """
            # Job files

            What `charon.yaml` and the job files may say. This page is made from the table that decodes them.

            ## Overview

            A job file is a file of `/etc/charon/jobs.d` whose name ends in `.yaml`. Files are read in the order of their
            names; hidden ones are not. Each holds jobs by their slugs:

            ```yaml
            jobs:
              shop-orders:
                schedule: "*/5 * * * *"
                user: www-data
                command: [/usr/bin/php, /srv/shop/cron/orders.php]
            ```

            Files and directories belong to root or to the daemon's user, and nobody else may write them. A job with a
            mistake is refused alone; of two with the same slug the first stands. Anchors and aliases are not taken:
            `defaults` in `charon.yaml` holds what jobs have in common.

            A time is a number of seconds, or numbers with units (ms, s, m or min, h, d, w), as in `90s` or `1h30m`; a size
            is a number of bytes, or one with a unit (K, M, G, T, or KiB, MiB, GiB, TiB).

            `charonctl check` names every mistake with file, line and column; `charonctl schema` prints the JSON Schema
            for editors.

            """
        for part in KeyTable.job {
            text += "\n## \(part.heading)\n"
            for key in part.keys { append(key, to: &text, under: "") }
        }
        text += """

            ## charon.yaml

            The keys of the daemon's own configuration, `/etc/charon/charon.yaml`.

            """
        for key in KeyTable.settings { append(key, to: &text, under: "") }
        return text
    }()

    /// What the reference tells of a key and of those within it, as sections; `parent` ends in a dot, if there is one.
    package static func text(of key: KeyDescription, under parent: String = "") -> String {
        var text = ""
        append(key, to: &text, under: parent)
        return text
    }

    private static func append(_ key: KeyDescription, to text: inout String, under parent: String) {
        let name = parent + key.name
        text += "\n### \(name)\n\n\(key.purpose)\n\n"
        let kind = key.name == "schedule" || key.name == "command" || key.name == "cron_id" ? "; not in defaults" : ""
        text += "- Value: \(key.words)\(parent.isEmpty ? kind : "")\n"
        text += "- Default: \(key.fallback)\n"
        text += "- Example: `\(key.name): \(key.good)`\n"
        // The keys of a job are told above already.
        guard name != "defaults" else { return }
        for inner in key.keys { append(inner, to: &text, under: "\(name).") }
    }
}
