"""What becomes of a run whose journald is stopped, restarted or not there."""
import os, pathlib, subprocess, tempfile, time, unittest

import host

SOCKETS = ["systemd-journald.socket", "systemd-journald-dev-log.socket"]
# More than the socket takes, and within a run's budget.
MANY = 900


class Journald(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def setUp(self):
        self.place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        # A line that goes on when it is told to.
        self.wait = f"touch {self.place}/waits; while [ ! -e {self.place}/go ]; do sleep 0.02; done"

    def start(self, slug, script):
        host.register(slug)
        return host.Line(slug, "sh", "-c", script)

    def waits(self):
        """The command has written all that stands before its wait, and was not held up."""
        host.wait_for((self.place / "waits").exists, "the command goes on", seconds=5)

    def go_on(self):
        (self.place / "go").touch()

    def test_stopped_in_mid_run(self):
        with host.stopped_journald():
            line = self.start("stopped-mid", f"seq {MANY}; {self.wait}; echo last; exit 3")
            self.waits()
        self.go_on()
        code, out, errors = line.end()
        expected = [str(number).encode() for number in range(1, MANY + 1)] + [b"last"]
        self.assertEqual((code, out.split(), errors), (3, expected, b""))
        self.assertEqual(host.messages(host.lines("stopped-mid")), expected)

    def test_stopped_for_the_whole_run(self):
        """More lines than all queues hold: the command, its exit code and its record do not feel it."""
        with host.stopped_journald():
            begin = time.monotonic()
            code, out, errors = self.start("stopped", "seq 100000; exit 3").end(seconds=10)
            self.assertLess(time.monotonic() - begin, 10)
            self.assertEqual((code, out.count(b"\n"), errors), (3, 100_000, b""))
        self.assertEqual(host.record("stopped").count(b"\n"), 100_000)
        # What was sent before the queue was full is there, in order.
        entries = [int(message) for message in host.messages(host.lines("stopped"))]
        self.assertEqual(entries, list(range(1, len(entries) + 1)))
        self.assertGreater(len(entries), 0)

    def test_the_daemon_answers_while_it_is_stopped(self):
        host.register("answers")
        with host.stopped_journald():
            for _ in range(100):
                self.assertEqual(host.line("answers", "echo x"), (0, b"x\n", b""))
        # Its events waited.
        events = host.wait_for(
            lambda: len(found := host.journal("CHARON_EVENT=ended", "CHARON_SLUG=answers")) == 100 and found,
            "every end is there")
        self.assertTrue(all(entry["_COMM"] == b"charond" for entry in events))

    def test_restarted_in_mid_run(self):
        line = self.start("restarted", f"echo before; {self.wait}; echo after")
        self.waits()
        host.sh("systemctl", "restart", "systemd-journald")
        self.go_on()
        self.assertEqual(line.end(), (0, b"before\nafter\n", b""))
        self.assertEqual(host.messages(host.lines("restarted")), [b"before", b"after"])

    def test_gone_and_back_with_a_new_socket(self):
        line = self.start("gone", f"echo before; {self.wait}; echo meanwhile; rm {self.place}/go; "
                          f"{self.wait}; echo after")
        self.waits()
        old = os.stat("/run/systemd/journal/socket").st_ino
        host.sh("systemctl", "stop", "systemd-journald", *SOCKETS)
        self.addCleanup(host.sh, "systemctl", "start", *SOCKETS, "systemd-journald")
        (self.place / "waits").unlink()
        self.go_on()
        self.waits()
        host.sh("systemctl", "start", *SOCKETS, "systemd-journald")
        self.assertNotEqual(os.stat("/run/systemd/journal/socket").st_ino, old)
        # Nothing is written meanwhile: what waits goes by itself.
        host.wait_for(lambda: b"meanwhile" in host.messages(host.lines("gone")), "the line that waited")
        self.go_on()
        self.assertEqual(line.end(), (0, b"before\nmeanwhile\nafter\n", b""))
        self.assertEqual(host.messages(host.lines("gone")), [b"before", b"meanwhile", b"after"])

    def test_none_at_all(self):
        host.register("none")
        command = "charon-run none -- sh -c 'echo x; echo y >&2; exit 4'"
        hidden = f"mount -t tmpfs tmpfs /run/systemd/journal && exec {command}"
        result = subprocess.run(["unshare", "--mount", "sh", "-c", hidden], capture_output=True)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (4, b"x\n", b"y\n"))
        self.assertEqual(host.lines("none"), [])
        self.assertEqual(host.record("none").count(b"\n"), 2)


if __name__ == "__main__":
    unittest.main()
