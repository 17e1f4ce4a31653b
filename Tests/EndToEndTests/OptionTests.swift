import CharonCore
import Glibc
import Testing

/// The options of a line and the settings of the daemon that show only across processes.
@Suite(.serialized)
struct OptionTests {
    @Test func anEarlierRunMakesALaterOneWaitOrSkip() async throws {
        try await Site.running("job") { site in
            let script = "touch \(site.mark("up")); until [ -e go ]; do sleep 0.05; done; echo 1 >>order"
            let first = try site.start("job", command: ["sh", "-c", script])
            try await site.reached("up")
            let skipped = try await site.run("--overlap", "skip", "job", command: ["touch", site.mark("skipped")])
            #expect(skipped.exitCode == 0 && !site.hasMark("skipped"))
            #expect(text(of: "\(site.state)/history.jsonl").contains(#""reason":"overlap""#))
            let waiting = try site.start("--overlap=wait", "job", command: ["sh", "-c", "echo 2 >>order"])
            // Longer than a line would wait for a silent daemon: it is told that the daemon is there.
            let beside = try await site.run("job", script: "sleep 4; echo 0 >>order")
            #expect(beside.exitCode == 0)
            #expect(waiting.exitCode == nil)
            try write("", to: "\(site.path)/go")
            #expect(try await first.exitCode() == 0)
            #expect(try await waiting.exitCode() == 0)
            #expect(waiting.standardError == "")
            #expect(text(of: "\(site.path)/order") == "0\n1\n2\n")
            #expect(try await site.ended("job", count: 3).allSatisfy { $0.success == true })
        }
    }

    @Test func applicationsHaveTheirOwnAddressAndKey() async throws {
        try await Site.with { site in
            let stubs = try ["shop": StubServer(StubServer.usual), "blog": StubServer(StubServer.usual)]
            defer { for stub in stubs.values { stub.stop() } }
            var applications = ""
            for (name, stub) in stubs {
                try write("key-of-\(name)\n", to: "\(site.path)/\(name).key")
                applications += "  \(name): {url: \"\(stub.url)\", key_file: \(site.path)/\(name).key}\n"
            }
            try write(
                "applications:\n\(applications)default_application: blog\n", to: "\(site.path)/charon.yaml")
            try await site.startDaemon(["--config", "\(site.path)/charon.yaml"])
            #expect(try await site.run("--application", "shop", "job", command: ["true"]).exitCode == 0)
            #expect(try await site.run("--cron-id", "id of/blog", "job", command: ["true"]).exitCode == 0)
            for (name, stub) in stubs {
                try await eventually("the end at \(name)") { stub.calls.contains("end") }
                #expect(stub.requests.allSatisfy { $0.headers["x-api-key"] == "key-of-\(name)" })
            }
            #expect(stubs["shop"]?.requests.map(\.path).contains("/api/7/start") == true)
            #expect(stubs["blog"]?.requests.map(\.path).contains("/api/id%20of%2Fblog/start") == true)
            let unknown = try await site.run("--application", "none", "job", command: ["touch", site.mark("ran")])
            #expect(unknown.exitCode == 125 && !site.hasMark("ran"))
            #expect(unknown.error.contains("blog, shop"), "\(unknown.error)")
        }
    }

    @Test func waitReturnsAfterTheDelivery() async throws {
        try await Site.with { site in
            try await site.serve(["job"], options: ["--latency", "300"])
            try await site.startDaemon()
            let line = try await site.run("--wait", "30s", "job", command: ["sh", "-c", "echo hello; exit 3"])
            #expect(line.exitCode == 3)
            let executions = try await site.executions(of: "job")
            #expect(executions.first?.endedAt != nil && executions.first?.lines == ["hello"])
            try await site.stopServer()
            let bounded = try await site.run("--wait", "1s", "job", command: ["sh", "-c", "exit 4"])
            #expect(bounded.exitCode == 4)
            #expect(bounded.complaints.count == 1 && bounded.error.contains("reported later"), "\(bounded.error)")
        }
    }

    @Test func deliveredRunsBeyondTheRetentionBecomeLinesOfTheHistory() async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try write(
                """
                applications: {default: {url: "\(site.url)", key_file: \(site.keyFile)}}
                keep: {runs: 2}
                """, to: "\(site.path)/charon.yaml")
            try await site.startDaemon(["--config", "\(site.path)/charon.yaml"])
            for code in 1...5 { #expect(try await site.run("job", script: "exit \(code)").exitCode == Int32(code)) }
            _ = try await site.ended("job", count: 5)
            try await eventually("two records") { site.records(of: "job").count == 2 }
            let history = try text(of: "\(site.state)/history.jsonl").split(separator: "\n").map {
                try JSON.parse($0.utf8)
            }
            #expect(history.compactMap { $0["outcome"]?["code"]?.integer } == [1, 2, 3])
            #expect(history.allSatisfy { $0["execution"]?.string != nil })
        }
    }

    @Test func theInterfaceDescribesItself() async throws {
        try await Site.running { site in
            let program = """
                import json, socket
                connection = socket.socket(socket.AF_UNIX)
                connection.connect("\(site.socket)")
                def call(method, parameters):
                    connection.sendall(json.dumps({"method": method, "parameters": parameters}).encode() + bytes(1))
                    answer = b""
                    while not answer.endswith(bytes(1)): answer += connection.recv(65536)
                    return json.loads(answer[:-1])["parameters"]
                for name in call("org.varlink.service.GetInfo", {})["interfaces"]:
                    text = call("org.varlink.service.GetInterfaceDescription", {"interface": name})["description"]
                    print(name, ("interface " + name) in text)
                """
            let uid = geteuid() == 0 ? nobody : nil
            let answer = try await output(
                Site.becoming(uid) + ["/usr/bin/python3", "-c", program], in: site.path)
            #expect(answer == "org.varlink.service True\nio.charond.Control True")
        }
    }
}
