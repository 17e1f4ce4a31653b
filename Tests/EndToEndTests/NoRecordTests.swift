import CharonCore
import Glibc
import Testing

/// The last rung: nothing can be written, and the command runs all the same.
@Suite(.serialized, .enabled(if: geteuid() == 0, "not root"))
struct NoRecordTests {
    enum Place: String, CaseIterable {
        case noHome, closedDirectory, fullDisk, noInodes
    }

    @Test(arguments: Place.allCases)
    func theCommandRunsWithOneLineOfComplaint(place: Place) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            try await site.give(site.keyFile, to: nobody)
            let directory = "\(site.path)/place"
            mkdir(directory, 0o755)
            var environment = site.withoutDaemon()
            environment["HOME"] = String?.none
            environment["XDG_RUNTIME_DIR"] = "/nonexistent"
            environment["TMPDIR"] = directory
            switch place {
            case .noHome: break
            case .closedDirectory:
                try await site.give(directory, to: nobody)
                chmod(directory, 0)
                environment["XDG_STATE_HOME"] = directory
                environment["HOME"] = directory
            case .fullDisk:
                try await site.mount("-t", "tmpfs", "-o", "size=128k,mode=777", "tmpfs", at: directory)
                environment["HOME"] = directory
                let filling = try Spawned(["sh", "-c", "cat /dev/zero >\(directory)/ballast"], in: site.path)
                #expect(try await filling.exitCode() != 0)
            case .noInodes:
                try await site.mount("-t", "tmpfs", "-o", "nr_inodes=2,mode=777", "tmpfs", at: directory)
                environment["HOME"] = directory
                try write("", to: "\(directory)/ballast")
            }
            // The instrument first: this user cannot write there.
            let probe = try Spawned(
                Site.becoming(nobody) + ["sh", "-c", "echo text >\(directory)/probe"], in: site.path)
            try #require(try await probe.exitCode() != 0)

            let line = try await site.run(
                "job", script: "echo out; echo err >&2; exit 6", environment: environment, uid: nobody)
            #expect(line.exitCode == 6)
            #expect(line.output == "out\n")
            #expect(line.error.contains("err\n"))
            #expect(line.complaints.count == 1, "\(line.error)")
            #expect(line.complaints.first?.contains("job runs without a record") == true, "\(line.error)")
            #expect(line.error.split(separator: "\n").count == 2, "\(line.error)")
        }
    }

    /// As the first process of a container: a read-only root, and everything is gone with the line's end.
    @Test(arguments: [true, false])
    func asProcessOneWithAReadOnlyRoot(hasTemporary: Bool) async throws {
        try await Site.with { site in
            try await site.serve(["job"])
            mkdir("\(site.path)/tmp", 0o755)
            var environment = site.withoutDaemon()
            environment["HOME"] = "\(site.path)/home"
            environment["XDG_RUNTIME_DIR"] = "/nonexistent"
            environment["TMPDIR"] = "\(site.path)/tmp"
            environment["CHARON_API_KEY_FILE"] = String?.none
            environment["CHARON_API_KEY"] = site.key
            let preparation = """
                mount --make-rprivate / && mount -o remount,bind,ro / || exit 99
                \(hasTemporary ? "mount -t tmpfs -o mode=1777 tmpfs \(site.path)/tmp || exit 98" : ":")
                ! touch \(site.path)/probe 2>/dev/null || exit 97
                exec "$@"
                """
            let container = [
                "unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "sh", "-c", preparation, "sh",
            ]
            let line = try await site.run(
                "job", command: ["sh", "-c", "echo pid $PPID; sleep 0.2; echo err >&2; exit 11"],
                environment: environment, prefix: container)
            #expect(line.exitCode == 11)
            #expect(line.output == "pid 1\n")
            let executions = try await site.executions(of: "job")
            if hasTemporary {
                // At once, without waiting: nothing is left that could report later.
                #expect(executions.count == 1)
                #expect(executions.first?.endedAt != nil)
                #expect(executions.first?.lines == ["pid 1", "err"])
                #expect(executions.first?.message.contains("exited with code 11") == true)
                #expect(line.complaints.isEmpty, "\(line.error)")
            } else {
                #expect(executions.isEmpty)
                #expect(line.complaints.count == 1, "\(line.error)")
                #expect(line.error.contains("job runs without a record"))
            }
        }
    }
}
