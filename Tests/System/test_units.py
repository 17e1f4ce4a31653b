"""The units, and the script that installs them."""
import os, pathlib, re, subprocess, tempfile, unittest

import host

SYSTEMD = host.HERE / "systemd"
PROGRAMS = ["charond", "charon-run", "charonctl", "charon-server", "charon-call"]
UNITS = ["charond.service", "charond.socket", "charon-server.service", "charon.slice"]
OTHERS = [f"/usr/lib/{name}" for name in
          ("systemd/catalog/charond.catalog", "sysusers.d/charon.conf", "tmpfiles.d/charon.conf")]


def install(*words, **variables):
    environment = dict(os.environ, **variables)
    return subprocess.run([SYSTEMD / "install", *words], env=environment, capture_output=True, text=True)


def exposure(unit):
    """The figure of `systemd-analyze security`: 0 is safe, 10 is not."""
    text = host.sh("systemd-analyze", "security", "--no-pager", unit)
    return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", text).group(1))


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def test_verify(self):
        result = subprocess.run(["systemd-analyze", "verify", *UNITS], capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_verify_finds_mistakes(self):
        with tempfile.TemporaryDirectory() as place:
            unit = pathlib.Path(place) / "charond.service"
            unit.write_text((SYSTEMD / "charond.service").read_text().replace("[Service]", "[Service]\nNonsense=1"))
            result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
        self.assertIn("Nonsense", result.stderr)

    def test_security(self):
        self.assertLessEqual(exposure("charond.service"), 6.0)
        self.assertLessEqual(exposure("charon-server.service"), 2.0)
        self.assertGreater(exposure("cron.service"), 9)

    def test_user_and_directories(self):
        host.sh("systemd-sysusers", "--dry-run", "/usr/lib/sysusers.d/charon.conf")
        self.assertIn("charon-server", host.sh("getent", "passwd", "charon-server"))
        host.sh("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/charon.conf")
        modes = {path: oct(os.stat(path).st_mode & 0o7777) for path in ("/etc/charon/jobs.d", "/var/lib/charon")}
        self.assertEqual(modes, {"/etc/charon/jobs.d": "0o755", "/var/lib/charon": "0o700"})

    def test_daemon_runs_as_its_unit_says(self):
        pid = host.sh("systemctl", "show", "--property=MainPID", "--value", "charond").strip()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        # A job may still become another user: nothing of sudo or sendmail is taken away.
        self.assertRegex(status, r"NoNewPrivs:\s+0")
        kept = int(re.search(r"CapBnd:\s+(\w+)", status).group(1), 16)
        for number, name, is_kept in ((7, "setuid", True), (19, "ptrace", True), (21, "admin", True),
                                      (16, "module", False), (25, "time", False), (22, "boot", False)):
            self.assertEqual(bool(kept >> number & 1), is_kept, name)
        self.assertEqual(pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text().strip(), "0")


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def test_upgrade(self):
        """A second time replaces programs while they run, and leaves configuration and daemon alone."""
        before = host.sh("systemctl", "show", "--property=MainPID", "--value", "charond")
        result = install("--binaries", str(host.HERE / "bin"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("systemctl try-restart charond", result.stdout)
        self.assertEqual(pathlib.Path("/etc/charon/charon.yaml").read_text(), host.CONFIGURATION)
        self.assertEqual(host.sh("systemctl", "show", "--property=MainPID", "--value", "charond"), before)
        self.assertEqual(os.readlink(f"/proc/{before.strip()}/exe"), "/usr/bin/charond (deleted)")
        host.sh("systemctl", "try-restart", "charond")
        host.wait_for(lambda: not subprocess.call(["charonctl", "status"], stdout=subprocess.DEVNULL,
                                                  stderr=subprocess.DEVNULL), "charond answers")

    def test_other_place(self):
        with tempfile.TemporaryDirectory() as place:
            words = ("--prefix", "/usr/local", "--binaries", str(host.HERE / "bin"))
            result = install(*words, DESTDIR=place)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            root = pathlib.Path(place)
            for program in PROGRAMS:
                self.assertTrue(os.access(root / "usr/local/bin" / program, os.X_OK))
            units = root / "usr/local/lib/systemd/system"
            self.assertEqual(sorted(path.name for path in units.iterdir()), sorted(UNITS))
            self.assertIn("ExecStart=/usr/local/bin/charond\n", (units / "charond.service").read_text())
            self.assertNotIn("/usr/bin/char", (units / "charond.service").read_text())
            configuration = root / "etc/charon/charon.yaml"
            configuration.write_text("mine")
            self.assertIn("Upgraded", install(*words, DESTDIR=place).stdout)
            self.assertEqual(configuration.read_text(), "mine")
            # Twice: the second time there is nothing left to remove.
            for _ in range(2):
                result = install("--uninstall", "--prefix", "/usr/local", DESTDIR=place)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
            files = [str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()]
            self.assertEqual(files, ["etc/charon/charon.yaml"])
            install("--prefix", "/opt/charon", *words[2:], DESTDIR=place)
            self.assertTrue((root / "etc/systemd/system/charond.service").exists())
            self.assertTrue((root / "opt/charon/bin/charond").exists())

    def test_bad_options(self):
        for words, message in (
                (["--purge"], "unknown option: --purge"), (["--prefix"], "--prefix needs a directory"),
                (["--prefix", "usr"], "absolute path"), (["--binaries", "/nowhere"], "/nowhere/charond")):
            result = install(*words)
            self.assertEqual(result.returncode, 1)
            self.assertIn(message, result.stderr)
        # The place of the script is not nobody's to read.
        result = subprocess.run(["runuser", "-u", "nobody", "--", "bash", "-s", "--", "--uninstall"],
                                input=(SYSTEMD / "install").read_text(), capture_output=True, text=True)
        self.assertIn("this needs root", result.stderr)

    def test_uninstall(self):
        """Everything but configuration and state goes, and comes back with the next installation."""
        host.register("before-uninstall")
        self.assertEqual(host.line("before-uninstall", "echo here")[0], 0)
        result = install("--uninstall")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("Kept", result.stdout)
        left = [path for path in (*(f"/usr/bin/{name}" for name in PROGRAMS), *OTHERS,
                                  *(f"/usr/lib/systemd/system/{name}" for name in UNITS)) if os.path.lexists(path)]
        self.assertEqual(left, [])
        self.assertEqual(host.sh("systemctl", "is-active", "charond", "charon-server", check=False).split(),
                         ["inactive", "inactive"])
        self.assertFalse(os.path.lexists("/etc/systemd/system/multi-user.target.wants/charond.service"))
        for path in ("/etc/charon/charon.yaml", "/etc/charon/shop.key", "/var/lib/charon/runs/before-uninstall",
                     "/var/lib/charon-server/charon.db"):
            self.assertTrue(os.path.exists(path), path)
        self.assertEqual(install("--binaries", str(host.HERE / "bin")).returncode, 0)
        host.start_server()
        host.sh("systemctl", "enable", "--now", "charond")
        host.register("after-uninstall")
        self.assertEqual(host.line("after-uninstall", "echo back")[0], 0)


if __name__ == "__main__":
    unittest.main()
