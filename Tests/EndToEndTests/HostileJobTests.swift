import CharonCore
import Glibc
import Testing

/// A job that tries what is not its own, and users who want each other's crons, against root's daemon.
@Suite(.serialized, .enabled(if: geteuid() == 0, "not root"))
struct HostileJobTests {
    /// What a job can try on files; prints what worked.
    private static let vandal = #"""
        import ctypes, fcntl, os, struct, sys
        state, run, ppid = sys.argv[1], sys.argv[2], os.getppid()
        def attempt(name, deed):
            try:
                deed()
                print("done:", name)
            except OSError as error:
                print("refused:", name, error.strerror)
        slug = state + "/runs/job"
        try:
            record = slug + "/" + os.environ["CHARON_RUN_ID"]
        except KeyError:
            record = slug
        attempt("list the state", lambda: os.listdir(state))
        attempt("list the runs", lambda: os.listdir(slug))
        for name in ["run.json", "delivery.json", "supervisor", "output.log", "exit.json"]:
            path = record + "/" + name
            attempt("read " + name, lambda: open(path).read())
            attempt("write " + name, lambda: open(path, "a"))
            attempt("lock " + name, lambda: fcntl.fcntl(
                os.open(path, os.O_RDONLY), 36, struct.pack("hhqqi", fcntl.F_RDLCK, 0, 0, 0, 0)))
            attempt("rename " + name, lambda: os.rename(path, path + "x"))
            attempt("unlink " + name, lambda: os.unlink(path))
        attempt("rename the record", lambda: os.rename(record, record + "x"))
        attempt("make a record", lambda: os.mkdir(slug + "/20260101T000000000-000000000000"))
        attempt("change the mode", lambda: os.chmod(state, 0o777))
        attempt("unlink the socket", lambda: os.unlink(run + "/charond.sock"))
        attempt("replace the socket", lambda: os.rename(sys.argv[0], run + "/charond.sock"))
        attempt("write the published answer", lambda: open(run + "/gate/_default/job", "w"))
        attempt("list the published answers", lambda: os.listdir(run + "/gate/_default"))
        attempt("read the key", lambda: open(os.path.dirname(state) + "/key").read())
        for name in os.listdir("/proc/%d/fd" % ppid) if os.access("/proc/%d/fd" % ppid, os.R_OK) else []:
            path = "/proc/%d/fd/%s" % (ppid, name)
            try:
                if not os.readlink(path).startswith(state): continue
            except OSError:
                continue
            attempt("open the supervisor's record by /proc", lambda: os.open(path, os.O_WRONLY))
        print("descriptors:", sorted(os.listdir("/proc/self/fd"), key=int))
        """#

    @Test(arguments: [true, false])
    func aJobHasNoWayIntoTheRecord(isOwnLine: Bool) async throws {
        try await Site.running("job") { site in
            let path = "\(site.path)/vandal.py"
            try write(Self.vandal, to: path, mode: 0o644)
            let job = ["/usr/bin/python3", "-B", path, site.state, "\(site.path)/run"]
            // Its own crontab line, or one of root's whose command gives its rights away.
            let line =
                isOwnLine
                ? try await site.run("job", command: job, uid: nobody)
                : try await site.run("job", command: Site.becoming(nobody) + job)
            #expect(line.exitCode == 0, "\(line.error)")
            let attempts = line.output.split(separator: "\n").map(String.init)
            #expect(attempts.filter { $0.hasPrefix("done:") }.isEmpty, "\(attempts)")
            #expect(attempts.count { $0.hasPrefix("refused:") } >= 30)
            // The fourth is the listing itself.
            #expect(attempts.last == "descriptors: ['0', '1', '2', '3']")
            #expect(try await site.ended("job").success == true)
        }
    }

    @Test func aJobCannotSignalARootSupervisorOrTheDaemon() async throws {
        try await Site.running("job") { site in
            let daemon = try #require(site.daemon).pid
            let script = """
                for signal in KILL STOP TERM; do kill -$signal $PPID \(daemon) && echo done; done
                echo still here; exit 3
                """
            let line = try await site.run("job", command: Site.becoming(nobody) + ["sh", "-c", script])
            #expect(line.exitCode == 3)
            #expect(line.output == "still here\n")
            #expect(line.error.lowercased().ranges(of: "operation not permitted").count == 6, "\(line.error)")
            #expect(try await site.ended("job").message.contains("exited with code 3"))
        }
    }

    @Test func aSlugBelongsToWhoUsedItFirst() async throws {
        try await Site.running("mine") { site in
            #expect(try await site.run("mine", script: "exit 3", uid: nobody).exitCode == 3)
            let other = try await site.run("mine", command: ["touch", site.mark("ran")], uid: stranger)
            #expect(other.exitCode == 125)
            #expect(other.complaints.count == 1 && other.error.contains("belongs to uid \(nobody)"), "\(other.error)")
            #expect(!site.hasMark("ran"))
            #expect(try await site.run("mine", script: "exit 4").exitCode == 4)
            try await site.stopDaemon()
            try await site.startDaemon()
            #expect(try await site.run("mine", script: "exit 0", uid: stranger).exitCode == 125)
            #expect(try await site.run("mine", script: "exit 5", uid: nobody).exitCode == 5)
            #expect(try await site.ended("mine", count: 3).count == 3)
        }
    }

    @Test func theConfigurationSaysWhoseSlugsAreWhose() async throws {
        try await Site.with { site in
            try await site.serve(["shop-import"])
            try write(
                """
                applications: {default: {url: "\(site.url)", key_file: \(site.keyFile)}}
                wrapped: {\(nobody): ["shop-*"]}
                """, to: "\(site.path)/charon.yaml")
            try await site.startDaemon(["--config", "\(site.path)/charon.yaml"])
            let other = try await site.run("shop-import", script: "echo ran", uid: stranger)
            #expect(other.exitCode == 125 && other.output == "")
            #expect(other.error.contains("wrapped:"))
            #expect(try await site.run("shop-import", script: "exit 3", uid: nobody).exitCode == 3)
            #expect(try await site.ended("shop-import").success == false)
        }
    }
}
