"""Next times a second: charonctl beside PyPI's cronsim and croniter and a loop over the minutes, all in one run."""
import datetime, json, pathlib, statistics, subprocess, sys, time, zoneinfo

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = HERE.parent.parent / ".build/python/bin/python"
ZONE, START = "Europe/Paris", "2026-01-01T00:00:00+01:00"
EXPRESSIONS = ["*/5 * * * *", "0 3 * * *", "15 3 * * 1-5", "0 0 1 * *"]
ROUNDS = 5


def schedule(site, options):
    if not PYTHON.exists():
        print("next times a second: cronsim and croniter are not installed (.ci/install ci)")
        return
    peers = subprocess.run([str(PYTHON), __file__], check=True, capture_output=True, text=True).stdout
    rows = {"charonctl explain": [rate(lambda: charonctl(site.binaries, text)) for text in EXPRESSIONS]}
    rows.update(json.loads(peers))
    base = rows["charonctl explain"]
    print(f"next times a second in {ZONE}, median of {ROUNDS}, and how many times as long as charonctl each takes")
    print("  charonctl: a process that reads and writes JSON, all of it included; the others: calls within one Python")
    print("  " + " " * 20 + "".join(f"{text:>24}" for text in EXPRESSIONS))
    for name, rates in rows.items():
        cells = (f"{value:14,.0f} {first / value:9.1f}" for value, first in zip(rates, base))
        print(f"  {name:20}" + "".join(cells))


def rate(measured):
    """Times a second; `measured` returns how many it made."""
    rates = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        count = measured()
        rates.append(count / (time.perf_counter() - begin))
    return statistics.median(rates)


def charonctl(binaries, text):
    question = json.dumps({"expr": text, "timezone": ZONE, "from": START, "count": 2500})
    words = [str(binaries / "charonctl"), "explain", "-"]
    answers = subprocess.run(words, check=True, capture_output=True, input=f"{question}\n".encode() * 20).stdout
    if answers.count(b"\n") != 20:
        sys.exit("benchmarks: charonctl explain did not answer")
    return 20 * 2500


def peers():
    import croniter, cronsim

    zoneinfo.reset_tzpath(to=["/usr/share/zoneinfo"])
    start = datetime.datetime.fromisoformat(START).astimezone(zoneinfo.ZoneInfo(ZONE))

    def taken(times, count):
        for _ in range(count):
            next(times)
        return count

    def minutes(text):
        """Asks each minute whether it matches, as a loop that somebody writes in a hurry."""
        allowed = [values(word, low, high) for word, (low, high) in zip(
            text.split(), [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)])]
        now = start
        while True:
            now = (now.astimezone(datetime.timezone.utc) + datetime.timedelta(minutes=1)).astimezone(start.tzinfo)
            if all(n in a for n, a in zip(
                    (now.minute, now.hour, now.day, now.month, now.isoweekday() % 7), allowed)):
                yield now

    def values(word, low, high):
        first, _, step = word.partition("/")
        a, _, b = first.partition("-")
        return range(low, high + 1, int(step or 1)) if a == "*" else range(int(a), int(b or a) + 1)

    rows = {
        "cronsim 2.7": lambda text: taken(cronsim.CronSim(text, start), 2500),
        "croniter 6.0.0": lambda text: taken(
            croniter.croniter(text, start, ret_type=datetime.datetime), 2500),
        "a loop over minutes": lambda text: taken(minutes(text), 20 if text != "0 0 1 * *" else 2),
    }
    json.dump({name: [rate(lambda: row(text)) for text in EXPRESSIONS] for name, row in rows.items()}, sys.stdout)


if __name__ == "__main__":
    peers()
