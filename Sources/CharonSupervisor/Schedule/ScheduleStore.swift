import CharonCore
import CharonJobs
import CharonRuns
import CharonSchedule
import Glibc
import Logging

/// What the scheduler keeps on disk, in `<state>/schedule`: JSON files, each with a version.
///
/// `position`: up to when all due times have been dealt with; `known`: which schedules that was; `pauses`; and of a job
/// in `jobs/<slug>` what waits, and what its intervals count from. A file that cannot be read counts as none, and the
/// log says so.
struct ScheduleStore: Sendable {
    static let version: Int64 = 1

    private let directory: String
    private let log: Logger

    init(state: String, log: Logger) {
        directory = "\(state)/schedule"
        self.log = log
    }

    /// What is kept of one job.
    struct Kept: Hashable, Sendable {
        var waiting: [WaitingStart] = []
        var anchor: Instant?

        init() {}
    }

    /// Up to when all due times have been dealt with, as the clocks of this boot would have read then.
    ///
    /// Nil for a first start.
    func position(now: ClockReading, boot: String) -> ClockReading? {
        guard let json = read("position"), let wall = Instant(json: json["wall"]), let counted = json["boot"]?.integer
        else { return nil }
        if json["boot_id"]?.string == boot, counted <= now.boot { return ClockReading(wall: wall, boot: counted) }
        // Another boot counts from another moment: by the wall clock alone, no time was lost.
        let (passed, isOverflow) = now.wall.nanoseconds.subtractingReportingOverflow(wall.nanoseconds)
        return ClockReading(
            wall: wall, boot: isOverflow ? 0 : now.boot.subtractingReportingOverflow(passed).partialValue)
    }

    func write(position: ClockReading, boot: String) {
        write(
            "position",
            [
                "v": .integer(Self.version), "wall": .string(position.wall.rfc3339), "boot": .integer(position.boot),
                "boot_id": .string(boot),
            ])
    }

    /// The identities of the schedules that the position counts for.
    func known() -> [Slug: String] {
        let members = read("known")?["jobs"]?.members ?? []
        return Dictionary(
            members.compactMap { member in Slug(member.name).flatMap { slug in member.value.string.map { (slug, $0) } }
            }
        ) { first, _ in first }
    }

    func write(known: [Slug: String]) {
        let members = known.sorted { $0.key < $1.key }.map { JSON.Member($0.key.text, .string($0.value)) }
        write("known", ["v": .integer(Self.version), "jobs": .object(members)])
    }

    func pauses() -> Pauses { read("pauses").flatMap(Pauses.init(json:)) ?? Pauses() }

    /// Throws, as an operator has to know that a pause will not outlive the daemon.
    func write(pauses: Pauses) throws(SystemError) {
        try RecordFile.makeDirectory(directory)
        try RecordFile.replace("\(directory)/pauses", with: pauses.json.bytes, durability: .disk)
    }

    /// What is kept of each job, times until which it waits as CLOCK_BOOTTIME is now.
    func jobs(now: ClockReading) -> [Slug: Kept] {
        var kept: [Slug: Kept] = [:]
        for slug in ((try? RecordFile.names(in: "\(directory)/jobs")) ?? []).compactMap(Slug.init) {
            guard let json = read("jobs/\(slug)") else { continue }
            var job = Kept()
            job.anchor = Instant(json: json["anchor"])
            job.waiting = (json["waiting"]?.array ?? []).compactMap { WaitingStart(json: $0, now: now) }
            kept[slug] = job
        }
        return kept
    }

    func write(_ kept: Kept, of slug: Slug, now: ClockReading) {
        let path = "\(directory)/jobs/\(slug)"
        guard kept != Kept() else {
            unlink(path)
            return
        }
        write(
            "jobs/\(slug)",
            [
                "v": .integer(Self.version), "anchor": kept.anchor.map { .string($0.rfc3339) },
                "waiting": .array(kept.waiting.map { $0.json(now: now) }),
            ])
    }

    private func read(_ name: String) -> JSON? {
        do {
            guard let json = try RecordFile.readJSON("\(directory)/\(name)") else { return nil }
            if json["v"]?.integer == Self.version { return json }
            log.error("not of this version, and not used", metadata: ["path": "\(directory)/\(name)"])
        } catch {
            log.error("not readable, and not used", metadata: ["path": "\(directory)/\(name)", "reason": "\(error)"])
        }
        return nil
    }

    private func write(_ name: String, _ json: JSON) {
        do {
            try RecordFile.makeDirectory("\(directory)/jobs")
            try RecordFile.replace("\(directory)/\(name)", with: json.bytes, durability: .process)
        } catch {
            log.report(.recordFailed, "schedule not kept", .error, ["reason": "\(error)"])
        }
    }
}

extension WaitingStart {
    /// With the wall clock's time, as CLOCK_BOOTTIME does not outlive a boot.
    func json(now: ClockReading) -> JSON {
        let until = until.map { now.wall.advanced(bySeconds: Double($0 - now.boot) / 1e9) }
        return ["cause": .string(cause.rawValue), "mark": mark.json, "until": until.map { .string($0.rfc3339) }]
    }

    init?(json: JSON, now: ClockReading) {
        guard let cause = json["cause"]?.string.flatMap(Cause.init),
            let mark = json["mark"].flatMap(JobMark.init(json:))
        else { return nil }
        let until = Instant(json: json["until"]).map { $0.seconds(since: now.wall) }
        self.init(cause, mark, until: until.map { now.boot + Int64(min(max($0, 0), 1e9) * 1e9) })
    }
}
