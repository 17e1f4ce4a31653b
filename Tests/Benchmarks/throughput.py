"""Messages that charond delivers a second, beside those that wrk gets through to the same server.

Both send the same requests over as many connections, each with an Idempotency-Key of its own, and both are measured by
the rows in the server's database between their first and their last `received_at`. charond's budgets are lifted and no
lines are joined: each line is a message.
"""
import datetime, json, shutil, statistics, subprocess, sys, urllib.request

from installation import wait_for

LINE = "x" * 100
SLUG = "bench"
TARGET = 0.7
# Runs at once, and the lines of each.
CASES = [(1, 3000), (16, 600), (200, 60)]
# Half of them are charond's for starts, and one is never a message's.
CONNECTIONS = 8
MESSAGE_CONNECTIONS = CONNECTIONS // 2 - 1

CONFIGURATION = """
applications:
  default: {{url: "{url}", key_file: {key}, connections: {connections}, messages_per_second: 1000000, burst: 1000000}}
delivery:
  {{messages_per_second: 1000000, burst: 1000000, joined_bytes: 0, max_messages: 10000000, max_bytes: 1073741824}}
"""

# What charond sends, by a program that has nothing else to do.
SCRIPT = """
local executions, round, bytes = {%s}, "%s", %d
local number = 0
wrk.method = "POST"
wrk.body = %s
wrk.headers = {["X-API-KEY"] = "%s", ["Content-Type"] = "application/json", ["Accept"] = "application/json",
  ["User-Agent"] = "charond/0.1.0"}
function request()
  local execution = executions[number %% #executions + 1]
  local from = math.floor(number / #executions) * bytes
  number = number + 1
  wrk.headers["Idempotency-Key"] = string.format("%%s-%%s/%%d-%%d", round, execution, from, from + bytes)
  return wrk.format(nil, "/api/" .. execution .. "/message")
end
"""


def throughput(site, options):
    if not shutil.which("wrk"):
        print("throughput: wrk is not installed (Debian: wrk)")
        return
    print(f"throughput, {options.throughput_rounds} rounds: messages a second (median, range), ratio (median, range)")
    words = site.configure(
        CONFIGURATION.format(url=site.environment["CHARON_URL"], key=site.place / "key", connections=CONNECTIONS))
    site.stop_daemon()
    site.start_daemon(*words)
    delivered(site, 1, 100)
    for runs, lines in CASES:
        connections = min(runs, MESSAGE_CONNECTIONS)
        pairs = []
        for number in range(options.throughput_rounds):
            ours = delivered(site, runs, lines)
            pairs.append((ours, wrk(site, runs, connections, f"{runs}x{number}")))
        report(runs, connections, pairs)


def report(runs, connections, pairs):
    columns = {
        "charond": ([ours for ours, _ in pairs], ".0f"), "wrk": ([theirs for _, theirs in pairs], ".0f"),
        "ratio": ([ours / theirs for ours, theirs in pairs], ".2f"),
    }
    print(f"  {runs:3} runs at once, connections: {connections:2}", end="")
    for name, (values, form) in columns.items():
        middle, low, high = (format(of(values), form) for of in (statistics.median, min, max))
        print(f"   {name} {middle} ({low} to {high})", end="")
    met = statistics.median(columns["ratio"][0]) >= TARGET
    print(f"   target {TARGET}: {'ok' if met else 'MISSED'}", flush=True)


def delivered(site, runs, lines):
    """The rate of so many runs whose commands all write at the same moment."""
    gate = site.place / "gate"
    subprocess.run(["mkfifo", gate], check=True)
    text = site.place / "lines"
    text.write_text((LINE + "\n") * lines)
    last = newest(site)
    jobs = [site.line(SLUG, "sh", "-c", f": < {gate}; cat {text}") for _ in range(runs)]
    wait_for(lambda: len(since(site, last)) == runs, 60)
    # It opens for all that wait, and a command that comes later finds it open too.
    with open(gate, "w"):
        for job in jobs:
            job.wait()
        ended = "SELECT count(*) FROM executions WHERE id > ? AND ended_at IS NOT NULL"
        wait_for(lambda: site.query(ended, last)[0][0] == runs, 600, every=0.2)
    gate.unlink()
    return rate(site, last, runs * lines)


def wrk(site, runs, connections, name):
    """The rate of wrk, to as many executions."""
    last = newest(site)
    for _ in range(runs):
        request = urllib.request.Request(
            f"{site.environment['CHARON_URL']}/{SLUG}/start", headers={"X-API-KEY": site.key})
        urllib.request.urlopen(request).read()
    executions = since(site, last)
    body = json.dumps({"message": LINE, "type": "info"}, separators=(",", ":"))
    # The prefix is as long as a run's id.
    names = ",".join(f'"{execution}"' for execution in executions)
    script = site.place / "wrk.lua"
    script.write_text(SCRIPT % (names, name.rjust(23, "0"), len(LINE) + 41, json.dumps(body), site.key))
    words = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", "4s", "--script", script]
    result = subprocess.run([*words, f"http://{site.address}"], capture_output=True, text=True)
    if result.returncode != 0 or "Non-2xx" in result.stdout:
        sys.exit(f"benchmarks: wrk: {result.stdout}{result.stderr}")
    return rate(site, last)


def newest(site):
    return site.query("SELECT coalesce(max(id), 0) FROM executions")[0][0]


def since(site, last):
    return [execution for execution, in site.query("SELECT id FROM executions WHERE id > ? ORDER BY id", last)]


def rate(site, last, expected=None):
    """Messages of the executions after `last`, by the server's own times; all must be alike."""
    form = site.query("SELECT DISTINCT length(text), type FROM messages WHERE execution_id > ?", last)
    count, first, latest = site.query(
        "SELECT count(*), min(received_at), max(received_at) FROM messages WHERE execution_id > ?", last)[0]
    if form != [(len(LINE), "info")] or expected not in (None, count):
        sys.exit(f"benchmarks: {count} messages instead of {expected}, or others than were sent: {form}")
    return (count - 1) / (seconds(latest) - seconds(first))


def seconds(text):
    """Seconds of an RFC 3339 time with nine decimals."""
    whole = datetime.datetime.fromisoformat(text[:19]).replace(tzinfo=datetime.timezone.utc)
    return whole.timestamp() + float(text[19:29])
