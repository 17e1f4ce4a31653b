"""An installation for one test: a directory with charon-server, charond and wrapped lines, all gone with it."""
import contextlib, os, pathlib, signal, socket, sqlite3, subprocess, sys, tempfile, time


class Site(contextlib.ExitStack):
    """Entered, it has a directory, an environment and a key; server and daemon are started when they are wanted."""

    def __init__(self, binaries):
        super().__init__()
        self.binaries = binaries.resolve()
        self.server = self.daemon = None
        # A free port, which the server keeps when it is started again.
        self.address = "127.0.0.1:0"

    def __enter__(self):
        super().__enter__()
        self.place = pathlib.Path(self.enter_context(tempfile.TemporaryDirectory()))
        self.callback(self.stop)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.place), "CHARON_SERVER_DATABASE": str(self.place / "db"),
            "CHARON_API_KEY_FILE": str(self.place / "key"), "CHARON_SOCKET": str(self.place / "run/charond.sock"),
        }
        self.add_key("site")
        return self

    def tool(self, *words):
        """charon-server with these words; what it prints."""
        words = [self.binaries / "charon-server", *words]
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout

    def register(self, *slugs):
        for slug in slugs:
            self.tool("cron", "add", slug)

    def add_key(self, label):
        """Makes a key and puts it into the daemon's file, by rename: who reads it finds the old one or the new one."""
        self.key = self.tool("key", "add", label).strip()
        new = self.place / "key.new"
        new.write_text(self.key + "\n")
        new.chmod(0o600)
        new.rename(self.place / "key")

    def start_server(self, *options):
        words = [self.binaries / "charon-server", "serve", "--listen", self.address, *options]
        log = open(self.place / "server.log", "ab")
        self.server = subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        url = self.server.stdout.readline().split()[-1]
        self.address = url.split("/")[2]
        self.environment["CHARON_URL"] = url

    def start_daemon(self, *options, is_awaited=True):
        """Starts charond and returns when it takes connections, or at once."""
        log = open(self.place / "charond.log", "ab")
        path = self.environment["CHARON_SOCKET"]
        words = [self.binaries / "charond", "--state", self.place / "state", "--socket", path, *options]
        self.daemon = subprocess.Popen(words, env=self.environment, stderr=log)
        if is_awaited:
            wait_for(lambda: is_connectable(path) or self.daemon.poll() is not None)

    def configure(self, text):
        """Writes a charon.yaml and returns the words that have charond read it."""
        path = self.place / "charon.yaml"
        path.write_text(text)
        path.chmod(0o644)
        return ["--config", path]

    def line(self, slug, *command, options=(), **more):
        """Starts a wrapped line."""
        words = [self.binaries / "charon-run", *options, slug, "--", *command]
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more}
        return subprocess.Popen(words, env=self.environment, **more)

    @contextlib.contextmanager
    def database(self):
        database = sqlite3.connect(f"file:{self.place / 'db'}?mode=ro", uri=True, timeout=10)
        try:
            yield database
        finally:
            database.close()

    def query(self, text, *values):
        """All rows of a query to the server's database, which needs no server for that."""
        with self.database() as database:
            return database.execute(text, values).fetchall()

    def stop_server(self):
        end(self.server)

    def stop_daemon(self, how=signal.SIGTERM):
        end(self.daemon, how)

    def stop(self):
        self.stop_daemon()
        self.stop_server()


def is_connectable(path):
    """Whether somebody listens on a Unix socket, and not only its name is left."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def end(process, how=signal.SIGTERM):
    """Ends a process that was started here and waits for it; nothing for one that has ended."""
    if process and process.poll() is None:
        process.send_signal(how)
        process.wait()


def wait_for(condition, seconds=20, every=0.01):
    """Waits until something is so; a test in which it never is has failed."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            sys.exit(f"{sys.argv[0]}: nothing happened for {seconds} s")
        time.sleep(every)


def pss(*pids):
    """The proportional set size of processes (proc(5), smaps_rollup) in KiB; 0 for one that has ended."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total
