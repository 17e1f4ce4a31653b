"""Jobs of job files on a real systemd: what fires, as whom, within which limits; reload, restart, crash, a hang."""
import contextlib, ctypes, json, os, pathlib, re, signal, subprocess, threading, unittest

import host

JOBS = pathlib.Path("/etc/charon/jobs.d")
DROP_IN = pathlib.Path("/run/systemd/system/charond.service.d/test.conf")


def write(name, text):
    """Puts a job file in its place as a whole."""
    new = JOBS / f".{name}"
    new.write_text(f"jobs:\n{text}")
    new.rename(JOBS / f"{name}.yaml")


def remove(name):
    (JOBS / f"{name}.yaml").unlink(missing_ok=True)


def reload(check=True):
    return subprocess.run(["charonctl", "reload"], capture_output=True, text=True, check=check)


def run_of(slug, number=0):
    """A run of a slug, once there is one, as `charonctl run` has it."""
    runs = host.wait_for(lambda: len(found := host.runs(slug)) > number and found, f"run {number} of {slug}")
    return json.loads(host.sh("charonctl", "run", runs[number]["run"], "--json"))


def ended(slug, number=0):
    """The same run once its end has reached Charon."""
    return host.wait_for(lambda: (run := run_of(slug, number))["delivery"]["delivered"] and "ended" in run and run,
                         f"the end of run {number} of {slug}")


def main_pid():
    return int(host.sh("systemctl", "show", "--property=MainPID", "--value", "charond"))


def restarted(pid):
    host.wait_for(lambda: main_pid() not in (0, pid) and
                  not subprocess.call(["charonctl", "status"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
                  "charond is back")


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def tearDown(self):
        for path in JOBS.glob("*.yaml"):
            path.unlink()
        reload()

    def define(self, slug, text, schedule=None):
        """A job of www-data, which is due within two seconds if it has a schedule."""
        host.register(slug)
        lines = [f"  {slug}:", "    user: www-data", *([f"    schedule: \"{schedule}\""] if schedule else [])]
        write(slug, "\n".join(lines + [f"    {line}" for line in text.splitlines()]) + "\n")
        reload()

    def test_a_schedule_fires(self):
        self.define("fires", "command: \"id -un; echo warning: low >&2\"\ndirectory: /", "*/2 * * * * *")
        run = ended("fires")
        self.assertEqual((run["ended"]["exit_code"], run["attempt"], len(run["due"])), (0, 1, 1))
        name = run["run"]
        lines = [entry for entry in host.journal(f"CHARON_RUN={name}") if "CHARON_STREAM" in entry]
        self.assertEqual(sorted(host.messages(lines)), [b"warning: low", b"www-data"])
        for entry in lines:
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], b"fires")
            self.assertEqual(entry["CHARON_EXECUTION"].decode(), run["delivery"]["execution"])
            self.assertEqual(entry["_UID"], b"0")
        events = [entry["CHARON_EVENT"] for entry in host.journal(f"CHARON_RUN={name}") if "CHARON_EVENT" in entry]
        self.assertEqual(events, [b"begun", b"started", b"ended"])

    def test_status(self):
        self.define("shown", "command: [\"true\"]", "0 0 1 1 *")
        text = host.sh("systemctl", "status", "charond")
        self.assertIn("active (running)", text)
        self.assertRegex(host.sh("systemctl", "show", "--property=StatusText", "charond"), r"\d+ jobs, \d+ runs under way")

    def test_a_user_with_limits_in_a_scope(self):
        self.define("limited", "command: \"id -un; ulimit -n; umask; nice; cat /proc/self/cgroup; sleep 60\"\n"
                    "limits: {open_files: 77, tasks: 50}\numask: \"027\"\nnice: 3\ndirectory: /")
        run = host.sh("charonctl", "start", "limited").strip()
        output = host.wait_for(lambda: " 0::" in (text := host.record("limited").decode()) and text, "its output")
        words = [line.split(" ", 3)[3] for line in output.splitlines()]
        self.assertEqual(words[:4], ["www-data", "77", "0027", "3"])
        scope = f"charon-limited-{run}.scope"
        group = next(word for word in words if word.startswith("0::"))
        self.assertTrue(group.endswith(f"/charon.slice/{scope}"), group)
        self.assertEqual(host.sh("systemctl", "show", "--property=TasksMax", "--value", scope).strip(), "50")
        self.assertIn(scope, host.sh("systemctl", "list-units", "--no-legend", "charon-*.scope"))
        host.sh("charonctl", "stop", run)
        self.assertEqual(ended("limited")["ended"]["outcome"], {"kind": "stopped", "by": "uid 0", "signal": 15})
        host.wait_for(lambda: scope not in host.sh("systemctl", "list-units", "--no-legend", "--all", "charon-*.scope"),
                      "the scope is gone")

    def test_what_escapes_a_stop_is_ended(self):
        """A descendant in a session of its own is beyond its group, and not beyond its control group."""
        self.define("escapes", "command: \"setsid sleep 4711 & sleep 60\"\ndirectory: /")
        run = host.sh("charonctl", "start", "escapes").strip()
        host.wait_for(lambda: subprocess.call(["pgrep", "-f", "^sleep 4711"], stdout=subprocess.DEVNULL) == 0, "it runs")
        host.sh("charonctl", "stop", run)
        host.wait_for(lambda: subprocess.call(["pgrep", "-f", "^sleep 4711"], stdout=subprocess.DEVNULL) == 1,
                      "what has escaped is ended")

    def test_a_saved_file_takes_effect(self):
        host.register("saved")
        write("saved", "  saved: {user: www-data, command: [\"true\"], directory: /}\n")
        host.wait_for(lambda: "saved" in host.sh("charonctl", "jobs"), "the file is read")
        remove("saved")
        host.wait_for(lambda: "saved" not in host.sh("charonctl", "jobs"), "the file is gone")

    def test_a_bad_definition_leaves_the_last_good_one(self):
        self.define("kept", "command: [echo, good]\ndirectory: /")
        write("kept", "  kept: {user: www-data, command: {run: it}}\n")
        result = reload(check=False)
        self.assertEqual(result.returncode, 78)
        self.assertRegex(result.stderr, r"/etc/charon/jobs.d/kept.yaml:2:\d+: ")
        self.assertNotEqual(subprocess.call(["systemctl", "reload", "charond"], stderr=subprocess.DEVNULL), 0)
        host.sh("charonctl", "start", "kept", "--follow")
        self.assertIn(b" good\n", host.record("kept"))
        errors = host.journal("_SYSTEMD_UNIT=charond.service", "PRIORITY=3")
        self.assertTrue(any(b"kept.yaml:2:" in entry["MESSAGE"] for entry in errors))
        write("kept", "  kept: {user: www-data, command: [echo, better], directory: /}\n")
        host.sh("systemctl", "reload", "charond")
        host.sh("charonctl", "start", "kept", "--follow")
        self.assertIn(b" better\n", host.record("kept"))

    def through(self, slug, happens):
        """A run that goes on while something happens to the daemon; its overlap holds, and its end is reported."""
        self.define(slug, "command: \"echo before; while [ ! -e /run/go ]; do sleep 0.1; done; echo after; exit 3\"\n"
                    "directory: /")
        pathlib.Path("/run/go").unlink(missing_ok=True)
        host.sh("charonctl", "start", slug)
        host.wait_for(lambda: b"before" in host.record(slug), "it runs")
        pid = main_pid()
        happens(pid)
        restarted(pid)
        again = subprocess.run(["charonctl", "start", slug], capture_output=True, text=True)
        self.assertEqual(again.returncode, 3, again)
        self.assertIn("earlier run", again.stdout + again.stderr)
        pathlib.Path("/run/go").touch()
        run = ended(slug)
        self.assertEqual(run["ended"]["outcome"], {"kind": "exited", "code": 3})
        self.assertIn(b"after", host.record(slug))

    def test_restart(self):
        self.through("job-restarted", lambda _: host.sh("systemctl", "restart", "charond"))

    def test_crash(self):
        self.through("job-crashed", lambda pid: os.kill(pid, signal.SIGKILL))

    def test_a_hanging_scheduler(self):
        """Its thread alone is stopped, as a debugger would; systemd's watchdog ends the daemon."""
        DROP_IN.parent.mkdir(parents=True, exist_ok=True)
        DROP_IN.write_text("[Service]\nWatchdogSec=2s\n")
        host.sh("systemctl", "daemon-reload")
        host.sh("systemctl", "restart", "charond")
        try:
            with contextlib.ExitStack() as stack:
                self.through("job-hangs", lambda pid: stack.enter_context(stopped_thread(pid, "scheduler")))
            killed = host.journal("UNIT=charond.service")
            self.assertTrue(any(b"Watchdog timeout" in entry["MESSAGE"] for entry in killed))
        finally:
            DROP_IN.unlink()
            host.sh("systemctl", "daemon-reload")
            host.sh("systemctl", "restart", "charond")

    def test_begins_wait_through_a_restart(self):
        """The socket is systemd's: a line that comes while no daemon is there waits for the next one."""
        host.register("activated")
        host.sh("systemctl", "stop", "charond", stderr=subprocess.DEVNULL)
        self.assertEqual(host.sh("systemctl", "is-active", "charond.socket").strip(), "active")
        code, out, errors = host.line("activated", "echo there")
        self.assertEqual((code, out, errors), (0, b"there\n", b""))
        self.assertTrue(host.wait_for(lambda: host.runs("activated") and host.runs("activated")[0]["execution"], "it"))

    def test_pauses_outlive_the_daemon(self):
        self.define("paused", "command: [\"true\"]\ndirectory: /", "*/2 * * * * *")
        ended("paused")
        host.sh("charonctl", "pause", "paused", "--reason", "release")
        host.sh("systemctl", "restart", "charond")
        self.assertIn("release", host.sh("charonctl", "job", "paused"))
        count = len(host.runs("paused"))
        host.sh("charonctl", "resume", "paused")
        host.wait_for(lambda: len(host.runs("paused")) > count, "it goes on")

    def test_a_broken_configuration(self):
        """The daemon goes on with the last good copy, and says so."""
        path = pathlib.Path("/etc/charon/charon.yaml")
        good = path.read_text()
        pid = main_pid()
        try:
            path.write_text("applications: 3\n")
            host.sh("systemctl", "restart", "charond")
            restarted(pid)
            said = host.journal("_SYSTEMD_UNIT=charond.service", "_TRANSPORT=stdout")
            self.assertTrue(any(b"going on with the last good copy" in entry["MESSAGE"] for entry in said))
        finally:
            path.write_text(good)
            host.sh("systemctl", "restart", "charond")


class Cron(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def test_a_line_of_cron(self):
        """Debian's cron starts a wrapped line of www-data, next to a job of the same minute."""
        host.register("crontab")
        host.register("minute")
        write("minute", "  minute: {user: www-data, schedule: \"* * * * *\", command: [\"true\"], directory: /}\n")
        reload()
        pathlib.Path("/etc/cron.d/charon-test").write_text(
            "* * * * * www-data charon-run crontab -- sh -c 'id -un; echo bad >&2'\n")
        try:
            host.wait_for(lambda: host.runs("crontab") and host.runs("minute"), "both have fired", seconds=130)
            run = ended("crontab")
            self.assertEqual(run["asked"]["argv"][0], "sh")
            lines = host.lines("crontab", f"CHARON_RUN={run['run']}")
            self.assertEqual(sorted(host.messages(lines)), [b"bad", b"www-data"])
            self.assertEqual({entry["_UID"].decode() for entry in lines}, {str(run["uid"])})
            self.assertEqual([len(ended("minute")["due"]), ended("minute")["ended"]["exit_code"]], [1, 0])
        finally:
            pathlib.Path("/etc/cron.d/charon-test").unlink()
            remove("minute")
            reload()


@contextlib.contextmanager
def stopped_thread(pid, name):
    """A thread of a process that does nothing meanwhile (ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT)."""
    seize, interrupt = 0x4206, 0x4207
    libc = ctypes.CDLL(None, use_errno=True)
    thread = next(int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                  if (task / "comm").read_text().strip() == name)
    for request in (seize, interrupt):
        if libc.ptrace(request, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
    # Proof of the instrument: it is stopped, and the others are not.
    host.wait_for(lambda: re.search(r"State:\s+t", pathlib.Path(f"/proc/{pid}/task/{thread}/status").read_text()),
                  "the thread is stopped")
    # Until its tracer has waited for it a thread that has ended keeps its process from being gone.
    threading.Thread(target=wait_for_end, args=(thread,), daemon=True).start()
    yield


def wait_for_end(thread):
    with contextlib.suppress(ChildProcessError):
        while not os.WIFEXITED(status := os.waitpid(thread, 0x40000000)[1]) and not os.WIFSIGNALED(status):
            pass


if __name__ == "__main__":
    unittest.main()
