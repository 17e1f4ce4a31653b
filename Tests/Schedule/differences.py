"""cronsim beside charond: what differs, and by which rule it may."""
import contextlib, datetime, re, signal

import cronsim

from bruteforce import Rule, loop
from expressions import UTC, near, zone


class Endless(Exception):
    pass


@contextlib.contextmanager
def patience(seconds):
    """Processor time after which cronsim is given up: it turns in circles before a day that a zone leaves out."""
    def ring(*_):
        raise Endless

    signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def peer(text, name, start, count, reverse):
    """cronsim's first `count` times after or before a second, and the rules by which others were set aside.

    None in the place of times if cronsim refuses the expression.
    """
    rules = set()
    try:
        times = cronsim.CronSim(text, datetime.datetime.fromtimestamp(start, zone(name)), reverse=reverse)
    except cronsim.CronSimError:
        return None, {"cronsim refuses a day that only the other day field can make up for"}
    found = []
    try:
        with patience(1):
            while len(found) < count:
                time = next(times)
                second = int(time.timestamp())
                if (second >= start) if reverse else (second <= start):
                    rules.add("cronsim takes a start in the repeated hour for the first pass")
                elif datetime.datetime.fromtimestamp(second, time.tzinfo).time() != time.time():
                    rules.add("cronsim names a time that does not exist")
                else:
                    found.append(second)
    except Endless:
        rules.add("cronsim turns in circles")
    except StopIteration:
        rules.add("cronsim gives up after 50 years")
    return found, rules


def change_rule(text, name, start, end):
    """The rule for a difference by what kind of change lies between the times."""
    changes = near(name, min(start, end) - 90_000, max(start, end) + 90_000)
    sizes = {abs(after - before) for _, before, after in changes}
    if not sizes:
        return None
    if len(text.split()) == 6:
        return "six fields have no rules for jumps in cronsim"
    if any(size >= 10_800 for size in sizes):
        return "cronsim makes up for more than 3 hours"
    if any(size % 3600 for size in sizes):
        return "cronsim ticks whole hours over half an hour's change"
    if any((at + before) % 86_400 == 0 or (at + after) % 86_400 == 0 or (at + after) % 86_400 + 3600 == 86_400
           for at, before, after in changes):
        return "cronsim loses its way where a change meets midnight"
    return "cronsim goes backwards over a jump" if start > end else None


def explain(case, ours):
    """The names of the rules by which a case is as it is, or None if none explains it; 'same' if nothing differs."""
    text, name, start, count, reverse = case
    theirs, rules = peer(text, name, start, count, reverse)
    if theirs == ours:
        return rules or {"same"}
    if theirs is None:
        # Then only cron's loop can tell.
        return rules if agrees(case, ours) else None
    if ours and len(theirs) < len(ours) and ours[:len(theirs)] == theirs and "cronsim gives up after 50 years" in rules:
        return rules
    if not ours:
        return None
    if "cronsim turns in circles" in rules:
        return rules if agrees(case, ours) else None
    rule = change_rule(text, name, start, ours[-1])
    if re.search(r"\b(\d+)-\1/", text):
        rule = "cronsim takes the end of 5-5/2 for the field's"
    if rule and agrees(case, ours):
        return rules | {rule}
    return None


def agrees(case, ours):
    """Whether cron's own loop runs exactly these, from the start to the last of them."""
    text, name, start, count, reverse = case
    if not ours or abs(ours[-1] - start) > 20 * 366 * 86_400:
        return False
    rule = Rule(text, 0)
    if reverse:
        return sorted(loop(rule, name, ours[-1] - 1, start - 1)) == sorted(ours)
    return sorted(loop(rule, name, start, ours[-1])) == ours
