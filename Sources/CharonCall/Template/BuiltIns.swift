import CharonCore
import Glibc

/// The names that stand for something in each call file.
enum BuiltIns {
    static let names = ["now", "nominal", "run", "slug"]
    /// Those that only what is printed can use.
    static let ofAnswer = ["json", "status"]

    /// Their values: the time of the call, and what charon-run tells of the run.
    static func values(now: Int, environment: (String) -> String?) -> Values {
        var values = Values()
        let time = iso8601(now)
        values.set("now", .string(time))
        values.set("nominal", .string(environment("CHARON_NOMINAL_TIME").map(nominal) ?? time))
        values.set("run", .string(environment("CHARON_RUN_ID") ?? ""))
        values.set("slug", .string(environment("CHARON_SLUG") ?? ""))
        return values
    }

    /// When the run was due, in the form of `now`; what is no such time stays as it is.
    private static func nominal(_ text: String) -> String {
        Instant(rfc3339: text.utf8).map { iso8601(Int($0.nanoseconds / 1_000_000_000)) } ?? text
    }

    /// Seconds since 1970 as ISO 8601 with the offset of this host's zone: `2026-11-22T23:15:00+0100`.
    static func iso8601(_ second: Int) -> String {
        var second = time_t(second)
        var fields = tm()
        localtime_r(&second, &fields)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S%z", &fields)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
