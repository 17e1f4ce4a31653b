import CLinux
import CharonControl
import CharonCore
import CharonRuns
import CharonSupervisor
import Glibc
import Testing

@Suite("The daemon: records that were kept elsewhere while it did not answer")
struct DaemonHandInTests {
    /// A record that a wrapper kept by itself, in a state directory of its own.
    private struct Local {
        let directory: TemporaryDirectory
        let handles: RunDirectory.Handles

        init(_ run: RunRequest) throws {
            directory = try TemporaryDirectory()
            let record = RunDirectory(state: directory.path, slug: run.slug, run: run.run)
            handles = try record.create(run)
            try handles.started()
            try handles.write("kept")
            try handles.ended(.exited(code: 7), stdout: 1)
        }
    }

    private func handIn(_ host: Host, _ run: RunRequest, _ supervisor: Descriptor, _ output: Descriptor) async throws
        -> VarlinkReply?
    {
        await host.daemon.handIn(
            try host.parameters(run), peer: Peer(uid: run.uid), supervisor: supervisor, output: output)
    }

    private func handIn(_ host: Host, _ run: RunRequest, _ local: Local) async throws -> VarlinkReply? {
        try await handIn(host, run, local.handles.supervisor, local.handles.output)
    }

    private func expectOnce(_ host: Host, _ run: RunRequest) async throws {
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.count == 1)
        let execution = try #require(host.charon.executions.first)
        #expect(execution.messages.last?.text == "kept")
        #expect(execution.ends.count == 1)
        #expect(execution.ends.first?.text.hasPrefix("exited with code 7") == true)
    }

    @Test("A run that the daemon has never heard of")
    func fresh() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now() + -60)
        let local = try Local(run)
        #expect(try await handIn(host, run, local) == nil)
        try await expectOnce(host, run)
        #expect(host.charon.executions.first?.ends.first?.text.contains("reported late") == true)
        #expect(try host.delivery(run).gate == .unanswered)
        #expect(try host.directory(run).request()?.askedAt == run.askedAt)
        // A wrapper that did not get the answer hands it in again.
        #expect(try await handIn(host, run, local) == nil)
        try await expectOnce(host, run)
    }

    @Test("A run that was begun and never taken")
    func untaken() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        guard case .run = try await host.begin(run) else {
            Issue.record("not begun")
            return
        }
        await host.daemon.handedOver(run, wasTaken: false)
        #expect(try await handIn(host, run, Local(run)) == nil)
        try await expectOnce(host, run)
    }

    @Test("A run that is just being begun is not disturbed")
    func beingBegun() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        guard case .run(let handles) = try await host.begin(run) else {
            Issue.record("not begun")
            return
        }
        let reply = try await handIn(host, run, Local(run))
        #expect(reply?.error?.hasSuffix("Busy") == true)
        await host.daemon.handedOver(run, wasTaken: true)
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(try host.directory(run).exit()?.outcome == .exited(code: 0))
    }

    @Test("A run that has a supervisor of its own keeps it")
    func taken() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        let handles = try await host.run(run)
        try handles.started()
        #expect(try await handIn(host, run, Local(run)) == nil)
        try handles.ended()
        #expect(await host.isDelivered(run))
        #expect(try host.directory(run).exit()?.outcome == .exited(code: 0))
    }

    @Test("Another user can neither hand in for a slug that is not theirs nor for a run that is not theirs")
    func foreign() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        let handles = try await host.run(run)
        #expect(try await handIn(host, request(uid: 72, at: .now()), Local(run))?.error?.hasSuffix("Denied") == true)
        var stolen = try request("theirs", uid: 72)
        stolen.run = run.run
        #expect(try await handIn(host, stolen, Local(run))?.error?.hasSuffix("Denied") == true)
        try handles.started()
        try handles.ended()
        #expect(await host.isDelivered(run))
    }

    @Test("Descriptors of anything but readable regular files are refused, and leave nothing")
    func hostile() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        let local = try Local(run)
        var ends: [Int32] = [-1, -1]
        #expect(clinux_pipe(&ends) == 0)
        let pipe = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
        let path = local.directory.path + "/large"
        let large = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        #expect(ftruncate(large.number, 65_537) == 0)
        let bad = [
            pipe.0, try Descriptor.open("/", O_RDONLY | O_DIRECTORY), try Descriptor.open("/dev/zero", O_RDONLY),
            try Descriptor.open(path, O_WRONLY),
        ]
        for file in bad {
            for reply in [
                try await handIn(host, run, file, local.handles.output),
                try await handIn(host, run, local.handles.supervisor, file),
            ] { #expect(reply?.error?.hasSuffix("InvalidParameter") == true) }
        }
        #expect(try await handIn(host, run, large, local.handles.output)?.error?.hasSuffix("InvalidParameter") == true)
        #expect(try RunDirectory.all(state: host.state).isEmpty)
        #expect(host.charon.with { $0.requests.isEmpty })
        // The same run, properly.
        #expect(try await handIn(host, run, local) == nil)
        try await expectOnce(host, run)
    }

    @Test("An outcome that a hostile user has made up harms nobody")
    func invented() async throws {
        let host = try Host()
        let run = try request(uid: 71, at: .now())
        let directory = try TemporaryDirectory()
        let supervisor = try Descriptor.open(directory.path + "/s", O_RDWR | O_CREAT, mode: 0o600)
        let output = try Descriptor.open(directory.path + "/o", O_RDWR | O_CREAT, mode: 0o600)
        let line =
            #"{"v":1,"event":"ended","at":"2261-12-31T23:59:59.999999999Z","exit_code":0,"output_bytes":1125899906842624,"#
            + #""duration_ms":9223372036854775807,"stdout_lines":9223372036854775807,"stderr_lines":9223372036854775807,"#
            + #""lost_bytes":-1,"holders":[""# + String(repeating: "x", count: 1000) + #""],"#
            + #""outcome":{"kind":"timed-out","after":1e308}}"#
        try supervisor.write((line + "\n").utf8)
        #expect(try await handIn(host, run, supervisor, output) == nil)
        #expect(await host.isDelivered(run))
        #expect(host.charon.executions.first?.ends.first?.success == false)
    }
}
