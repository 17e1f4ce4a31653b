"""Random expressions, zones and starts for the schedule's oracles."""
import datetime, functools, zoneinfo

UTC = datetime.timezone.utc
# Python reads the same files as charonctl.
zoneinfo.reset_tzpath(to=["/usr/share/zoneinfo"])

ZONES = [
    "Europe/Paris", "Europe/Riga", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Beirut", "Africa/Casablanca", "Pacific/Apia", "UTC",
]
BEGIN, END = (int(datetime.datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1990, 2037))
DAYS = "SUN MON TUE WED THU FRI SAT".split()
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


@functools.cache
def zone(name):
    return zoneinfo.ZoneInfo(name)


def offset(name, second):
    """What the clocks of a zone are ahead of UTC, in seconds."""
    return int(datetime.datetime.fromtimestamp(second, zone(name)).utcoffset().total_seconds())


@functools.cache
def transitions(name):
    """The changes of a zone's offset as (second, before, after), found by asking for each quarter of an hour."""
    found = []
    second = BEGIN
    before = offset(name, second)
    while second < END + 2 * 366 * 86_400:
        second += 6 * 3600
        if offset(name, second) == before:
            continue
        low, high = second - 6 * 3600, second
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(name, middle) == before else (low, middle)
        after = offset(name, high)
        found.append((high, before, after))
        before, second = after, high
    return found


def near(name, start, end):
    """The changes from one second to another."""
    return [change for change in transitions(name) if start <= change[0] <= end]


def number(random, low, high):
    return str(random.randint(low, high))


def span(random, low, high, most=None):
    a = random.randint(low, high - 1)
    b = random.randint(a, high if most is None else min(high, a + most))
    return f"{a}-{b}"


def field(random, low, high, star, early=None):
    """One field; `early` draws half of its numbers from the first hours, where clocks change."""
    top = high if early is None or random.random() < 0.4 else early
    kind = random.random()
    if kind < star:
        return "*" if random.random() < 0.5 else f"*/{random.randint(1, max(2, (high - low) // 2))}"
    kind = random.random()
    if kind < 0.45:
        return number(random, low, top)
    if kind < 0.65:
        return ",".join(number(random, low, top) for _ in range(random.randint(2, 4)))
    if kind < 0.8:
        return span(random, low, top)
    if kind < 0.9:
        return f"{span(random, low, high)}/{random.randint(1, 9)}"
    return f"*/{random.randint(2, 20)},{number(random, low, top)}" if kind < 0.93 else \
        f"{number(random, low, top)},{span(random, low, high, 5)}"


def day(random):
    if random.random() < 0.62:
        return "*"
    if random.random() < 0.12:
        return random.choice(["L", "LW", "1,L", "15,LW"])
    return field(random, 1, 31, 0.15)


def month(random):
    if random.random() < 0.85:
        return "*"
    if random.random() < 0.3:
        return random.choice(MONTHS)
    return field(random, 1, 12, 0.3)


def weekday(random):
    kind = random.random()
    if kind < 0.62:
        return "*"
    if kind < 0.7:
        return random.choice(DAYS)
    if kind < 0.75:
        return f"{random.choice(DAYS[1:4])}-{random.choice(DAYS[4:])}"
    if kind < 0.8:
        return f"{random.randint(0, 7)}#{random.randint(1, 4)}"
    if kind < 0.84:
        return f"{random.randint(0, 7)}L"
    if kind < 0.88:
        return random.choice(["5-7", "6-7", "0-7", "*/7", "*/2", "1-7/2"])
    return field(random, 0, 7, 0.1)


def expression(random):
    """Five fields that cron of Debian, cronsim and charond all read; now and then six."""
    text = " ".join([
        field(random, 0, 59, 0.35), field(random, 0, 23, 0.35, early=4), day(random), month(random), weekday(random),
    ])
    return f"{field(random, 0, 59, 0.3)} {text}" if random.random() < 0.04 else text


def additions(random):
    """What cronsim does not have: nearest weekdays, hashed and chosen values, six fields."""
    minute = random.choice(["H", "H/15", "H(0-29)", "H(0-29)/10", "~", "10~20", "~30", "*", "*/7", "5-59/5", "0,30"])
    hour = random.choice(["H", "~", "*", "*/2", "*/3", "0-4", "1,2,3", "H(0-4)", "2~3", "0-23", "2", "1"])
    days = random.choice(["*", "*", "*", "15W", "1W", "31W", "1W,15W,L", "H", "~", "10~15", "L", "LW", "28W,29"])
    months = random.choice(["*", "*", "*", "H", "1-6", "*/2"])
    weekdays = random.choice(["*", "*", "*", "H", "~", "1-5", "FRI#2", "6L", "5-7"])
    text = f"{minute} {hour} {days} {months} {weekdays}"
    seconds = random.choice(["", "", "0 ", "*/20 ", "0,30 ", "H ", "15-45/10 ", "* "])
    return seconds + text


def start(random, name):
    """A second: half of them within two days of a change."""
    changes = transitions(name)
    if changes and random.random() < 0.5:
        second = random.choice(changes)[0] + random.randint(-2 * 86_400, 2 * 86_400)
    else:
        second = random.randint(BEGIN + 366 * 86_400, END)
    return second - second % 60 if random.random() < 0.7 else second


def iso(second, name="UTC"):
    return datetime.datetime.fromtimestamp(second, zone(name)).isoformat()
