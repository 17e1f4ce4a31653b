"""What the journal has of runs and applications: each event by its message id, and what to do about it."""
import pathlib, re, signal, subprocess, unittest

import host

CATALOG = host.HERE / "systemd/charond.catalog"
RUN_FIELDS = {"CHARON_SLUG", "CHARON_RUN", "CHARON_APPLICATION", "MESSAGE_ID", "CHARON_EVENT", "SYSLOG_IDENTIFIER"}


def catalog_ids():
    return set(re.findall(r"^-- ([0-9a-f]{32})$", CATALOG.read_text(), re.MULTILINE))


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.install()

    def events(self, slug, last):
        """The run events of a slug, once `last` is among them, in order; each with all its fields."""
        def found():
            entries = [entry for entry in host.journal(f"CHARON_SLUG={slug}") if "CHARON_EVENT" in entry]
            return entries if any(entry["CHARON_EVENT"].decode() == last for entry in entries) else None
        entries = host.wait_for(found, f"the event {last} of {slug}")
        for entry in entries:
            self.assertEqual(RUN_FIELDS - set(entry), set())
            self.assertIn(entry["MESSAGE_ID"].decode(), catalog_ids())
            self.assertEqual(entry["SYSLOG_IDENTIFIER"].decode(), slug)
            self.assertEqual(entry["_SYSTEMD_UNIT"], b"charond.service")
        return entries

    def names(self, entries):
        return [entry["CHARON_EVENT"].decode() for entry in entries]

    def test_success(self):
        host.register("good")
        host.line("good", "true")
        entries = self.events("good", "ended")
        self.assertEqual(self.names(entries), ["begun", "started", "ended"])
        run = host.runs("good")[-1]
        for entry in entries[1:]:
            self.assertEqual(entry["CHARON_EXECUTION"].decode(), run["execution"])
        self.assertEqual({entry["CHARON_RUN"].decode() for entry in entries}, {run["run"]})
        self.assertEqual([entry["PRIORITY"] for entry in entries], [b"6"] * 3)

    def test_failure_is_explained(self):
        host.register("bad")
        host.line("bad", "echo why >&2; exit 3")
        entries = self.events("bad", "failed")
        self.assertEqual(self.names(entries), ["begun", "started", "failed"])
        failed = entries[-1]
        self.assertEqual((failed["PRIORITY"], failed["CHARON_EXIT_CODE"]), (b"3", b"3"))
        self.assertEqual(failed["CHARON_OUTCOME"], b"exited with code 3")
        run = failed["CHARON_RUN"].decode()
        # The catalog's text, with the run's own fields in it.
        text = host.sh("journalctl", "-x", "-t", "bad")
        self.assertIn("Subject: bad has failed", text)
        self.assertIn(f"charonctl logs {run}", text)
        self.assertNotRegex(text, "@CHARON_[A-Z]+@")
        # Events and lines stand together.
        self.assertIn("why", text)

    def test_not_found(self):
        host.register("missing")
        code, _, _ = host.Line("missing", "/nonexistent/program").end()
        self.assertEqual(code, 127)
        self.assertIn(b"could not start", self.events("missing", "failed")[-1]["CHARON_OUTCOME"])

    def test_timeout(self):
        host.register("slow")
        host.line("slow", "sleep 60", options=("--timeout", "200ms"))
        self.assertEqual(self.names(self.events("slow", "timed-out")), ["begun", "started", "timed-out"])

    def test_stop(self):
        host.register("stopped-run")
        line = host.Line("stopped-run", "sh", "-c", "echo up; exec sleep 60")
        host.wait_for(lambda: host.lines("stopped-run"), "it runs")
        line.process.send_signal(signal.SIGTERM)
        line.end()
        self.assertEqual(self.events("stopped-run", "stopped")[-1]["PRIORITY"], b"4")

    def test_loss(self):
        host.register("lost-run")
        line = host.Line("lost-run", "sh", "-c", "echo up; exec sleep 60")
        host.wait_for(lambda: host.lines("lost-run"), "it runs")
        line.process.kill()
        line.end()
        self.assertEqual(self.events("lost-run", "lost")[-1]["PRIORITY"], b"3")

    def test_switched_off(self):
        host.register("off", "--off")
        self.assertEqual(host.line("off", "echo never"), (0, b"", b""))
        entries = self.events("off", "skipped")
        self.assertEqual(self.names(entries), ["begun", "skipped"])
        self.assertEqual(entries[-1]["CHARON_REASON"], b"off")
        self.assertEqual(host.lines("off"), [])

    def test_not_registered(self):
        host.line("unknown", "true")
        told = {entry["CHARON_EVENT"]: entry["PRIORITY"] for entry in self.events("unknown", "ended")}
        self.assertEqual((told[b"begun"], told[b"not-registered"], told[b"ended"]), (b"6", b"3", b"6"))
        self.assertNotIn(b"started", told)

    def test_unreachable_and_back(self):
        host.register("away")
        host.stop_server()
        try:
            host.line("away", "true")
            application = host.wait_for(lambda: host.journal("CHARON_EVENT=unreachable"), "unreachable")[-1]
            self.assertEqual((application["CHARON_APPLICATION"], application["PRIORITY"]), (b"shop", b"3"))
            self.assertEqual(application["SYSLOG_IDENTIFIER"], b"charond")
        finally:
            host.start_server()
        self.assertIn("ungated", self.names(self.events("away", "ended")))
        host.sh("charonctl", "probe", "away")
        host.wait_for(lambda: host.journal("CHARON_EVENT=recovered"), "recovered")
        # Its execution is known late.
        late = host.wait_for(lambda: host.journal("CHARON_SLUG=away", "CHARON_EVENT=started"), "started late")
        self.assertEqual(late[-1]["CHARON_EXECUTION"].decode(), host.runs("away")[-1]["execution"])

    def test_key_refused(self):
        file = pathlib.Path("/etc/charon/shop.key")
        key = file.read_text()
        host.register("locked-out")
        file.write_text("wrong-key-of-some-length\n")
        host.sh("systemctl", "reload", "charond")
        try:
            host.wait_for(lambda: host.line("locked-out", "true") and host.journal("CHARON_EVENT=key-refused"),
                          "the key is refused")
        finally:
            file.write_text(key)
            host.sh("systemctl", "reload", "charond")
        text = host.sh("journalctl", "-x", "-u", "charond")
        self.assertIn("Charon refuses the key", text)
        self.assertNotIn("wrong-key-of-some-length", text)
        self.assertNotIn(key.strip(), text)

    def test_catalog(self):
        """Every entry is known to journalctl, and nothing of it is malformed."""
        listed = {line.split()[0] for line in host.sh("journalctl", "--list-catalog").splitlines()}
        self.assertEqual(catalog_ids() - listed, set())
        update = subprocess.run(["journalctl", "--update-catalog"], capture_output=True, text=True)
        self.assertEqual((update.returncode, update.stderr), (0, ""))

    def test_the_daemons_log_is_there_once(self):
        started = [entry for entry in host.journal("_SYSTEMD_UNIT=charond.service")
                   if entry["MESSAGE"].startswith(b"started socket=")]
        self.assertEqual(len(started), 1)
        self.assertEqual((started[0]["_TRANSPORT"], started[0]["PRIORITY"]), (b"journal", b"6"))
        self.assertEqual(started[0]["CHARON_SOCKET"], b"/run/charon/charond.sock")


if __name__ == "__main__":
    unittest.main()
