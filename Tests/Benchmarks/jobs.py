"""Ten thousand jobs: how long the files take to be loaded and validated, and what stays in memory."""
import json, pathlib, statistics, subprocess, sys, tempfile

ZONES = ["Europe/Paris", "America/New_York", "UTC", "Europe/Riga"]


def write(place, count, per_file):
    """Slug, schedule, zone, four-word command, user, timeout, two variables; so many in each file."""
    jobs = place / "jobs.d"
    jobs.mkdir(mode=0o755)
    write_into(jobs, count, per_file)


def write_into(jobs, count, per_file, schedule=None):
    """The same into a directory that is there; with one schedule for all, if it is given."""
    for start in range(0, count, per_file):
        text = ["jobs:"]
        for number in range(start, min(start + per_file, count)):
            text += [
                f"  job-{number:05d}:",
                f'    schedule: "{schedule or f"{number % 60} {number % 24} * * *"}"',
                f"    timezone: {ZONES[number % len(ZONES)]}",
                f'    command: [/usr/bin/env, /srv/shop/cron/task, --number, "{number}"]',
                "    user: www-data",
                f"    timeout: {5 + number % 20}min",
                "    environment:",
                "      APP_ENV: prod",
                f"      SHOP: shop-{number}",
            ]
        (jobs / f"{start // per_file:03d}.yaml").write_text("\n".join(text) + "\n")


def check(charonctl, place, count):
    words = [str(charonctl), "check", "--json", str(place)]
    report = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=False).stdout)
    if report["jobs"] != count:
        sys.exit(f"benchmarks: {report['jobs']} of {count} jobs were loaded")
    return report["seconds"], report["resident_kib"]


def jobs(charonctl, verdict, count=10_000, rounds=5):
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        place.chmod(0o755)
        write(place, count, 100)
        many = [check(charonctl, place, count) for _ in range(rounds)]
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        place.chmod(0o755)
        (place / "jobs.d").mkdir(mode=0o755)
        none = [check(charonctl, place, 0) for _ in range(rounds)]
    seconds = statistics.median(second for second, _ in many)
    resident = statistics.median(size for _, size in many)
    empty = statistics.median(size for _, size in none)
    limit = 30 * 1024 + 1.5 * count
    print(f"job files: {count} jobs in files of 100, {rounds} rounds (median)")
    print(f"  loaded and validated in {seconds:8.2f} s" + verdict(seconds, 3, " s"))
    print(f"  resident afterwards   {resident:8.0f} KiB" + verdict(resident, limit, " KiB"))
    print(f"  of it each job        {(resident - empty) / count * 1024:8.0f} B (resident with no jobs: {empty:.0f} KiB)")
