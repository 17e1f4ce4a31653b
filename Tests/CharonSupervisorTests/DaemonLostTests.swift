import CLinux
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

/// A child process in a group of its own that waits to be killed.
private final class Sleeper {
    let pid: pid_t
    let identity: ProcessIdentity

    /// Runs as `uid` if that is not nil.
    init(uid: UInt32? = nil) throws {
        var words = ["sleep", "1000"]
        if let uid { words = ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups"] + words }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        defer { posix_spawnattr_destroy(&attributes) }
        let argv = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var pid = pid_t()
        let error = posix_spawnp(&pid, words[0], nil, &attributes, argv, environ)
        guard error == 0 else { throw SystemError("posix_spawnp", errno: error, words[0]) }
        self.pid = pid
        identity = ProcessIdentity(pid: pid, startTime: clinux_start_time(pid))
    }

    deinit {
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// The user that it runs as.
    var uid: UInt32? {
        var status = stat()
        return stat("/proc/\(pid)", &status) == 0 ? status.st_uid : nil
    }

    /// The signal that ended it; nil while it runs.
    var signal: Int32? {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else {
            return nil
        }
        return info.si_code == CLD_KILLED ? SIGKILL : 0
    }
}

@Suite("The daemon: runs whose supervisor has died")
struct DaemonLostTests {
    @Test("The lock is free and there is no outcome: lost, said as a failure, and the command's group is ended")
    func lost() async throws {
        let host = try Host()
        let run = try request(at: .now())
        let child = try Sleeper()
        do {
            let handles = try await host.run(run)
            try handles.started(child: child.identity)
            try handles.write("working")
            try await eventually("its line") { host.charon.executions.first?.messages.count == 1 }
            #expect(child.signal == nil)
        }
        #expect(await host.isDelivered(run))
        let end = try #require(host.charon.executions.first?.ends.first)
        #expect(end.success == false)
        #expect(end.text.hasPrefix("lost: "))
        #expect(end.text.contains("1 line of its output sent"))
        #expect(try host.directory(run).exit()?.outcome == .lost)
        try await eventually("the death of the orphan") { child.signal == SIGKILL }
    }

    @Test("An outcome whose line was torn is none")
    func torn() async throws {
        let host = try Host()
        let run = try request(at: .now())
        do {
            let handles = try await host.run(run)
            try handles.started()
            let ended = SupervisorRecord.Ended(at: .now(), outcome: .exited(code: 0), exitCode: 0)
            try handles.supervisor.write(SupervisorRecord.ended(ended).line.dropLast(1))
        }
        #expect(await host.isDelivered(run))
        #expect(try host.directory(run).exit()?.outcome == .lost)
    }

    @Test("A stranger that has the pid of a dead command is not hit")
    func stranger() async throws {
        let stranger = try Sleeper()
        var started = SupervisorRecord.Started(
            boot: Orphan.bootID(), at: .now(), supervisor: stranger.identity, child: stranger.identity,
            group: stranger.pid)
        started.child.startTime -= 1
        Orphan.end(started, uid: 0)
        started.child = stranger.identity
        started.boot = "00000000-0000-0000-0000-000000000000"
        Orphan.end(started, uid: 0)
        try await Task.sleep(for: .milliseconds(50))
        #expect(stranger.signal == nil)
        // The instrument: with its own identity it is hit.
        started.boot = Orphan.bootID()
        Orphan.end(started, uid: 0)
        try await eventually("its death") { stranger.signal == SIGKILL }
    }

    @Test("A user's record cannot have another user's processes killed", .enabled(if: geteuid() == 0, "needs root"))
    func foreign() async throws {
        let host = try Host()
        let victim = try Sleeper()
        let own = try Sleeper(uid: 71)
        try await eventually("setpriv") { own.uid == 71 }
        for (child, group) in [(victim, victim.pid), (own, own.pid), (victim, own.pid)] {
            let run = try request(uid: 71, at: .now())
            do {
                let handles = try await host.run(run)
                try handles.started(child: child.identity, group: group)
            }
            #expect(await host.isDelivered(run))
        }
        try await eventually("the death of the user's own") { own.signal == SIGKILL }
        #expect(victim.signal == nil)
    }

    @Test("A supervisor file of many megabytes is no outcome, and does not keep the run from its end")
    func endless() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        do {
            let handles = try await host.run(run)
            try handles.started()
            #expect(ftruncate(handles.supervisor.number, 64 << 20) == 0)
            try handles.supervisor.write("\n".utf8)
        }
        try await eventually("the end", seconds: 60) { host.charon.executions.first?.ends.count == 1 }
        #expect(try host.directory(run).exit()?.outcome == .lost)
    }
}
