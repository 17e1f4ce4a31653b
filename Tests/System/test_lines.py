"""What the journal has of the lines of wrapped commands."""
import pathlib, subprocess, unittest

import host

class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def wrap(self, slug, script, *options):
        host.register(slug)
        return host.line(slug, script, options=options)

    def test_fields(self):
        host.register("fields")
        line = host.Line("fields", "sh", "-c", "echo out; echo err >&2; echo '<3>worse'")
        self.assertEqual(line.end()[0], 0)
        run = host.runs("fields")[-1]
        entries = sorted(host.lines("fields"), key=lambda entry: entry["MESSAGE"])
        self.assertEqual(host.messages(entries), [b"err", b"out", b"worse"])
        self.assertEqual([entry["PRIORITY"] for entry in entries], [b"4", b"6", b"3"])
        self.assertEqual([entry["CHARON_STREAM"] for entry in entries], [b"stderr", b"stdout", b"stdout"])
        recorded = dict(reversed(line.split(b" ", 3)[::3]) for line in host.record("fields").splitlines())
        for entry in entries:
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], b"fields")
            self.assertEqual(entry["CHARON_SLUG"], b"fields")
            self.assertEqual(entry["CHARON_RUN"], run["run"].encode())
            self.assertEqual(entry["CHARON_EXECUTION"], run["execution"].encode())
            self.assertEqual(entry["CHARON_APPLICATION"], b"shop")
            # What journald reads from /proc it lacks of a process that has ended; this comes with the datagram.
            self.assertEqual(entry["_PID"], str(line.process.pid).encode())
            self.assertEqual(entry["_TRANSPORT"], b"journal")
            self.assertNotIn("MESSAGE_ID", entry)
        self.assertEqual(recorded[b"out"], entries[1]["CHARON_TIME"])
        self.assertEqual(recorded[b"<3>worse"], entries[2]["CHARON_TIME"])

    def test_an_administrator_finds_them(self):
        self.wrap("found", "echo one; echo two >&2")
        run = host.runs("found")[-1]["run"]
        by_slug = host.sh("journalctl", "-t", "found", "-o", "cat").splitlines()
        by_run = host.sh("journalctl", f"CHARON_RUN={run}", "-o", "cat").splitlines()
        for found in (by_slug, by_run):
            self.assertTrue({"one", "two"} <= set(found), found)
        warnings = host.sh("journalctl", "-t", "found", "-p", "warning", "-o", "cat").splitlines()
        self.assertEqual(warnings, ["two"])

    def test_binary(self):
        self.wrap("binary", r"printf 'a\000b\377\033[31mred\033[0m\r\n'; printf '50%%\r100%%\n'; printf 'no newline'")
        entries = host.lines("binary")
        self.assertEqual(host.messages(entries), ["ab\ufffdred".encode(), b"100%", b"no newline"])
        self.assertEqual([entry.get("CHARON_RAW") for entry in entries],
                         [b"a\0b\xff\x1b[31mred\x1b[0m\r", b"50%\r100%", None])

    def test_huge(self):
        """100,000 bytes are one datagram, a quarter of a mebibyte twice is a file in memory."""
        size = 1_000_000
        self.wrap("huge", f"head -c 100000 /dev/zero | tr '\\0' x; echo; head -c {size} /dev/zero; echo; echo next")
        whole, huge, following = host.lines("huge")
        self.assertEqual(whole["MESSAGE"], b"x" * 100_000)
        self.assertNotIn("CHARON_CUT_BYTES", whole)
        self.assertEqual(huge["CHARON_RAW"], bytes(256 * 1024))
        self.assertEqual(int(huge["CHARON_CUT_BYTES"]), size - 256 * 1024)
        self.assertEqual(following["MESSAGE"], b"next")
        self.wrap("huge-text", f"head -c {size} /dev/zero | tr '\\0' y; echo")
        self.assertEqual(host.messages(host.lines("huge-text")), [b"y" * 256 * 1024])

    def test_a_value_with_newlines(self):
        """The daemon's own fields go the same way: the path of its state directory is one."""
        state, configuration = "/run/two\nlines", pathlib.Path("/run/newline.yaml")
        configuration.write_text(host.CONFIGURATION)
        host.sh("systemd-run", "--quiet", "--unit=newline", "--", "charond", "--config", str(configuration),
                "--state", state, "--socket", "/run/newline.sock")
        host.wait_for(lambda: host.journal("CHARON_SOCKET=/run/newline.sock"), "it has started")
        entry = host.journal("CHARON_SOCKET=/run/newline.sock")[0]
        host.sh("systemctl", "stop", "newline")
        self.assertEqual(entry["CHARON_STATE"], state.encode())
        self.assertEqual(entry["SYSLOG_IDENTIFIER"], b"charond")

    def test_level(self):
        script = "echo info; echo warning >&2; echo '<3>error'"
        self.wrap("level-err", script, "--journal-level", "err")
        self.wrap("level-none", script, "--journal-level=none")
        self.assertEqual(host.messages(host.lines("level-err")), [b"error"])
        self.assertEqual(host.lines("level-none"), [])
        self.assertEqual(len(host.record("level-none").splitlines()), 3)

    def test_budget(self):
        self.wrap("flood", "seq 5000")
        run = host.runs("flood")[-1]["run"]
        entries = host.lines("flood")
        self.assertEqual(host.messages(entries), [str(number).encode() for number in range(1, 1001)])
        told, = host.journal("CHARON_SLUG=flood", "CHARON_EVENT=lines-missing")
        self.assertEqual(told["MESSAGE"].decode(), f"4000 lines are not in the journal: charonctl logs {run}")
        self.assertEqual(told["CHARON_MISSING_LINES"], b"4000")
        self.assertEqual(len(host.record("flood").splitlines()), 5000)
        # Events of the run are not counted.
        self.assertEqual(len(host.journal("CHARON_SLUG=flood", "CHARON_EVENT=started")), 1)

    def test_descendants(self):
        """What a descendant writes after the end of the command gets there too, once."""
        self.wrap("descendant", "echo first; (sleep 0.5; echo last) & exit 0")
        host.wait_for(lambda: len(host.lines("descendant")) == 2, "the descendant's line")
        self.assertEqual(host.messages(host.lines("descendant")), [b"first", b"last"])
        self.assertEqual(len({entry["CHARON_RUN"] for entry in host.lines("descendant")}), 1)


class Units(unittest.TestCase):
    """Lines whose standard output is the journal already."""

    @classmethod
    def setUpClass(cls):
        host.install()

    def run_unit(self, slug, script, *options):
        host.register(slug)
        (pathlib.Path("/run/systemd/system") / f"{slug}.service").write_text(
            f"[Service]\nType=oneshot\nExecStart=/usr/bin/charon-run {' '.join(options)} {slug} -- sh -c '{script}'\n")
        host.sh("systemctl", "daemon-reload")
        self.assertEqual(subprocess.call(["systemctl", "start", slug]), 0)

    def test_nothing_twice(self):
        self.run_unit("unit-once", "echo once-out; echo once-err >&2")
        entries = host.lines("unit-once")
        self.assertEqual(sorted(host.messages(entries)), [b"once-err", b"once-out"])
        for entry in entries:
            self.assertEqual(entry["_TRANSPORT"], b"journal")
        self.assertEqual(len(host.journal("MESSAGE=once-out")), 1)
        self.assertEqual(len(host.journal("MESSAGE=once-err")), 1)

    def test_nothing_twice_of_a_flood(self):
        self.run_unit("unit-flood", "seq 3000")
        entries = host.lines("unit-flood")
        self.assertEqual(len(entries), 1000)
        told, = host.journal("CHARON_SLUG=unit-flood", "CHARON_EVENT=lines-missing")
        self.assertEqual(told["CHARON_MISSING_LINES"], b"2000")
        self.assertEqual(host.journal("MESSAGE=3000"), [])

    def test_without_a_level_it_passes_through(self):
        self.run_unit("unit-plain", "echo plain-out", "--journal-level=none")
        entry, = host.journal("MESSAGE=plain-out")
        self.assertEqual(entry["_TRANSPORT"], b"stdout")

    def test_another_output_keeps_its_lines(self):
        """Standard error is the journal, standard output a file that somebody reads."""
        self.run_unit("unit-file", "echo to-file; echo to-journal >&2")
        self.assertEqual(len(host.lines("unit-file")), 2)
        path = pathlib.Path("/run/unit-file.out")
        unit = pathlib.Path("/run/systemd/system/unit-file.service")
        unit.write_text(unit.read_text() + f"StandardOutput=file:{path}\nStandardError=journal\n")
        host.sh("systemctl", "daemon-reload")
        host.sh("systemctl", "start", "unit-file")
        self.assertEqual(path.read_text(), "to-file\n")
        self.assertEqual(len(host.journal("MESSAGE=to-journal")), 2)


if __name__ == "__main__":
    unittest.main()
