import CharonControl
import CharonCore
import Glibc
import Testing

/// What charonctl asks the daemon to do with jobs and runs, what it says of the answers, and its exit status.
@Suite(.serialized)
struct CharonctlOrdersTests {
    private static let run = "20261122T190000123-0123456789ab"

    /// A daemon with one run, which ends as `ended` says.
    private static func oneRun(_ ended: JSON?) -> @Sendable (String, JSON) -> [VarlinkReply] {
        { method, parameters in
            switch method {
            case "Start": [VarlinkReply(["run": .string(run), "state": "run", "execution": "12"])]
            case "Stop": [VarlinkReply()]
            case "GetRun": [VarlinkReply(["run": .string(run), "slug": "job", "running": false, "ended": ended])]
            default:
                [
                    VarlinkReply([
                        "slug": "job", "next": 9, "more": false, "ended": true, "kept": true,
                        "outcome": ended?["outcome"],
                        "lines": [
                            [
                                "offset": 0, "at": "2026-11-22T05:00:00.000000000Z", "stream": "stdout",
                                "level": "info", "text": "hello",
                            ]
                        ],
                    ])
                ]
            }
        }
    }

    /// How a run ended, the exit status that stands for it, and what is said of it.
    private static let ends: [(JSON?, Int32, String?)] = [
        (["outcome": ["kind": "exited", "code": 3], "exit_code": 3], 3, "exit 3"),
        (["outcome": ["kind": "killed", "signal": 9], "exit_code": 137], 137, "signal 9"),
        (["outcome": ["kind": "lost"]], 125, "lost"), (nil, 125, nil), (["exit_code": 4711], 125, nil),
    ]

    @Test(arguments: ends)
    func startCanFollowTheRunAndExitAsItDoes(ended: JSON?, status: Int32, words: String?) async throws {
        try await ScriptedDaemon.with(Self.oneRun(ended)) { site, daemon in
            let followed = try await site.control("start", "job", "--follow")
            #expect(followed.exitCode == status && followed.error == "", "\(followed)")
            var expected = "\(Self.run)\n2026-11-22T05:00:00.000Z info    hello\n"
            if let words { expected += "==> job \(Self.run): \(words)\n" }
            #expect(followed.output == expected)
            #expect(daemon.seen.first == #"Start {"slug":"job"}"#)
        }
    }

    @Test func startPrintsTheRunOrWhyThereIsNone() async throws {
        try await ScriptedDaemon.with(Self.oneRun(nil)) { site, daemon in
            let started = try await site.control("start", "job", "--ungated")
            #expect(started.exitCode == 0 && started.output == "\(Self.run)\n" && started.error == "")
            #expect(daemon.seen == [#"Start {"slug":"job","ungated":true}"#])
        }
        for (reason, words) in [
            ("off", "Charon has switched it off"), ("overlap", "'charonctl runs job' names it"),
            ("not-registered", "Charon does not know it"), ("unreachable", "'charonctl status'"),
            ("its host is gone", "not started: its host is gone"),
        ] {
            try await ScriptedDaemon.with({ _, _ in [VarlinkReply(["state": "skip", "reason": .string(reason)])] }) {
                site, _ in
                for words in [["start", "job"], ["start", "job", "--follow"], ["start", "job", "--json"]] {
                    let skipped = try await site.control(words)
                    #expect(skipped.exitCode == 3 && skipped.output.isEmpty == !words.contains("--json"), "\(skipped)")
                }
                let skipped = try await site.control("start", "job")
                #expect(skipped.error.contains("job was not started: ") && skipped.error.contains(words), "\(skipped)")
            }
        }
    }

    @Test func stopWaitsForTheEnd() async throws {
        let ended: JSON = ["outcome": ["kind": "stopped", "by": "uid 0", "signal": 15], "exit_code": 143]
        try await ScriptedDaemon.with(Self.oneRun(ended)) { site, daemon in
            let stopped = try await site.control("stop", Self.run)
            #expect(stopped.exitCode == 0 && stopped.output == "\(Self.run): stopped\n", "\(stopped)")
            #expect(daemon.seen == [#"Stop {"run":"\#(Self.run)"}"#, #"GetRun {"run":"\#(Self.run)"}"#])
            let told = try await site.control("stop", Self.run, "--no-wait")
            #expect(told.exitCode == 0 && told.output == "\(Self.run): told to stop\n" && daemon.seen.count == 3)
            #expect(try await site.control("stop", Self.run, "--json").json()["ended"] == ended)
        }
        try await ScriptedDaemon.with({ _, _ in [.notRunning("it ended at 2026-11-22T05:00:04Z")] }) { site, _ in
            let late = try await site.control("stop", Self.run)
            #expect(late.exitCode == 1 && late.output == "")
            #expect(late.error == "charonctl: the run does not run: it ended at 2026-11-22T05:00:04Z\n")
            #expect(try await site.control("stop", "job").exitCode == EX_USAGE)
        }
    }

    @Test func pauseNamesTheTimeAndHowItEnds() async throws {
        let script: @Sendable (String, JSON) -> [VarlinkReply] = { _, parameters in
            [parameters["slug"] == "other" ? .noSuchJob("other") : VarlinkReply(["jobs": 12])]
        }
        try await ScriptedDaemon.with(script) { site, daemon in
            let words = ["pause", "job", "--until", "2200-01-31T06:00:00+01:00", "--reason", "a move"]
            let paused = try await site.control(words, environment: ["TZ": "Europe/Riga"])
            #expect(
                paused.exitCode == 0 && paused.output == "job: paused until 2200-01-31T07:00:00+02:00\n", "\(paused)")
            #expect(
                daemon.seen == [
                    #"Pause {"slug":"job","until":"2200-01-31T05:00:00.000000000Z","reason":"a move"}"#
                ])
            let all = try await site.control("pause", "--all")
            #expect(all.output == "all jobs (12): paused until 'charonctl resume --all'\n")
            #expect(daemon.seen.last == "Pause {}")
            // The others are paused nevertheless.
            let some = try await site.control("pause", "other", "job")
            #expect(some.exitCode == 1 && some.output == "job: paused until 'charonctl resume job'\n")
            #expect(some.error.hasPrefix("charonctl: other: there is no such job"), "\(some.error)")
            #expect(try await site.control("pause", "job", "--json").json() == ["jobs": 12])
            let count = daemon.seen.count
            for (words, text) in [
                (["pause"], "--all"), (["pause", "job", "--all"], "not both"), (["resume"], "--all"),
                (["pause", "job", "--until", "2020-01-01"], "is over"), (["pause", "job", "--until", "x"], "2h"),
                (["pause", "../x"], "a slug is"), (["drain", "--timeout", "soon"], "a time is"),
            ] {
                let wrong = try await site.control(words)
                #expect(wrong.exitCode == EX_USAGE && wrong.error.contains(text), "\(words): \(wrong.error)")
            }
            #expect(daemon.seen.count == count)
        }
    }

    @Test func resumeSaysWhatStaysPaused() async throws {
        let script: @Sendable (String, JSON) -> [VarlinkReply] = { method, _ in
            switch method {
            case "Jobs":
                [
                    VarlinkReply([
                        "jobs": [], "more": false, "draining": true,
                        "paused": ["since": "2026-11-22T18:00:00Z", "uid": 0],
                    ])
                ]
            case "GetStatus": [VarlinkReply(["paused_jobs": 2])]
            default: [VarlinkReply(["jobs": 10])]
            }
        }
        try await ScriptedDaemon.with(script) { site, daemon in
            let one = try await site.control("resume", "job")
            #expect(one.exitCode == 0 && one.output == "job: resumed\n")
            #expect(one.error.contains("all jobs are still paused (since") && one.error.contains("draining: "))
            let all = try await site.control("resume", "--all")
            #expect(all.exitCode == 0 && all.output == "all jobs (10): resumed\n")
            #expect(all.error.contains("2 jobs are still paused by themselves"), "\(all.error)")
            #expect(daemon.seen.filter { $0.hasPrefix("Resume") } == [#"Resume {"slug":"job"}"#, "Resume {}"])
        }
    }

    @Test func reloadTellsWhatChangedAndWhatIsWrong() async throws {
        let bad: JSON = [
            "jobs": 12, "added": ["a"], "changed": ["b"], "removed": ["c"], "kept": ["d"],
            "problems": ["/etc/x.yaml:1:2: bad \u{1B}[2J"], "notices": ["/etc/x.yaml:9:9: left out"], "more": false,
        ]
        try await ScriptedDaemon.with({ _, _ in [VarlinkReply(bad)] }) { site, _ in
            let told = try await site.control("reload")
            #expect(told.exitCode == 78)
            #expect(
                told.output == """
                    added a
                    changed b
                    removed c
                    kept d: its new definition is refused, and the last good one stays
                    /etc/x.yaml:9:9: left out
                    12 jobs

                    """)
            #expect(told.error.hasPrefix("/etc/x.yaml:1:2: bad \\u{1b}[2J\ncharonctl: 1 problem: "), "\(told.error)")
            let json = try await site.control("reload", "--json")
            #expect(try json.json() == bad && json.exitCode == 78 && json.error == "")
        }
        let good: JSON = [
            "jobs": 1, "added": [], "changed": [], "removed": [], "kept": [], "problems": [], "notices": [],
            "more": false,
        ]
        try await ScriptedDaemon.with({ _, _ in [VarlinkReply(good)] }) { site, _ in
            let told = try await site.control("reload")
            #expect(told.exitCode == 0 && told.output == "1 job, none changed\n" && told.error == "")
        }
    }

    @Test func drainWaitsUntilNothingRuns() async throws {
        func reply(_ running: Int64, _ waiting: Int64, continues: Bool) -> VarlinkReply {
            VarlinkReply(["running": .integer(running), "waiting": .integer(waiting)], continues: continues)
        }
        let replies = [
            reply(2, 1, continues: true), reply(2, 1, continues: true), reply(1, 0, continues: true),
            reply(0, 0, continues: false),
        ]
        try await ScriptedDaemon.with({ _, _ in replies }) { site, daemon in
            let drained = try await site.control("drain")
            #expect(drained.exitCode == 0 && daemon.seen == ["Drain {} more"])
            #expect(drained.output.hasPrefix("nothing runs; ") && drained.output.contains("charonctl resume --all"))
            #expect(
                drained.error == "charonctl: 2 runs under way, 1 waiting to begin\ncharonctl: 1 run under way\n")
            let json = try await site.control("drain", "--json")
            #expect(json.output.split(separator: "\n").count == 4 && json.exitCode == 0 && json.error == "")
        }
        try await ScriptedDaemon.with({ _, _ in Array(replies.prefix(3)) }) { site, _ in
            let late = try await site.control("drain", "--timeout", "0")
            #expect(late.exitCode == 1 && late.output == "")
            #expect(
                late.error.contains("2 runs under way, 1 waiting to begin still") && late.error.contains("resume --all")
            )
        }
    }
}
