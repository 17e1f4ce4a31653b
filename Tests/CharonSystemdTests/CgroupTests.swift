import CharonCore
import Glibc
import Testing

@testable import CharonSystemd

@Suite("Control groups")
struct CgroupTests {
    private static let unified = "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"

    @Test("The unified hierarchy's mount is found, however it is mounted")
    func mounts() throws {
        let plain = try #require(CgroupMounts(mountinfo: Self.unified))
        #expect(
            plain.cgroup("/charon.slice/a.scope") == Cgroup(directory: "/sys/fs/cgroup/charon.slice/a.scope"))
        let hybrid = try #require(
            CgroupMounts(
                mountinfo: """
                    31 30 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
                    32 31 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                    33 31 0:29 / /sys/fs/cgroup/memory rw shared:3 master:1 - cgroup cgroup rw,memory
                    34 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
                    """))
        #expect(
            hybrid.cgroup("/a")
                == Cgroup(directory: "/sys/fs/cgroup/unified/a", memoryDirectory: "/sys/fs/cgroup/memory/a"))
        #expect(CgroupMounts(mountinfo: "31 30 0:27 / / rw - ext4 /dev/vda rw\nnonsense\n- cgroup2\n") == nil)
    }

    @Test("What is mounted may be a part of the hierarchy, at a directory with a space")
    func partial() throws {
        let mounts = try #require(
            CgroupMounts(mountinfo: "30 24 0:26 /docker/1 /cgroup\\040two rw - cgroup2 cgroup2 rw\n" + Self.unified))
        #expect(mounts.cgroup("/docker/1/a").directory == "/cgroup two/a")
        #expect(mounts.cgroup("/docker/12").directory == "/cgroup two/docker/12")
        #expect(mounts.cgroup("/docker/1").directory == "/cgroup two")
    }

    @Test("Counts are read from the files of the kernel, those of version 1 too")
    func counts() throws {
        let place = try Place()
        let group = Cgroup(directory: place.path, memoryDirectory: place.path + "/v1")
        #expect(group.isPopulated == nil)
        #expect(group.oomKills == 0)
        try place.write("cgroup.events", "populated 1\nfrozen 0\n")
        #expect(group.isPopulated == true)
        try place.write("cgroup.events", "populated 0\nfrozen 1\n")
        #expect(group.isPopulated == false)
        try place.write("v1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")
        #expect(group.oomKills == 3)
        try place.write("memory.events", "low 0\nhigh 0\nmax 17\noom 2\noom_kill 1\noom_group_kill 0\n")
        #expect(group.oomKills == 1)
        #expect(Cgroup(directory: place.path + "/gone").isPopulated == false)
    }

    @Test("A group is killed by one write where the kernel can")
    func killed() throws {
        let place = try Place()
        try place.write("cgroup.kill", "")
        try Cgroup(directory: place.path).kill()
        #expect(try place.read("cgroup.kill") == "1")
        try Cgroup(directory: place.path + "/gone").kill()
    }

    @Test("Else all of its processes are, those of groups below it too, and nobody else")
    func killedOneByOne() throws {
        let place = try Place()
        let (first, second, other) = (try Sleeper(), try Sleeper(), try Sleeper())
        // 0 is a process of another PID namespace; the caller's own group must not be hit by it.
        try place.write("cgroup.procs", "0\n\(getpid())\n\(first.process)\n")
        try place.write("below/cgroup.procs", "\(second.process)\n")
        #expect(Cgroup.processes(below: place.path) == [first.process, second.process])
        try Cgroup(directory: place.path).kill()
        #expect(first.end() == SIGKILL)
        #expect(second.end() == SIGKILL)
        #expect(waitpid(other.process, nil, WNOHANG) == 0)
        kill(other.process, SIGKILL)
        #expect(other.end() == SIGKILL)
    }
}
