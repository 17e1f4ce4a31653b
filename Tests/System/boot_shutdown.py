"""A shutdown of the machine in mid-run, and the next boot with what it holds: the outcome is that, and reaches Charon."""
import json, os, pathlib, subprocess, sys, unittest

import host

# `machine` shuts down in order, boots again and comes back here.
REBOOT = 194
MARK = pathlib.Path("/var/lib/charon-shutdown-test")
JOB = """jobs:
  %s:
    user: root
    directory: /
    stop_signal: INT
    stop_grace: 20s
    command: |
      trap 'echo told; echo %s >> /var/lib/told; sleep 1; trap - INT; kill -INT $$' INT
      echo begun
      while :; do sleep 0.1; done
"""


def before():
    host.install()
    host.sh("systemctl", "enable", "charon-server")
    for slug in ("down", "silent"):
        host.register(slug)
        pathlib.Path(f"/etc/charon/jobs.d/{slug}.yaml").write_text(JOB % (slug, slug))
    host.register("reboot")
    pathlib.Path("/etc/charon/jobs.d/reboot.yaml").write_text(
        "jobs:\n  reboot: {user: root, schedule: \"@reboot\", directory: /, command: [echo, booted]}\n")
    host.sh("charonctl", "reload")
    host.sh("charonctl", "start", "down")
    host.wait_for(lambda: b"begun" in host.record("down"), "it runs")
    # Of this one Charon hears only after the next boot.
    host.stop_server()
    host.sh("charonctl", "start", "silent", "--ungated")
    host.wait_for(lambda: b"begun" in host.record("silent"), "it runs")
    host.start_server()
    MARK.write_text("before")


class AfterTheBoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.wait_for(lambda: not subprocess.call(["charonctl", "status"], stdout=subprocess.DEVNULL,
                                                  stderr=subprocess.DEVNULL), "charond is up")

    def ended(self, slug):
        def found():
            run = json.loads(host.sh("charonctl", "run", host.runs(slug)[0]["run"], "--json"))
            return run if run["delivery"]["delivered"] else None
        return host.wait_for(found, f"the end of {slug} is at Charon")

    def test_a_run_is_stopped_by_the_shutdown(self):
        for slug in ("down", "silent"):
            with self.subTest(slug):
                self.assertEqual(len(host.runs(slug)), 1)
                run = self.ended(slug)
                self.assertEqual(run["ended"]["outcome"], {"kind": "stopped", "by": "a shutdown", "signal": 2})
                # Its stop signal, once, and time to act on it.
                self.assertIn(b"told", host.record(slug))
                told = pathlib.Path("/var/lib/told").read_text().split()
                self.assertEqual(told.count(slug), 1)
                self.assertTrue(run["delivery"]["execution"])

    def test_what_is_due_after_a_boot(self):
        host.wait_for(lambda: host.runs("reboot") and b"booted" in host.record("reboot"), "@reboot has fired")
        self.assertEqual(len(host.runs("reboot")), 1)

    def test_nothing_was_lost(self):
        runs = [run for slug in ("down", "silent", "reboot") for run in host.runs(slug)]
        self.assertNotIn("lost", [run["outcome"]["kind"] for run in runs])


if not MARK.exists():
    before()
    sys.stdout.flush()
    os._exit(REBOOT)
