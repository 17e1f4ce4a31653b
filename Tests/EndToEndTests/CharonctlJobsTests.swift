import CharonControl
import CharonCore
import Glibc
import Testing

@testable import charonctl

/// What charonctl makes of the daemon's answers about jobs, and what it asks for.
@Suite(.serialized)
struct CharonctlJobsTests {
    private static let run = "20261122T190000123-0123456789ab"

    private static let nightly: JSON = [
        "slug": "nightly", "source": "/etc/charon/jobs.d/shop.yaml:3", "enabled": true,
        "schedules": ["0 5 * * *", "@reboot"], "user": "www-data", "next": "2026-11-23T05:00:00.000000000Z",
        "running": 1, "queued": true, "retry_at": "2026-11-22T20:00:00.000000000Z",
        "last": [
            "run": .string(run), "at": "2026-11-22T05:00:04.123456789Z", "outcome": ["kind": "exited", "code": 3],
            "success": false,
        ],
    ]

    private static let orders: JSON = [
        "slug": "orders", "source": "/etc/charon/jobs.d/shop.yaml:9", "enabled": false, "schedules": ["*/5 * * * *"],
        "running": 0, "queued": false, "problem": "/etc/charon/jobs.d/shop.yaml:11:5: unknown key",
        "paused": [
            "since": "2026-11-22T18:00:00Z", "until": "2026-11-22T21:00:00Z", "reason": "db \u{1B}[31mmove", "uid": 0,
        ],
        // By its success codes.
        "last": [
            "run": .string(run), "at": "2026-11-22T05:00:04Z", "outcome": ["kind": "exited", "code": 1],
            "success": true,
        ],
    ]

    private static let byHand: JSON = [
        "slug": "by-hand", "source": "/etc/charon/jobs.d/x.yaml:2", "enabled": true, "schedules": [], "running": 0,
        "queued": false,
    ]

    /// Two pages of jobs.
    private static func pages(_ parameters: JSON, pauseOfAll: JSON? = nil) -> [VarlinkReply] {
        parameters["after"] == nil
            ? [
                VarlinkReply([
                    "jobs": [nightly, orders], "more": true, "paused": pauseOfAll, "draining": .bool(pauseOfAll != nil),
                ])
            ] : [VarlinkReply(["jobs": [byHand], "more": false, "draining": false])]
    }

    @Test func allPagesOfJobsAreListed() async throws {
        try await ScriptedDaemon.with({ _, parameters in Self.pages(parameters) }) { site, daemon in
            let list = try await site.control("jobs")
            #expect(list.exitCode == 0 && list.error == "", "\(list)")
            let lines = list.output.split(separator: "\n").map { $0.split(separator: "  ").map { $0.trimmed } }
            #expect(lines.map(\.count) == [5, 5, 5, 5])
            #expect(
                lines[1] == [
                    "nightly", "0 5 * * *; @reboot", "2026-11-23T05:00:00Z",
                    "running, queued, retry at 2026-11-22T20:00:00Z", "exit 3, 2026-11-22T05:00:04Z",
                ])
            #expect(
                lines[2] == [
                    "orders", "*/5 * * * *", "-", "paused until 2026-11-22T21:00:00Z, off, refused",
                    "exit 1, 2026-11-22T05:00:04Z",
                ])
            #expect(lines[3] == ["by-hand", "by hand", "-", "-", "-"])
            #expect(daemon.seen == [#"Jobs {"limit":1000}"#, #"Jobs {"after":"orders","limit":1000}"#])

            let failed = try await site.control("jobs", "--failed").output
            #expect(failed.contains("nightly") && !failed.contains("orders") && !failed.contains("by-hand"))
            let paused = try await site.control("jobs", "--paused").output
            #expect(!paused.contains("nightly") && paused.contains("orders") && !paused.contains("by-hand"))
            #expect(try await site.control("jobs", "--paused", "--failed").output == "no such jobs\n")
            let json = try await site.control("jobs", "--json", "--failed").output.split(separator: "\n")
                .map { try JSON.parse($0.utf8) }
            #expect(json.map { $0["jobs"]?.array } == [[Self.nightly], []] && json[0]["more"] == true, "\(json)")
        }
    }

    @Test func whatHoldsForAllJobsIsSaidFirst() async throws {
        let pause: JSON = ["since": "2026-11-22T18:00:00Z", "reason": "move", "uid": 7]
        try await ScriptedDaemon.with({ _, parameters in Self.pages(parameters, pauseOfAll: pause) }) { site, _ in
            let lines = try await site.control("jobs").output.split(separator: "\n").map(String.init)
            #expect(
                lines[0]
                    == "all jobs are paused: move (since 2026-11-22T18:00:00Z, by uid 7): 'charonctl resume --all' "
                    + "ends that")
            #expect(lines[1].hasPrefix("draining: ") && lines[2].hasPrefix("SLUG "))
            #expect(try await site.control("jobs", "--paused").output.contains("nightly"))
        }
        try await ScriptedDaemon.with({ _, _ in [VarlinkReply(["jobs": [], "more": false, "draining": false])] }) {
            site, _ in
            let none = try await site.control("jobs").output
            #expect(none.hasPrefix("no jobs: job files are in /etc/charon/jobs.d"), "\(none)")
        }
    }

    private static let whole: JSON = [
        "job": orders, "zone": "Europe/Riga", "words": ["every 5 minutes"],
        "next": ["2026-11-23T05:00:00+02:00", "2026-11-23T05:05:00+02:00"], "command": ["sh", "-c", "echo 'a b'"],
        "application": "shop", "directory": "/srv/shop", "timeout_ms": 240_000, "overlap": "skip", "retries": 2,
        "catch_up": "once", "usual_ms": 4200, "charon": ["active": false, "at": "2026-11-22T05:00:00Z"],
        "runs": [
            [
                "run": .string(run), "slug": "orders", "uid": 33, "asked_at": "2026-11-22T05:00:00Z",
                "ended_at": "2026-11-22T05:00:04Z", "running": false, "delivered": true,
                "outcome": ["kind": "killed", "signal": 9], "attempt": 2,
            ]
        ],
    ]

    @Test func aJobIsShownWithItsSwitches() async throws {
        let script: @Sendable (String, JSON) -> [VarlinkReply] = { method, parameters in
            guard method == "GetJob" else { return Self.pages(parameters) }
            return parameters["slug"] == "orders"
                ? [VarlinkReply(Self.whole)] : [.noSuchJob(parameters["slug"]?.string ?? "")]
        }
        try await ScriptedDaemon.with(script) { site, _ in
            let report = try await site.control("job", "orders").output
            for line in [
                "file           /etc/charon/jobs.d/shop.yaml:9",
                "problem        /etc/charon/jobs.d/shop.yaml:11:5: unknown key",
                #"command        sh -c 'echo '\''a b'\'''"#, "timeout        4 min 0 s", "retries        2",
                "usually takes  4.2 s", "when           */5 * * * *: every 5 minutes", "zone           Europe/Riga",
                "next           2026-11-23T05:00:00+02:00", "enabled        no: off in its file",
                #"pause          paused until 2026-11-22T21:00:00Z: db \u{1b}[31mmove (since 2026-11-22T18:00:00Z, "#
                    + "by uid 0)",
                "Charon         off, as it said at 2026-11-22T05:00:00Z; 'charonctl probe orders' asks",
            ] {
                #expect(report.contains("\n  \(line)\n"), "\(line): \(report)")
            }
            #expect(report.contains("  \(Self.run)  signal 9  2 "), "\(report)")
            #expect(!report.contains("\u{1B}"))
            #expect(try await site.control("job", "orders", "--json").json() == Self.whole)
            let none = try await site.control("job", "other")
            #expect(none.exitCode == 1 && none.output == "")
            #expect(none.error.contains("there is no such job: 'charonctl jobs' names"), "\(none.error)")
        }
    }

    @Test func theSwitchesThatAreOnAreShownToo() {
        let style = Style(isColoured: false)
        let report = JobReport(["job": Self.byHand], pauseOfAll: nil, isDraining: false).lines(style)
        #expect(report.contains("  enabled        yes") && report.contains("  pause          no"), "\(report)")
        #expect(report.contains("  Charon         not known here; 'charonctl probe by-hand' asks"), "\(report)")
        #expect(report.contains("  by hand        charonctl start by-hand"), "\(report)")
        let paused = JobReport(
            ["job": Self.byHand], pauseOfAll: ["since": "2026-11-22T18:00:00Z", "uid": 0], isDraining: true
        ).lines(style)
        #expect(paused.contains("  pause of all   paused (since 2026-11-22T18:00:00Z, by uid 0)"), "\(paused)")
        #expect(paused.contains { $0.hasPrefix("  draining       ") } && !paused.contains("  pause          no"))
        // The tone is the colour: what is refused is red, what is paused yellow, what runs green.
        #expect(JobState.cell(Self.orders).tone == .bad && JobState.cell(Self.nightly).tone == .warning)
        #expect(JobState.cell(["running": 2]).tone == .good && JobState.cell(["running": 2]).text == "running (2)")
        #expect(JobState.last(Self.orders).tone == .good && JobState.last(Self.nightly).tone == .bad)
    }

    @Test func statusCountsTheJobs() {
        let style = Style(isColoured: false)
        let status: JSON = [
            "jobs": 12, "scheduled": 10, "paused_jobs": 1, "next": ["slug": "nightly", "at": "2026-11-23T05:00:00Z"],
            "draining": true,
        ]
        #expect(
            JobSummary(status).lines(style) == [
                "jobs: 12 (10 scheduled, 1 paused), next: nightly at 2026-11-23T05:00:00Z", JobSummary.draining,
            ])
        #expect(JobSummary(["jobs": 0]).lines(style) == ["jobs: 0"])
        #expect(JobSummary(["jobs": 1, "scheduled": 0]).lines(style) == ["jobs: 1 (0 scheduled, 0 paused)"])
        #expect(JobSummary([:]).lines(style) == [])
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
