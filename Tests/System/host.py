"""What the system tests do on their machine: an installation as the README has it, wrapped lines, and the journal."""
import contextlib, json, os, pathlib, signal, subprocess, time

HERE = pathlib.Path(__file__).resolve().parent
CONFIGURATION = """
applications:
  shop: {url: "http://127.0.0.1:8080/api", key_file: /etc/charon/shop.key}
"""
DATABASE = ["--database", "/var/lib/charon-server/charon.db"]
LIMIT = 20


def sh(*words, check=True, **options):
    """Runs a command; what it wrote to standard output."""
    return subprocess.run(words, check=check, stdout=subprocess.PIPE, text=True, **options).stdout


def wait_for(condition, what, seconds=None):
    """What `condition` gives as soon as that is true of it; the time is a limit, not a measure."""
    seconds = seconds or LIMIT
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def install():
    """Programs, configuration, catalog and units as the README says; a server of Charon on loopback. Once."""
    if pathlib.Path("/usr/bin/charond").exists():
        return
    if not pathlib.Path("/run/systemd/journal/socket").exists():
        raise AssertionError("no journald: these tests are for Tests/System/run")
    os.makedirs("/etc/charon")
    pathlib.Path("/etc/charon/charon.yaml").write_text(CONFIGURATION)
    sh(str(HERE / "systemd/install"), "--binaries", str(HERE / "bin"))
    start_server()
    key = server("key", "add", "system")
    sh("install", "-m", "600", "/dev/null", "/etc/charon/shop.key")
    pathlib.Path("/etc/charon/shop.key").write_text(key)
    sh("charond", "--check")
    sh("systemctl", "enable", "--now", "charond")
    wait_for(pathlib.Path("/run/charon/charond.sock").exists, "charond listens")


def server(*words):
    """What the server's administrator does."""
    return sh("runuser", "-u", "charon-server", "--", "charon-server", *words, *DATABASE)


def start_server():
    sh("systemctl", "start", "charon-server")
    wait_for(lambda: not subprocess.call(["bash", "-c", ": < /dev/tcp/127.0.0.1/8080"], stderr=subprocess.DEVNULL),
             "the server listens")


def stop_server():
    sh("systemctl", "stop", "charon-server")


def register(slug, *options):
    server("cron", "add", slug, *options)


class Line:
    """A wrapped line that runs."""

    def __init__(self, slug, *command, options=()):
        self.process = subprocess.Popen(
            ["charon-run", *options, slug, "--", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end(self, seconds=LIMIT):
        """Its exit code, once it has ended, and what passed through."""
        out, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, errors


def line(slug, *command, options=()):
    """A wrapped shell script from beginning to end."""
    return Line(slug, "sh", "-c", *command, options=options).end()


def runs(slug):
    return json.loads(sh("charonctl", "list", slug, "--json"))["runs"]


def record(slug):
    """The text of the newest record's output."""
    run = runs(slug)[-1]["run"]
    return pathlib.Path(f"/var/lib/charon/runs/{slug}/{run}/output.log").read_bytes()


def journal(*matches):
    """The journal's entries: fields as bytes, in order, by the format of `journalctl -o export`."""
    sh("journalctl", "--sync")
    text = subprocess.run(
        ["journalctl", "--output=export", "--all", *matches], check=True, stdout=subprocess.PIPE).stdout
    entries, entry, at = [], {}, 0
    while at < len(text):
        end = text.index(b"\n", at)
        name, equals, value = text[at:end].partition(b"=")
        at = end + 1
        if not name:
            entries, entry = entries + [entry], {}
            continue
        if not equals:
            size = int.from_bytes(text[at:at + 8], "little")
            value, at = text[at + 8:at + 8 + size], at + 8 + size + 1
        entry[name.decode()] = value
    return entries + ([entry] if entry else [])


def lines(slug, *matches):
    """The journal's entries of a slug's lines."""
    return [entry for entry in journal(f"CHARON_SLUG={slug}", *matches) if "CHARON_STREAM" in entry]


def messages(entries):
    return [entry["MESSAGE"] for entry in entries]


@contextlib.contextmanager
def stopped_journald():
    """A journald that does nothing meanwhile, and its queue fills."""
    pid = int(sh("systemctl", "show", "--property=MainPID", "--value", "systemd-journald"))
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
