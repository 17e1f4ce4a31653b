import CharonCore
import CharonLevels
import Testing

/// Each recogniser with lines that it knows, and with lines that look like them; all on stdout.
@Suite struct RecogniserTests {
    @Test(arguments: [
        ("DEBUG", Severity.debug), ("INFO", .info), ("NOTICE", .notice), ("WARNING", .warning),
        ("ERROR", .error), ("CRITICAL", .critical), ("ALERT", .alert), ("EMERGENCY", .emergency),
    ])
    func monologHasEightLevelsInBothForms(_ name: String, _ severity: Severity) throws {
        let number = ["DEBUG": 100, "INFO": 200, "NOTICE": 250, "WARNING": 300, "ERROR": 400, "CRITICAL": 500]
        let code = number[name] ?? (name == "ALERT" ? 550 : 600)
        for line in [
            "[2024-01-01T00:00:00.123456+00:00] app.\(name): error handled {\"a\":1} []",
            "[2024-01-01 00:00:00] my-app.sub.\(name): text [] []",
            #"{"message":"error: x","context":{"level":"debug"},"level":\#(code),"level_name":"\#(name)","channel":"app"}"#,
            #"{"message":"m","level":\#(code)}"#,
        ] {
            let found = classified(line, .stderr)
            #expect(found.severity == severity, "\(line)")
            #expect(found.level == severity.level)
            #expect(found.isNamed)
        }
    }

    @Test(arguments: [
        ("PHP Fatal error:  Uncaught Exception: x in /a.php:3", Level.error),
        ("PHP Parse error:  syntax error, unexpected end of file in /a.php on line 2", .error),
        ("PHP Recoverable fatal error:  x in /a.php on line 2", .error),
        ("PHP Core warning:  Module \"x\" is already loaded in Unknown on line 0", .warning),
        ("PHP Warning:  Undefined variable $x in /a.php on line 1", .warning),
        ("PHP Notice:  x in /a.php on line 1", .info),
        ("PHP Deprecated:  x in /a.php on line 1", .info),
        ("PHP Strict Standards:  x in /a.php on line 1", .info),
        ("PHP Stack trace:", .error),
        ("PHP   1. {main}() /a.php:0", .error),
        ("Fatal error: Uncaught Error: x in /a.php:3", .error),
        ("Parse error: syntax error in /a.php on line 2", .error),
        ("Warning: x in /a.php on line 1", .warning),
        ("Deprecated: x in /a.php on line 1", .info),
        ("[01-Jan-2024 00:00:00 UTC] PHP Warning:  x in /a.php on line 1", .warning),
        ("[01-Jan-2024 00:00:00 Europe/Berlin] PHP Fatal error:  x", .error),
        ("PHP 8.2.1 (cli)", .info),
        ("PHP Version => 8.2.1", .info),
        ("PHP Fatal errors are logged", .info),
        ("error_reporting = E_ALL", .info),
        ("display_errors => Off => Off", .info),
    ])
    func php(_ line: String, _ expected: Level) { #expect(level(line) == expected, "\(line)") }

    @Test(arguments: [
        (" [ERROR] text", Level.error), (" [WARNING] text", .warning), (" [OK] text", .success),
        (" [CAUTION] text", .warning), (" [NOTE] text", .info), (" [INFO] text", .info),
        (" ! [NOTE] text", .info), (" ! [CAUTION] text", .warning), (" // error: text", .info),
        ("In Kernel.php line 12:", .error), ("\u{1B}[37;41m [ERROR] text  \u{1B}[39;49m", .error),
        (" [x] error", .info), (" * error", .info), ("In Kernel.php line:", .info), ("In s.sh line 1:", .info),
        ("In all 12 lines:", .info),
    ])
    func symfony(_ line: String, _ expected: Level) { #expect(level(line) == expected, "\(line)") }

    @Test(arguments: [
        (#"{"level":"error","msg":"x"}"#, Level.error), (#"{"msg":"x","level":"WARN"}"#, .warning),
        (#"{"severity":"CRITICAL","message":"x"}"#, .error), (#"{"log.level":"warning"}"#, .warning),
        (#"{"levelname": "ERROR", "message": "x"}"#, .error), (#"  {"lvl":"eror","msg":"x"}"#, .error),
        (#"{"time":1,"level":50,"msg":"x"}"#, .error), (#"{"time":1,"level":40,"msg":"x"}"#, .warning),
        (#"{"time":1,"level":30,"msg":"x"}"#, .info), (#"{"levelno":30,"message":"x"}"#, .warning),
        (#"{"version":"1.1","short_message":"x","level":3}"#, .error), (#"{"MESSAGE":"x","PRIORITY":"3"}"#, .error),
        (#"2024-01-01T00:00:00Z {"level":"error"}"#, .error),
        (#"{"a":{"b":["}"]},"c":"\"}","level":"error"}"#, .error),
        (#"{"msg":"error","level":"info"}"#, .info), (#"{"level":3}"#, .info), (#"{"level":3,"name":"x"}"#, .info),
        (#"{"level":99,"msg":"x"}"#, .info), (#"{"level":"high","msg":"x"}"#, .info), (#"{"level":"err"#, .info),
        (#"{"context":{"level":"error"},"msg":"x"}"#, .info), (#"{"error":"x","errors":0}"#, .info),
        (#"{"severity":"error_log"}"#, .info), ("{", .info), ("{}", .info), ("{error: x}", .info),
    ])
    func json(_ line: String, _ expected: Level) { #expect(level(line) == expected, "\(line)") }

    @Test(arguments: [
        (#"time="2024-01-01T00:00:00Z" level=error msg="x""#, Level.error), ("ts=1 lvl=eror msg=x", .error),
        ("level=warning msg=x", .warning), (#"t=1 msg="a \" level=error" level=info"#, .info),
        (#"timestamp=1 severity="critical" event=x"#, .error),
        ("level=error", .info), ("level=9 msg=x", .info), ("loglevel=error file=x", .info),
        ("LEVEL=error msg=x", .info), ("echo level=error msg=x", .info), ("msg=x", .info),
    ])
    func logfmt(_ line: String, _ expected: Level) { #expect(level(line) == expected, "\(line)") }
}
