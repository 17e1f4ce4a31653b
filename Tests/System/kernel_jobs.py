"""Jobs where the control groups are the kernel's own, and so is the clock: a memory limit that is hit, a clock that is set."""
import json, pathlib, re, time, unittest

import host

# This kernel is an ordinary process: everything takes its time.
host.LIMIT = 90
JOBS = pathlib.Path("/etc/charon/jobs.d")


def define(slug, text):
    host.register(slug)
    (JOBS / f"{slug}.yaml").write_text(f"jobs:\n  {slug}: {{user: www-data, directory: /, {text}}}\n")
    host.sh("charonctl", "reload")


def ended(slug):
    def found():
        for run in host.runs(slug):
            run = json.loads(host.sh("charonctl", "run", run["run"], "--json"))
            if run["delivery"]["delivered"]:
                return run
    return host.wait_for(found, f"the end of {slug}", seconds=host.LIMIT)


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The kernel's view of the host's files takes neither SQLite's locks nor OFD locks.
        for place in ("/var/lib/charon", "/var/lib/charon-server"):
            pathlib.Path(place).mkdir(exist_ok=True)
            host.sh("mount", "-t", "tmpfs", "tmpfs", place)
        host.install()

    def test_a_memory_limit_is_hit(self):
        """What comes of it is named, on Charon too, and the daemon and its neighbours go on."""
        define("greedy", "limits: {memory: 32M}, command: 'echo begun; head -c 200M /dev/zero | tail >/dev/null'")
        define("modest", "limits: {memory: 32M}, command: 'exit 3'")
        for slug in ("greedy", "modest"):
            host.sh("charonctl", "start", slug)
        self.assertEqual(ended("greedy")["ended"]["outcome"]["kind"], "out-of-memory")
        self.assertEqual(ended("modest")["ended"]["outcome"], {"kind": "exited", "code": 3})
        failed = host.journal("CHARON_SLUG=greedy", "CHARON_EVENT=failed")
        self.assertIn(b"out of memory", failed[0]["CHARON_OUTCOME"])

    def test_too_many_tasks(self):
        define("forks", "limits: {tasks: 5}, command: 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait'")
        host.sh("charonctl", "start", "forks")
        run = ended("forks")
        self.assertIn(b"fork", host.record("forks"))
        self.assertEqual(run["ended"]["outcome"]["kind"], "exited")

    def test_the_clock_is_set(self):
        """Forward over a fixed time: that runs at once, the log says why, and nothing runs twice when it is set back."""
        host.sh("date", "-u", "-s", "2027-03-10 11:50:00")
        define("fixed", "schedule: '15 12 * * *', timezone: UTC, command: [echo, fired]")
        host.sh("date", "-u", "-s", "2027-03-10 12:20:00")
        run = ended("fixed")
        self.assertEqual(run["due"], ["2027-03-10T12:15:00"])
        said = host.journal("_SYSTEMD_UNIT=charond.service")
        self.assertTrue(any(re.search(rb"stepped by 1[78]\d\d s \(forward\)", entry["MESSAGE"]) for entry in said))
        host.sh("date", "-u", "-s", "2027-03-10 12:14:58")
        time.sleep(4)
        self.assertEqual(len(host.runs("fixed")), 1)


if __name__ == "__main__":
    unittest.main()
