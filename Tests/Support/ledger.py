"""What wrapped lines wrote and how they ended, held against what the server has of them."""
import collections, threading

# All of them are 0, or something went wrong.
WRONG = [
    "lines lost", "lines repeated", "lines reordered", "ends missing", "executions doubled", "executions unknown",
    "verdicts wrong", "exit codes wrong",
]


def script(token, count, code, pause=0, between=0, padding=""):
    """The words of a command that writes the lines of a token, `between` seconds apart, and exits after a `pause`."""
    sleep = f"sleep {between}; " if between else ""
    lines = f'n=0; while [ $n -lt {count} ]; do echo "{token} $n{padding}"; n=$((n+1)); {sleep}done'
    return ["sh", "-c", f"{lines}; sleep {pause}; exit {code}"]


class Ledger:
    """Knows each command by a token, with which all its lines begin."""

    def __init__(self):
        self.runs = {}  # token -> (lines, exit code)
        self.exit_codes_wrong = 0
        self.lock = threading.Lock()

    def enter(self, count, code, padding=""):
        """A command that will write so many lines and exit with `code`; its token."""
        with self.lock:
            token = f"t{len(self.runs)}x"
            self.runs[token] = ([f"{token} {number}{padding}" for number in range(count)], code)
        return token

    def ended(self, token, code):
        """Counts a command, or its wrapper, that exited with another code than it should; whether it did."""
        with self.lock:
            is_wrong = code != self.runs[token][1]
            self.exit_codes_wrong += is_wrong
        return is_wrong

    @property
    def lines(self):
        return sum(len(lines) for lines, _ in self.runs.values())

    def judge(self, site, silent=0):
        """What of `WRONG` there is how often; `silent` runs without lines are known to have been there besides."""
        figures = collections.Counter({name: 0 for name in WRONG})
        figures["exit codes wrong"] = self.exit_codes_wrong
        texts, by_token = collections.defaultdict(list), collections.defaultdict(list)
        for execution, text in site.query("SELECT execution_id, text FROM messages ORDER BY id"):
            texts[execution] += text.split("\n")
        for execution, *end in site.query("SELECT id, ended_at, success, message FROM executions"):
            written = [line for line in texts[execution] if line.split(" ")[0] in self.runs]
            tokens = {line.split(" ")[0] for line in written}
            if len(tokens) == 1:
                by_token[tokens.pop()].append((written, *end))
            else:
                figures["executions unknown"] += 1
        figures["executions unknown"] = max(figures["executions unknown"] - silent, 0)
        for token, (lines, code) in self.runs.items():
            self.judge_run(figures, lines, code, by_token[token])
        return figures

    @staticmethod
    def judge_run(figures, lines, code, found):
        """Adds what is wrong with one run, of which `found` are the executions: lines, end, success, message."""
        figures["executions doubled"] += max(len(found) - 1, 0)
        counts = collections.Counter(line for written, *_ in found for line in written)
        figures["lines lost"] += sum(1 for line in lines if not counts[line])
        figures["lines repeated"] += sum(count - 1 for count in counts.values())
        for written, *_ in found:
            # Repetitions are counted apart.
            first = list(dict.fromkeys(written))
            place = {line: number for number, line in enumerate(lines)}
            figures["lines reordered"] += first != sorted(first, key=place.get)
        if not any(ended for _, ended, *_ in found):
            figures["ends missing"] += 1
        elif not any(bool(success) == (code == 0) and f"exited with code {code}" in message
                     for _, ended, success, message in found if ended):
            figures["verdicts wrong"] += 1
