import CharonCore
import CharonLevels
import Testing

/// Levels by words; all on stdout, where no default helps.
@Suite struct WordTests {
    @Test(arguments: [
        "error: x", "Error: x", "ERROR: x", "ERROR x", "ERROR", "ERROR! x", "Error!", "  error: x", "error:",
        "[error] x",
        "[ERROR] x", "[ERROR]: x", "[ ERROR ] x", "[core:error] [pid 1] x", "[FAILED] x", "fatal: x", "FATAL x",
        "CRITICAL x", "SEVERE: x", "panic: x", "err: x", "crit: x", "fail2ban: error: x",
        "git: fatal: x", "rsync error: x (code 23) at main.c(1)", "prog: error: x", "/usr/bin/prog[12]: error: x",
        "prog(12): error: x", "a.c:12:3: error: x", "cc1: fatal error: x", "psql:a.sql:1: ERROR:  x", "psql: error: x",
        "mysqldump: Got error: 1045: \"x\"", "mysqldump: Error: x", "ERROR 1045 (28000): x", "ERROR:root:x",
        "curl: (6) x", "tar: Exiting with failure status due to previous errors", "E: Unable to locate package x",
        "Err:3 http://x", "make: *** [Makefile:2: all] Error 1", "make[1]: *** x", "npm ERR! x", "npm error x",
        "error[E0425]: x", "x.sh: line 3: error: x", "1F:error:0A00:x", "verify error:num=20:x",
        "Error opening file x", "Error while loading x", "docker: Error response from daemon: x",
        "Errors were encountered",
        "ValueError: x", "java.io.IOException: x", "Foo\\Bar\\BazException: x", "✗ error: x", "==> ERROR: x",
        "* error: x",
        "cp: cannot stat 'x': No such file or directory", "rsync: link_stat failed: Permission denied (13)",
        "\u{1B}[31merror\u{1B}[0m: x", "\u{1B}[1m\u{1B}[31merror:\u{1B}[0m x", "10%\r20%\rerror: x", "error: x\r",
    ])
    func errors(_ line: String) { #expect(level(line) == .error, "\(line)") }

    @Test(arguments: [
        ("alert", Severity.alert), ("caution", .warning), ("crit", .critical), ("critical", .critical), ("dbg", .debug),
        ("dbug", .debug), ("debu", .debug), ("debug", .debug), ("emerg", .emergency), ("emergency", .emergency),
        ("ero", nil), ("eror", .error), ("err", .error), ("erro", .error), ("error", .error), ("fata", .critical),
        ("fatal", .critical), ("ftl", .critical), ("hint", .notice), ("inf", .info), ("info", .info),
        ("information", .info), ("informational", .info), ("note", .notice), ("notice", .notice), ("pani", .critical),
        ("panic", .critical), ("pnc", .critical), ("severe", .error), ("trace", .debug), ("trc", .debug),
        ("trce", .debug), ("verbose", .debug), ("warn", .warning), ("warning", .warning), ("wrn", .warning),
        ("er", nil), ("errors", nil), ("informationalwords", nil),
    ])
    func everyKeyword(_ word: String, _ severity: Severity?) {
        for word in [word, word.uppercased(), word.prefix(1).uppercased() + word.dropFirst()] {
            let found = classified("{\"level\":\"\(word)\",\"msg\":\"x\"}")
            #expect(found.isNamed == (severity != nil), "\(word)")
            if let severity { #expect(found.severity == severity, "\(word)") }
        }
    }

    @Test(arguments: [
        "warning: x", "Warning: x", "WARNING: x", "WARN x", "[WARNING]: x", "[warn] x", "W: x", "WARNING:root:x",
        "/usr/bin/ld: warning: x", "a.c:1:2: warning: x", "mysqldump: [Warning] x", "npm WARN x", "WARN[0003] x",
        "rsync warning: x", "[DEPRECATION WARNING]: x", "make: [Makefile:2: x] Error 1 (ignored)",
        "/a.py:1: DeprecationWarning: x", "(node:12) [DEP0005] DeprecationWarning: x", "Warning (Code 1365): x",
    ])
    func warnings(_ line: String) { #expect(level(line) == .warning, "\(line)") }

    @Test(arguments: [
        "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456+01:00", "2024-01-01 00:00:00", "2024-01-01 00:00:00,123",
        "2024-01-01  1:02:03 0", "2024/01/01 00:00:00", "00:00:00", "00:00:00.123", "3:04PM", "1700000000.123",
        "Jan  1 00:00:00 host prog[12]:", "Mon Jan  1 00:00:00 2024", "[Mon Jan 01 00:00:00.123 2024]", "[00:00:00]",
        "[2024-01-01 00:00:00 +0000] [12]", "01/Jan/2024:00:00:00 +0000", "[01-Jan-2024 00:00:00 UTC]",
        "[    1.234567]",
        "20240101 00:00:00", "240101 00:00:00", "2024-01-01 00:00:00.123 UTC [12]", "2024-01-01 00:00:00 - a.b -",
        "2024-01-01 00:00:00 [main]", "2024-01-01 00:00:00 |",
    ])
    func aTimeMayStandBefore(_ time: String) {
        #expect(level("\(time) ERROR x") == .error, "\(time)")
        #expect(level("\(time) [ERROR] x") == .error, "\(time)")
        #expect(level("\(time) WARN: x") == .warning, "\(time)")
        #expect(level("\(time) error: x") == .error, "\(time)")
        #expect(level("\(time) x is done, errors: 0", .stderr) == .warning, "\(time)")
        #expect(level("\(time) INFO error: x", .stderr) == .info, "\(time)")
        #expect(level("\(time) error.log written") == .info, "\(time)")
    }

    @Test(arguments: [
        ("E0102 15:04:05.678901       1 a.go:1] x", Level.error), ("W0102 15:04:05.678901 1 a.go:1] x", .warning),
        ("F0102 15:04:05.678901 1 a.go:1] x", .error), ("I0102 15:04:05.678901 1 a.go:1] x", .info),
        ("E, [2024-01-01T00:00:00.1 #1] ERROR -- : x", .error), ("[2024-01-01T00:00:00Z ERROR a::b] x", .error),
        ("[2024-01-01 00:00:00,123: ERROR/Main] x", .error), ("2024-01-01 00:00:00 [error    ] x", .error),
        ("2024-01-01 00:00:00.1 | ERROR    | a:b:1 - x", .error), ("12:00PM ERR x", .error),
        ("2024/01/01 00:00:00 [emerg] 1#1: x", .error), ("nginx: [emerg] x", .error),
        ("12:M 22 Nov 2026 13:35:46.907 # WARNING x", .warning), ("12:M 22 Nov 2026 13:35:46.907 * x", .warning),
        ("2024-01-01 00:00:00.1  INFO 1 --- [main] a.B : x", .info), ("[00:00:00 WRN] x", .warning),
        ("2024-01-01T00:00:00Z\twarn\ta.go:1\tx", .warning),
    ])
    func loggers(_ line: String, _ expected: Level) { #expect(level(line, .stderr) == expected, "\(line)") }

    @Test(arguments: [
        "", " ", "x", "0 errors", "0 errors, 0 warnings", "no errors found", "errors: 0", "error: 0", "Error: 0",
        "Errors: 0",
        "error: none", "Warnings: 2", "warning: 0%", "ERROR = 1", "ERROR=1", "ERROR 0", "  WARNING   2  ", "failed=0",
        "/var/log/error.log", "error.log", "error.php", "errors/404.html", "error-pages/", "error_reporting = E_ALL",
        "app/error.php", ">f+++++++++ error.php", "-rw-r--r-- 1 root root 0 Jan  1 00:00 error.log",
        "considering log error",
        "rsync --ignore-errors a b", "--error: x", "error handling enabled", "Error handling is on",
        "Error log is empty",
        "Error reporting enabled", "terror: x", "no error: x", "last error: none", "mean squared error: 0.03",
        "1ece1e7 Fix error: handle empty files", "std::error::Error", "| ERROR | 3 |",
        "the word error: is here in a text",
        "\"error\": \"x\"", "'error: x'", "+ echo 'error: x'", "INFO error: x", "INFO: error", "Log level: error",
        "warn", "warning", "warnings", "Information desk", "Note that", "fatalism", "ERRORS", "Errored: x of y",
        "0 error(s)", "https://example.org/error: x?", "$error: x", "@error: x",
    ])
    func nothing(_ line: String) { #expect(level(line) == .info, "\(line)") }

    @Test(arguments: [
        "info: x", "INFO x", "DEBUG: x", "notice: x", "[info] x", "hint: x", "debug1: connect to x: Connection refused",
        "N: x", "INFO:root:x", "LOG:  x",
    ])
    func harmlessLinesOfStderr(_ line: String) { #expect(level(line, .stderr) == .info, "\(line)") }
}
