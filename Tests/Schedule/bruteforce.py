"""A second implementation: fields as sets, and cron's own main loop minute by minute."""
import calendar, datetime

from expressions import DAYS, MONTHS, UTC, near, offset

MASK = (1 << 64) - 1
FIELDS = [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)]


def mixed(seed, n):
    """SplitMix64."""
    z = (seed + (n + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Rule:
    """What an expression says, as predicates."""

    def __init__(self, text, seed):
        words = text.upper().split()
        self.six = len(words) == 6
        self.words = words if self.six else ["0", *words]
        self.seed = seed
        self.second, self.minute, self.hour, self.day, self.month, self.weekday = (
            self.parse(index, word) for index, word in enumerate(self.words))
        stars = [word.startswith("*") for word in self.words]
        self.fixed = not (stars[0] and self.six or stars[1] or stars[2])
        self.both = stars[3] or stars[5]
        self.memo = {}

    def value(self, index, word):
        names = {4: (MONTHS, 1), 5: (DAYS, 0)}.get(index)
        if names and word in names[0]:
            return names[0].index(word) + names[1]
        return int(word)

    def parse(self, index, word):
        result = set()
        for place, term in enumerate(word.split(",")):
            result |= self.term(index, place, term)
        return result

    def term(self, index, place, term):
        _, low, high = FIELDS[index]
        term, _, step = term.partition("/")
        step = int(step) if step else None
        if term == "*":
            return set(range(low, high + 1, step or 1))
        if term.startswith("H") or "~" in term:
            chosen = (1, 28) if index == 3 else (0, 6) if index == 5 else (low, high)
            if "(" in term:
                a, b = term[2:-1].split("-")
            else:
                a, _, b = term.partition("~") if "~" in term else ("", "", "")
            a = self.value(index, a) if a else chosen[0]
            b = self.value(index, b) if b else max(chosen[1], a)
            count = b - a + 1
            first = a + mixed(self.seed, index * 64 + place) % min(step or count, count)
            return set(range(first, b + 1, step)) if step else {first}
        if index == 3 and (term in ("L", "LW") or term.endswith("W")):
            return {term}
        if index == 5 and ("#" in term or term.endswith("L")):
            return {term}
        a, dash, b = term.partition("-")
        a = self.value(index, a)
        if not dash:
            return {a}
        return set(range(a, self.value(index, b) + 1, step or 1))

    def matches_date(self, date):
        if date not in self.memo:
            self.memo[date] = date.month in self.month and self.matches_day(date)
        return self.memo[date]

    def matches_day(self, date):
        last = calendar.monthrange(date.year, date.month)[1]

        def is_day(term):
            if isinstance(term, int):
                return term == date.day
            if term == "L":
                return date.day == last
            # The Monday to Friday of the month that is nearest to a day, of two the earlier one only on Saturday's side.
            day = last if term == "LW" else int(term[:-1])
            if day > last:
                return False
            workdays = [d for d in range(1, last + 1) if datetime.date(date.year, date.month, d).weekday() < 5]
            return date.day == min(workdays, key=lambda d: (abs(d - day), d))

        def is_weekday(term):
            day = date.isoweekday() % 7
            if isinstance(term, int):
                return term % 7 == day
            if term.endswith("L"):
                return self.value(5, term[:-1]) % 7 == day and date.day + 7 > last
            name, _, n = term.partition("#")
            return self.value(5, name) % 7 == day and (date.day - 1) // 7 + 1 == int(n)

        found = any(map(is_day, self.day)), any(map(is_weekday, self.weekday))
        return all(found) if self.both else any(found)

    def slots(self, local):
        """The seconds of a local minute, counted in seconds since 1970 on that clock, that match."""
        time = datetime.datetime.fromtimestamp(local, UTC)
        if time.minute in self.minute and time.hour in self.hour and self.matches_date(time.date()):
            return [local + second for second in sorted(self.second)]
        return []


def loop(rule, name, start, end):
    """What cron of Debian runs after `start` and up to `end`, runs of one second made one: {second: nominal times}.

    Its main loop (cron.c), for a daemon that follows this zone and is never late.
    """
    runs = {}

    def add(at, slots):
        if slots and start < at <= end:
            runs.setdefault(at, []).extend(slots)

    changes = [at for at, *_ in near(name, start - 90_000, end + 90_000)]
    shift = offset(name, start - 30_000)
    # Wide of the start, so that what a change shortly before it has left behind is known.
    at = start - start % 60 - 30_000 - 30_000 % 60
    virtual = (at + offset(name, at)) // 60
    while at <= end:
        at += 60
        if at % 3600 == 0 or at in changes:
            shift = offset(name, at)
        running = (at + shift) // 60
        # A day without a match and without a change near is passed over.
        if running % 1440 == 0 and virtual == running - 1:
            date = datetime.datetime.fromtimestamp(running * 60, UTC).date()
            if not rule.matches_date(date) and not any(at - 1 <= c <= at + 90_000 for c in changes):
                at += 86_400 - 60
                virtual = (at + shift) // 60
                continue
        difference = running - virtual
        if difference == 1 or difference > 180 or difference <= -180:
            virtual = running
            for slot in rule.slots(running * 60):
                add(slot - shift, [slot])
        elif difference > 0:
            made_up = []
            if difference <= 5 or rule.fixed:
                for minute in range(virtual + 1, running):
                    made_up += rule.slots(minute * 60)
            virtual = running
            add(at, made_up)
            for slot in rule.slots(running * 60):
                add(slot - shift, [slot])
        elif not rule.fixed:
            for slot in rule.slots(running * 60):
                add(slot - shift, [slot])
    return runs
