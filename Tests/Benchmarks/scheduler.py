"""Jobs that are due at once, and what a daemon takes that has nothing to do."""
import datetime, pathlib, statistics, subprocess, sys, time

import jobs as many
from installation import pss, wait_for

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 1000
ROUNDS = 5
IDLE_SECONDS = 120
CONFIGURATION = """
applications:
  default: {{url: "{url}", key_file: {key}, connections: 16}}
"""


def configure(site):
    words = site.configure(CONFIGURATION.format(url=site.environment["CHARON_URL"], key=site.place / "key"))
    directory = site.place / "jobs.d"
    directory.mkdir(mode=0o755, exist_ok=True)
    return words, directory


def compiled(site, name):
    program = site.place / name
    subprocess.run(["cc", "-O2", "-static", "-o", program, HERE / f"{name}.c"], check=True)
    return program


def due(site, options, verdict):
    """From the second in which a thousand jobs are due to the exec of each, beside a thousand bare double spawns."""
    moment, double = compiled(site, "moment"), compiled(site, "double")
    site.place.chmod(0o711)
    words, directory = configure(site)
    for number in range(COUNT):
        site.tool("cron", "add", f"burst-{number}")
    site.stop_daemon()
    own_file_system(site)
    site.start_daemon(*words)
    print(f"{COUNT} jobs due in one second, each gated: milliseconds from then to its exec; {ROUNDS} rounds")
    ratios, shells = [], []
    for number in range(ROUNDS):
        before = [spawned(site, double, moment, f"{number}a", *words) for words in ([], ["shell"])]
        found = burst(site, directory, moment, number)
        after = [spawned(site, double, moment, f"{number}b", *words) for words in ([], ["shell"])]
        # This machine's speed varies within seconds.
        bare, shell = (statistics.mean(pair) for pair in zip(before, after))
        p50, p99 = found[len(found) // 2], found[int(len(found) * 0.99)]
        ratios.append(p99 / bare)
        shells.append(p99 / shell)
        print(f"  p50 {p50:6.0f}, p99 {p99:6.0f}; bare double spawns {bare:6.0f} for all, by a shell {shell:6.0f}:"
              f" p99 is {p99 / bare:.2f} x and {p99 / shell:.2f} x")
    for name, found in (("", ratios), (" to a shell's", shells)):
        print(f"  median of the ratios{name} {statistics.median(found):.2f}" + verdict(statistics.median(found), 3, " x"))


def own_file_system(site):
    """Gives the daemon's state an ext4 of its own: ext4 passes over inodes that were freed in the last minutes one by one
    (`recently_deleted`), and what was measured or built before has freed many."""
    image, state = site.place / "state.img", site.place / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    with open(image, "wb") as file:
        file.truncate(2 << 30)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, state], check=True)

    def undo():
        site.stop_daemon()
        subprocess.run(["umount", state], check=True)
    site.callback(undo)


def spawned(site, double, moment, number, *words):
    """Milliseconds until the last of so many double spawns has run."""
    file = site.place / f"bare{number}{''.join(words)}"
    begin = time.time_ns()
    subprocess.run([double, str(COUNT), moment, file, *words], check=True)
    times = [int(line) for line in file.read_text().split()]
    if len(times) != COUNT:
        sys.exit(f"benchmarks: {len(times)} of {COUNT} double spawns ran")
    return (max(times) - begin) / 1e6


def burst(site, directory, moment, number):
    file = site.place / f"burst{number}"
    at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=12)
    text = ["jobs:"]
    for job in range(COUNT):
        text += [f"  burst-{job}:", f'    schedule: "{at.second} {at.minute} {at.hour} * * *"', "    timezone: UTC",
                 "    user: root", f"    command: [{moment}, {file}]", "    directory: /"]
    new = directory / ".new"
    new.write_text("\n".join(text) + "\n")
    new.rename(directory / "burst.yaml")
    subprocess.run([site.binaries / "charonctl", "reload"], env=site.environment, check=True, stdout=subprocess.DEVNULL)
    wait_for(lambda: file.exists() and len(file.read_text().split()) == COUNT, seconds=120, every=0.2)
    # All of it has to be over before anything else is measured.
    wait_for(lambda: not subprocess.run(["pgrep", "-x", "charon-run"], stdout=subprocess.PIPE).stdout, 60, 0.2)
    return sorted((int(line) - at.timestamp() * 1e9) / 1e6 for line in file.read_text().split())


def idle(site, options, verdict):
    """Memory with jobs of one line and with ten thousand of the usual shape; wake-ups while nothing is due."""
    words, directory = configure(site)
    print("a daemon with nothing to do: resident memory (PSS)")
    for count in (0, 100, 10_000):
        for path in directory.iterdir():
            path.unlink()
        many.write_into(directory, count, 100, schedule="0 0 29 2 *")
        site.stop_daemon()
        site.start_daemon(*words)
        time.sleep(2)
        size = pss(site.daemon.pid)
        print(f"  {count:6} jobs {size:8.0f} KiB" + verdict(size, 30 * 1024 + 1.5 * count, " KiB"))
    before, begin = activity(site.daemon.pid), time.monotonic()
    time.sleep(IDLE_SECONDS)
    wakes, ticks = (now - then for now, then in zip(activity(site.daemon.pid), before))
    seconds = time.monotonic() - begin
    print(f"  with {count} jobs, {seconds:.0f} s: {wakes} wake-ups, {ticks * 10} ms of processor time"
          + verdict(wakes, 0))


def activity(pid):
    """Voluntary context switches of all threads, and clock ticks of the process."""
    wakes = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                wakes += int(line.split()[1])
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return wakes, int(fields[11]) + int(fields[12])
