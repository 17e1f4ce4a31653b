import CharonControl
import CharonCore
import Testing

@Suite struct ControlInterfaceTests {
    @Test func theCheckerSeesMistakes() {
        for text in [
            "", "interface a", "interface a.b method", "interface a.b method x() -> ()", "interface a.b method X()",
            "interface a.b method X() -> (a: )", "interface a.b method X() -> (a: int,)",
            "interface a.b method X(a: int b: int) -> ()", "interface a.b method X(a_: int) -> ()",
            "interface a.b method X(a: int, a: int) -> ()", "interface a.b error E", "interface a.b type T (a: text)",
        ] {
            #expect(throws: InterfaceDescription.Invalid.self, "\(text)") { try InterfaceDescription(text) }
        }
    }

    @Test func theControlInterfaceIsDescribed() throws {
        let text = try #require(ControlInterface.description(of: ControlInterface.name))
        let description = try InterfaceDescription(text)
        #expect(description.name == ControlInterface.name)
        #expect(Set(description.methods) == Set(ControlInterface.Method.allCases.map(\.rawValue)))
        #expect(description.used.isSubset(of: description.types))
        for reply in [
            VarlinkReply.permissionDenied(""), .busy(""), .recordFailed(""), .noSuchRun, .noSuchJob(""),
            .notRunning(""),
        ] {
            let name = try #require(reply.error?.split(separator: ".").last)
            #expect(description.errors.contains(String(name)))
        }
    }

    private static let begin: Set = [
        "run", "slug", "argv", "directory", "application", "cron_id", "when_unreachable", "overlap", "success_codes",
        "timeout_ms", "levels", "send_level", "asked_at", "credentials",
    ]

    /// What the daemon reads of each call, and what it answers.
    private static let signatures: [(ControlInterface.Method, parameters: Set<String>, results: Set<String>)] = [
        (.begin, begin, ["state", "reason", "exit_code", "application", "execution"]), (.handIn, begin, []),
        (.awaitDelivery, ["run", "slug"], ["delivered"]),
        (.list, ["slug", "failed", "since", "limit", "before"], ["runs", "more"]),
        (
            .getRun, ["run"],
            [
                "run", "slug", "application", "uid", "asked_at", "running", "kept", "path", "asked", "started",
                "ended", "output", "delivery", "attempt", "due",
            ]
        ),
        (
            .logs, ["run", "from", "stream", "level", "since"],
            ["slug", "lines", "next", "more", "ended", "kept", "outcome"]
        ),
        (
            .getStatus, ["after"],
            [
                "version", "private", "active", "disk", "applications", "more", "jobs", "scheduled", "paused_jobs",
                "next", "draining", "pid",
            ]
        ),
        (.outbox, ["limit", "after"], ["runs", "more"]), (.setAside, ["limit", "after"], ["runs", "more"]),
        (.retry, ["run", "application"], ["waiting", "sent", "refused", "reason"]),
        (.drop, ["run"], ["waiting", "sent", "refused", "reason"]),
        (
            .probe, ["slug", "application", "cron_id", "execute"],
            ["application", "result", "cron_id", "cron_id_from", "execution", "steps"]
        ),
        (.jobs, ["after", "limit"], ["jobs", "more", "paused", "draining"]),
        (
            .getJob, ["slug"],
            [
                "job", "zone", "words", "next", "command", "application", "directory", "timeout_ms", "overlap",
                "retries", "spread_ms", "catch_up", "start_deadline_ms", "usual_ms", "charon", "runs",
            ]
        ),
        (.start, ["slug", "ungated"], ["run", "state", "reason", "execution"]), (.stop, ["run"], []),
        (.pause, ["slug", "until", "reason"], ["jobs"]), (.resume, ["slug"], ["jobs"]),
        (.reload, [], ["jobs", "added", "changed", "removed", "kept", "problems", "notices", "more"]),
        (.drain, [], ["running", "waiting"]),
    ]

    @Test func everyParameterThatIsReadAndEveryMemberOfAReplyIsDescribed() throws {
        let text = try #require(ControlInterface.description(of: ControlInterface.name))
        let description = try InterfaceDescription(text)
        #expect(Set(Self.signatures.map(\.0)) == Set(ControlInterface.Method.allCases))
        for (method, parameters, results) in Self.signatures {
            #expect(description.parameters[method.rawValue].map(Set.init) == parameters, "\(method)")
            #expect(description.results[method.rawValue].map(Set.init) == results, "\(method)")
        }
        #expect(description.members["Credentials"] == ["url", "key"])
        let types: Set = [
            "Run", "Application", "Waiting", "ProbeStep", "Credentials", "SetAsideMessage", "SetAsideRun",
            "Dropped", "Disk", "Line", "Asked", "Ended", "Delivery", "Job", "LastRun", "Paused",
        ]
        #expect(Set(description.types) == types)
        #expect(types.isDisjoint(with: description.methods), "a name is a type's or a method's")
    }

    @Test func theServiceInterfaceIsDescribed() throws {
        let text = try #require(ControlInterface.description(of: ControlInterface.service))
        let description = try InterfaceDescription(text)
        #expect(description.name == "org.varlink.service")
        #expect(Set(description.methods) == ["GetInfo", "GetInterfaceDescription"])
        for reply in [VarlinkReply.methodNotFound(""), .interfaceNotFound(""), .invalidParameter("")] {
            let name = try #require(reply.error?.split(separator: ".").last)
            #expect(description.errors.contains(String(name)))
        }
        #expect(ControlInterface.description(of: "org.example") == nil)
    }

    @Test func infoNamesBothInterfaces() {
        let info = ControlInterface.info(version: "1.2.3")
        #expect(info["version"] == "1.2.3")
        #expect(info["interfaces"] == [.string(ControlInterface.service), .string(ControlInterface.name)])
        #expect(info.members?.map(\.name) == ["vendor", "product", "version", "url", "interfaces"])
    }
}
