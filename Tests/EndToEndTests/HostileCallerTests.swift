import CharonCore
import Glibc
import Testing

/// A user of the host who talks to the control socket of root's daemon by hand.
@Suite(.serialized, .enabled(if: geteuid() == 0, "not root"))
struct HostileCallerTests {
    /// Runs a python3 program as a user, at the lowest priority: what is proved is not who gets more of the processor.
    private func python(_ site: Site, _ program: String, _ arguments: String..., uid: Int = nobody) throws -> Spawned {
        let path = "\(site.path)/hostile.py"
        try write(program, to: path, mode: 0o644)
        return try Spawned(
            Site.becoming(uid) + ["nice", "-n", "19", "/usr/bin/python3", "-B", path] + arguments, in: site.path,
            environment: ["CHARON_TEST_SITE": site.path])
    }

    /// Calls by hand: each is answered with an error or closed, and leaves nothing behind.
    private static let intruder = #"""
        import json, os, socket, sys, tempfile
        path, run = sys.argv[1], sys.argv[2]
        def call(method, parameters, descriptors=()):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(20)
            connection.connect(path)
            text = json.dumps({"method": "io.charond.Control." + method, "parameters": parameters}).encode() + b"\0"
            socket.send_fds(connection, [text], list(descriptors))
            answer = b""
            try:
                while not answer.endswith(b"\0"):
                    part = connection.recv(65536)
                    if not part: break
                    answer += part
            except ConnectionResetError:
                pass
            reply = json.loads(answer[:-1]) if answer else {"error": "closed"}
            return (reply.get("error") or "OK " + json.dumps(reply["parameters"])).split("Control.")[-1]
        fresh = "20260101T000000000-%012x"
        begin = {"run": fresh % 1, "slug": "job", "argv": ["true"]}
        print("another's slug:", call("Begin", dict(begin, slug="theirs")))
        print("another's run:", call("Begin", dict(begin, slug="theirs", run=run)))
        print("a path as slug:", call("Begin", dict(begin, slug="../../etc")))
        print("a path as run:", call("Begin", dict(begin, run="../../../../tmp/x")))
        print("no words:", call("Begin", dict(begin, argv=[])))
        print("numbers as words:", call("Begin", dict(begin, argv=[1, 2])))
        print("a negative timeout:", call("Begin", dict(begin, timeout_ms=-1)))
        print("a time to come:", call("Begin", dict(begin, asked_at="2999-01-01T00:00:00Z")))
        print("own credentials:", call("Begin", dict(begin, application="x", credentials={"url": "http://127.0.0.1:1/api", "key": "k"})))
        print("their delivery:", call("AwaitDelivery", {"run": run, "slug": "theirs"}))
        print("their runs:", call("List", {"slug": "theirs"}))
        print("no descriptors:", call("HandIn", dict(begin, run=fresh % 2)))
        reader, writer = os.pipe()
        print("pipes:", call("HandIn", dict(begin, run=fresh % 3), [reader, writer]))
        directory = os.open("/", os.O_RDONLY)
        print("directories:", call("HandIn", dict(begin, run=fresh % 4), [directory, directory]))
        file = tempfile.TemporaryFile()
        print("another's run by hand:", call("HandIn", dict(begin, slug="theirs", run=run), [file.fileno()] * 2))
        print("too many:", call("HandIn", dict(begin, run=fresh % 5), [file.fileno()] * 40))
        print("an unknown method:", call("Stop", {}))
        """#

    @Test func callsByHandAreRefused() async throws {
        try await Site.running("job", "theirs") { site in
            #expect(try await site.run("theirs", script: "exit 3", uid: stranger).exitCode == 3)
            _ = try await site.delivered("theirs")
            let record = try #require(site.records(of: "theirs").first)
            let run = try #require(record.split(separator: "/").last)
            let before = try await output(["find", record, "-printf", "%p %s %T@\\n"], in: site.path)
            let intruder = try python(site, Self.intruder, site.socket, String(run))
            #expect(try await intruder.exitCode() == 0, "\(intruder.standardError)")
            let answers = intruder.standardOutput.split(separator: "\n").map(String.init)
            #expect(answers.count == 17)
            for answer in answers {
                switch answer {
                case "their runs: OK {\"runs\": [], \"more\": false}": break
                // A run that is over says nothing but that it is over.
                case "their delivery: OK {\"delivered\": true}": break
                default: #expect(!answer.contains(": OK"), "\(answer)")
                }
            }
            #expect(try await output(["find", record, "-printf", "%p %s %T@\\n"], in: site.path) == before)
            #expect(entries(of: "\(site.state)/runs/job").isEmpty, "\(site.records(of: "job"))")
            #expect(entries(of: "\(site.state)/runs").allSatisfy { ["job", "theirs"].contains($0) })
            #expect(site.daemon?.exitCode == nil)
            #expect(try await site.executions(of: "job").isEmpty)
        }
    }

    /// Floods the socket in several ways until it is killed.
    private static let flood = #"""
        import os, random, socket, sys, time
        path, kind = sys.argv[1], sys.argv[2]
        kept = []
        def connect():
            connection = socket.socket(socket.AF_UNIX)
            connection.setblocking(False)
            connection.connect(path)
            return connection
        status = b'{"method":"io.charond.Control.GetStatus","parameters":{}}\0'
        rounds = 0
        while True:
            try:
                if kind == "connections":
                    kept.append(connect())
                    if len(kept) > 100: kept = []
                elif kind == "half":
                    kept.append(connect())
                    kept[-1].send(status[:20])
                    if len(kept) > 100: kept = []
                elif kind == "huge":
                    c = connect()
                    for _ in range(40): c.send(b'{"method": "' + b"x" * 65536)
                elif kind == "many":
                    c = connect()
                    for _ in range(2000): c.send(status)
                elif kind == "garbage":
                    connect().send(os.urandom(5000) + b"\0" + os.urandom(100) + b"\0")
                elif kind == "descriptors":
                    c = connect()
                    for _ in range(50): socket.send_fds(c, [b"x"], [0] * 8)
                elif kind == "nested":
                    connect().send(b"[" * 4000 + b"\0")
            except OSError:
                time.sleep(0.001)
            rounds += 1
            if rounds == 300: open(sys.argv[3], "w").close()
        """#

    /// Begins runs of crons that nobody knows, dozens at a time, until it is killed; counts the answers in a file.
    private static let claimant = #"""
        import json, os, select, socket, sys, time
        path, counter = sys.argv[1:]
        begun = answers = 0
        waiting = []
        while True:
            while len(waiting) < 60:
                run = time.strftime("%Y%m%dT%H%M%S000-", time.gmtime()) + "%012x" % begun
                call = {"run": run, "slug": "fresh-%d" % begun, "argv": ["true"]}
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(1)
                try:
                    connection.connect(path)
                    text = json.dumps({"method": "io.charond.Control.Begin", "parameters": call})
                    connection.sendall(text.encode() + bytes(1))
                except OSError:
                    break
                begun += 1
                waiting.append(connection)
            for connection in select.select(waiting, [], [], 0.1)[0]:
                try:
                    # The descriptors in the answer are not taken, so that the run has no supervisor.
                    answers += b'"state"' in connection.recv(65536)
                except OSError:
                    pass
                connection.close()
                waiting.remove(connection)
            with open(counter + ".new", "w") as file: file.write(str(answers))
            os.rename(counter + ".new", counter)
        """#

    /// Every such call makes a claim and a record on the disk that all users share.
    @Test func aThousandFreshSlugsOfOneUserDelayNoOther() async throws {
        try await Site.running("job", "root") { site in
            let marks = "\(site.path)/marks"
            mkdir(marks, 0o777)
            chmod(marks, 0o777)
            func answered() -> Int { Int(text(of: "\(marks)/answers")) ?? 0 }
            let flood = try python(site, Self.claimant, site.socket, "\(marks)/answers")
            for count in [100, 500, 900] {
                try await eventually("\(count) answers: \(answered())", within: 120) { answered() >= count }
                let before = Instant.now()
                let line = try await site.run("job", script: "echo hello; exit 3", uid: stranger)
                #expect(line.exitCode == 3)
                // No complaint: the daemon answered within the patience of a line, and gated it.
                #expect(line.error == "")
                let own = try await site.run("root", script: "exit 0")
                #expect(own.exitCode == 0 && own.error == "", "\(own.error)")
                // One who waits is told that the daemon is there, for as long as it takes; it must not take long.
                #expect(Instant.now().seconds(since: before) < 20)
            }
            #expect(flood.exitCode == nil, "\(flood.standardError)")
            try await flood.end()
            #expect(try await site.ended("job", count: 3).allSatisfy { !$0.message.contains("late") })
            #expect(site.daemon?.exitCode == nil)
            // A user gets a thousand slugs by using them, and no more.
            for number in 1...101 {
                let line = try await site.run("more-\(number)", script: "exit 0", uid: nobody)
                guard line.exitCode == 125 else { continue }
                #expect(line.error.contains("1000 slugs") && line.error.contains("wrapped:"), "\(line.error)")
                break
            }
            let owners = entries(of: "\(site.state)/claims").map { text(of: "\(site.state)/claims/\($0)") }
            #expect(owners.count { $0 == "\(nobody)\n" } == 1000)
            let daemon = try #require(site.daemon)
            daemon.send(SIGTERM)
            #expect(try await daemon.exitCode() == 0)
        }
    }

    @Test(arguments: [
        ("connections", 1), ("connections", 4), ("half", 1), ("huge", 1), ("many", 1), ("garbage", 1),
        ("descriptors", 1), ("nested", 1),
    ])
    func aFloodOfOneUserDelaysNoOther(kind: String, processes: Int) async throws {
        try await Site.running("job", "root") { site in
            let marks = "\(site.path)/marks"
            mkdir(marks, 0o777)
            chmod(marks, 0o777)
            let floods = try (1...processes).map { try python(site, Self.flood, site.socket, kind, "\(marks)/\($0)") }
            try await eventually("the flood") { entries(of: marks).count == processes }
            for number in 1...3 {
                let line = try await site.run("job", script: "echo hello; exit 3", uid: stranger)
                #expect(line.exitCode == 3, "\(line.error)")
                // No complaint: the daemon answered within the patience of a line, and gated it.
                #expect(line.error == "")
                let own = try await site.run("root", script: "exit 0")
                #expect(own.exitCode == 0 && own.error == "", "\(own.error)")
                let execution = try #require(try await site.ended("job", count: number).last)
                #expect(!execution.message.contains("late"))
            }
            for flood in floods {
                #expect(flood.exitCode == nil, "\(flood.standardError)")
                try await flood.end()
            }
            #expect(site.daemon?.exitCode == nil)
            let daemon = try #require(site.daemon).pid
            try await eventually("the descriptors of the flood are closed") {
                entries(of: "/proc/\(daemon)/fd").count < 60
            }
            #expect(try await site.run("theirs", script: "exit 5", uid: nobody).exitCode == 5)
        }
    }
}
