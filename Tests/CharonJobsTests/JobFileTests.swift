import CharonCore
import CharonJobs
import CharonSchedule
import Testing

/// What an operator reads of a job file's mistakes, and what becomes of the other jobs.
@Suite struct JobFileTests {
    private func job(_ name: String, _ more: String = "") -> String {
        "  \(name):\n    user: root\n    command: [true]\n" + (more.isEmpty ? "" : "    \(more)\n")
    }

    @Test(arguments: ["", "# none\n", "jobs:\n", "jobs: {}\n", "{}"])
    func aFileMayHaveNoJobs(_ text: String) {
        let loaded = JobReading.load(text)
        #expect(loaded.jobs.isEmpty && loaded.problems.isEmpty)
    }

    @Test func aJobHasTheDefaultsOfItsKeys() throws {
        let job = try JobReading.job("jobs: {nightly-import: {user: www-data, command: /usr/bin/import --all}}")
        #expect(job.slug.text == "nightly-import")
        #expect(job.source.description == "f:1:8")
        #expect(job.command == .shell("/usr/bin/import --all"))
        #expect(job.command.arguments == ["/bin/sh", "-c", "/usr/bin/import --all"])
        #expect(job.user == "www-data")
        #expect(job.schedules.isEmpty && job.timezone == nil && job.group == nil && job.cronID == nil)
        #expect(job.environment.isEmpty && job.isEnabled)
        #expect(job.options == JobOptions())
        #expect(job.options.overlap == .skip)
        #expect(job.options.stopGrace == .seconds(10))
        #expect(job.options.umask == 0o022)
        #expect(job.options.catchUp.missed == .none)
        #expect(job.options.retries.count == 0)
    }

    @Test func wordsStayAsTheyAreWritten() throws {
        let job = try JobReading.job(with: "directory: /\n    environment: {A: 010, B: yes, C: \"\", D: 1.50}")
            .environment
        #expect(job.map(\.value) == ["010", "yes", "", "1.50"])
        let words = try JobReading.job("jobs: {a: {user: 0, command: [run, 1, true, \"\", \"~\", 0x10]}}").command
        #expect(words == .words(["run", "1", "true", "", "~", "0x10"]))
    }

    @Test(arguments: [
        ("jobs: [a]", "f:1:7: \"jobs\" must be a mapping (\"key: value\" lines), not a list"),
        ("jobs: {a: x}", "f:1:11: the job \"a\" must be a mapping (\"key: value\" lines), not a single value"),
        ("job: {}", "f:1:1: unknown key \"job\" in a job file: did you mean \"jobs\"?"),
        ("nightly: {command: x}", "f:1:1: unknown key \"nightly\" in a job file: allowed are jobs"),
        (
            "jobs: {a b: {user: root, command: x}}",
            "f:1:8: the name of a job is its cron's slug: a slug is 1 to 100 of A-Z a-z 0-9 . _ - and begins with a "
                + "letter or digit"
        ),
        ("jobs: {a: {user: root}}", "f:1:8: the job \"a\" has no \"command\": say what is to be run"),
        (
            "jobs: {a: {command: x}}",
            "f:1:8: the job \"a\" has no \"user\": say whose rights it has (user: root, if that is meant)"
        ),
        (
            "jobs: {a: {user: root, comand: x}}",
            """
            f:1:8: the job "a" has no "command": say what is to be run
            f:1:24: unknown key "comand" in the job "a": did you mean "command"?
            """
        ),
        ("jobs: {a: {user: , command: x}}", "f:1:18: \"user\" must be a single value: it is empty"),
        (
            "jobs: {a: {user: root, command: []}}",
            "f:1:33: \"command\" must begin with a program: it is a list of words, as in [/usr/bin/true, --quiet], or a "
                + "text for /bin/sh -c"
        ),
        (
            "jobs: {a: {user: root, command: [x, ~]}}",
            "f:1:37: a word of \"command\" must be a single value: it is empty: quote it"
        ),
        (
            "jobs: {a: {user: root, command: [x, [y]]}}",
            "f:1:37: a word of \"command\" must be a single value: it is a list"
        ),
        (
            "jobs: {a: {user: root, command: ' '}}",
            "f:1:33: \"command\" must be a list of words, as in [/usr/bin/true, --quiet], or a text for /bin/sh -c: it "
                + "is empty"
        ),
        (
            "jobs: {a: {user: root, command: x, environment: {CHARON_SLUG: b}}}",
            "f:1:50: \"CHARON_SLUG\" is set by charond itself: leave it out"
        ),
        (
            "jobs: {a: {user: root, command: x, environment: {A: }}}",
            "f:1:53: the value of \"A\" must be a single value: it is empty: write \"\""
        ),
        ("jobs: {a: {user: root, command: x, redact: []}}", "f:1:44: \"redact\" is an empty list: leave it out"),
        (
            "jobs: {a: {user: root, command: x, overlap: wait}}",
            "f:1:45: \"overlap\" must be one of skip, queue, allow"
        ),
        (
            "jobs: {a: {user: root, command: x, retries: {cont: 1}}}",
            "f:1:46: unknown key \"cont\" in \"retries\": did you mean \"count\"?"
        ),
        (
            "jobs: {a: {user: root, command: x, user: root}}",
            "f:1:12: the key \"user\" appears more than once: keep one"
        ),
        (
            "jobs:\n\ta: 1",
            "f:2:1: invalid YAML: while scanning for the next token that begins in line 2, found character that cannot start any token"
        ),
    ])
    func isSaid(_ text: String, _ expected: String) {
        #expect(JobReading.problems(text) == expected)
        #expect(JobReading.load(text).jobs.isEmpty)
    }

    /// The likeliest mistake of all with cron expressions in YAML.
    @Test(arguments: [
        ("schedule: */5 * * * *", "*", "* …"), ("schedule: * * * * *", "*", "* …"), ("schedule: @daily", "@", "@daily"),
    ])
    func aValueThatYAMLTakesForSomethingElse(_ line: String, _ mark: String, _ example: String) {
        let problems = JobReading.problems("jobs:\n" + job("a", line))
        #expect(problems.hasPrefix("f:5:"), "\(problems)")
        #expect(problems.hasSuffix(": quote a value that begins with \(mark), as in \"\(example)\""), "\(problems)")
    }

    @Test func aBadJobIsRefusedAlone() {
        let loaded = JobReading.load("jobs:\n" + job("a") + job("b", "timout: 1m") + job("c", "umask: 9") + job("d"))
        #expect(loaded.jobs.map(\.slug.text) == ["a", "d"])
        #expect(loaded.problems.map(\.line) == [8, 12])
        #expect(loaded.problems.map(\.code) == [.unknownKey, .value])
        #expect(loaded.job("a") != nil && loaded.job("b") == nil && loaded.job("d")?.source.line == 13)
    }

    /// Both places are named, the first job stands, and no line moves.
    @Test func aSlugThatIsThereTwice() {
        let loaded = JobReading.load(
            "jobs:\n" + job("a") + job("b", "nice: 1") + job("b", "nice: 2") + job("c", "x: 1"))
        #expect(loaded.jobs.map(\.slug.text) == ["a", "b"])
        #expect(loaded.job("b")?.options.nice == 1)
        #expect(
            loaded.problems.map(\.description) == [
                "f:9:3: the job \"b\" is defined already at f:5: keep one",
                "f:16:5: unknown key \"x\" in the job \"c\": allowed are \(KeyTable.job.flatMap(\.keys).map(\.name).joined(separator: ", "))",
            ])
    }

    @Test func aKeyThatIsThereTwiceRefusesItsJobAlone() {
        let loaded = JobReading.load(
            "jobs:\n" + job("a", "\"user\": daemon # again\n    # a comment\n\n    nice: 3") + job("b", "nice: 2")
                + job("c", "nice : 1\n    nice:\n    - 2"))
        #expect(loaded.jobs.map(\.slug.text) == ["b"])
        #expect(
            loaded.problems.map(\.description) == [
                "f:5:5: the key \"user\" appears more than once: keep one (the first is in line 3)",
                "f:17:5: the key \"nice\" appears more than once: keep one (the first is in line 16)",
            ])
    }

    @Test func defaultsCountWhereAJobSaysNothing() throws {
        var settings = Settings()
        settings = try Settings.parse(
            text: """
                defaults:
                  user: www-data
                  timezone: Europe/Paris
                  timeout: 1h
                  environment: {A: "1", B: "2"}
                  environment_files: /etc/shop.env
                """, file: "charon.yaml")
        let own = try JobReading.job("jobs: {a: {command: x, timeout: 5m, environment: {B: \"3\", C: \"4\"}}}") {
            $0.defaults = settings.defaults
        }
        #expect(own.user == "www-data" && own.timezone == "Europe/Paris")
        #expect(own.options.timeout == TimeSpan("5m"))
        #expect(own.environment == [.init("A", "1"), .init("B", "3"), .init("C", "4")])
        #expect(own.options.environmentFiles.map(\.path) == ["/etc/shop.env"])
    }

    @Test(arguments: ["schedule: \"@daily\"", "command: x", "cron_id: \"1\"", "timout: 1m"])
    func defaultsTakeWhatJobsCanHaveInCommon(_ line: String) {
        #expect(throws: SettingsError.self) { try Settings.parse(text: "defaults: {\(line)}", file: "f") }
    }

    @Test func aPrivateDaemonsJobsAreItsUsers() throws {
        let job = try JobReading.job("jobs: {a: {command: x}}") { $0.requiresUser = false }
        #expect(job.user == nil)
    }

    @Test func aZoneThatIsNotThereIsAMistake() {
        let end = "there is no time zone Europe/Pari in \(ZoneStore().directory); did you mean Europe/Paris?"
        #expect(
            JobReading.problems("jobs: {a: {user: root, command: x, timezone: Europe/Pari}}")
                == "f:1:46: \"timezone\": \(end)")
        #expect(
            JobReading.problems("jobs: {a: {user: root, command: x, schedule: CRON_TZ=Europe/Pari @daily}}")
                == "f:1:46: \"schedule\": \(end)")
        #expect(
            JobReading.problems("jobs: {a: {user: root, command: x, timezone: UTC, schedule: TZ=Europe/Paris @daily}}")
                == "f:1:46: \"timezone\" and the zone in \"schedule\" differ: keep one")
    }

    /// The column of a schedule's mistake is the file's.
    @Test(arguments: [("15 25 * * *", 49), ("\"15 25 * * *\"", 50), ("'15 25 * * *'", 50), ("[60 5 * * *]", 47)])
    func aScheduleIsWrongAtItsColumn(_ value: String, _ column: Int) {
        let problem = JobReading.load("jobs: {a: {user: root, command: x, schedule: \(value)}}").problems.first
        #expect(problem?.column == column)
        #expect(problem?.code == .schedule)
    }

    @Test func whatIsRandomDependsOnHostAndSlug() throws {
        func minutes(_ host: String) -> [Schedule] {
            JobReading.load("jobs:\n" + (0..<20).map { job("j\($0)", "schedule: H H * * *") }.joined()) {
                $0.host = host
            }
            .jobs.flatMap(\.schedules)
        }
        #expect(minutes("one") == minutes("one"))
        #expect(minutes("one") != minutes("two"))
        #expect(Set(minutes("one").map(\.description)).count > 15)
    }
}

/// Files made to take all memory or time.
@Suite(.timeLimit(.minutes(1))) struct HostileJobFileTests {
    @Test func aliasesAreNotTaken() {
        var bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<30 {
            bomb += "b\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        bomb += "? *a29\n: 1\n"
        #expect(
            JobReading.problems(bomb) == "f:2:10: anchors and aliases (&a0, *a0) are not taken in job files: write it "
                + "out; \"defaults\" in charon.yaml holds what jobs have in common")
    }

    @Test(arguments: [
        "a: &x 1\nb: *x", "a: [&x 1,*x]", "{a: &x 1, \"b\":*x}", "- &x 1\n- *x", "&x a: 1\n*x : 2",
        "a: &x 1\u{2028}b: *x", "a: !!str &x 1\nb: !!str *x",
    ])
    func everyFormOfAnAliasIsFound(_ text: String) {
        #expect(JobReading.problems(text).contains("anchors and aliases (&x, *x) are not taken"))
    }

    @Test func aCommandMayLookSimilar() throws {
        let job = try JobReading.job(with: "environment: {A: \"x 2>&1; ls *1 && rm *x & y\"}")
        #expect(job.environment.first?.value == "x 2>&1; ls *1 && rm *x & y")
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func deepNestingIsRefused(_ level: String) {
        let problems = JobReading.problems("jobs: \n " + String(repeating: level, count: 200_000))
        #expect(problems.contains("invalid YAML"), "\(problems.prefix(200))")
    }

    @Test func manyDuplicatesEnd() {
        let loaded = JobReading.load("jobs:\n" + (0..<500).map { _ in "  a: {user: root, command: x}\n" }.joined())
        #expect(loaded.problems.count <= 21)
    }

    @Test func aLongListIsNoMemory() {
        let list = Array(repeating: "x*y", count: 100_000).joined(separator: ",")
        #expect(
            JobReading.problems("jobs: {a: {user: root, command: x, redact: [\(list)]}}")
                == "f:1:44: \"redact\" must have at most 100 elements")
    }

    /// Whatever becomes of a file's bytes, each of its jobs is loaded or a problem says why not.
    @Test func brokenFilesAreProblemsOrJobs() {
        let text =
            "jobs:\n"
            + KeyCase.job.filter { $0.path.count == 1 }.map { example in
                "  \(example.key.name.filter { $0 != "_" }):\n    user: root\n    command: x\n".replacing(
                    example.key.name == "user" ? "user: root" : example.key.name == "command" ? "command: x" : "\0",
                    with: "nice: 1") + "    \(example.key.name): \(example.key.good)\n"
            }.joined()
        let whole = Array(text.utf8)
        #expect(JobReading.load(text).jobs.count == KeyCase.job.count { $0.path.count == 1 })
        var random: UInt64 = 42
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0...next(3) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = Array("\n :-[]{}\"'*&#|>%@\t,?0x".utf8)[next(22)]
                case 1: bytes.remove(at: next(bytes.count))
                default: bytes.removeSubrange(next(bytes.count)..<bytes.count)
                }
                if bytes.isEmpty { bytes = whole }
            }
            let loaded = JobReading.load(String(decoding: bytes, as: UTF8.self))
            #expect(loaded.problems.allSatisfy { $0.line ?? 1 >= 1 && !$0.message.isEmpty })
        }
    }
}
