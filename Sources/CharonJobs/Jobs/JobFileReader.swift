import CharonCore
import CharonSchedule
import Yams

/// Reads job files one after the other, and keeps what their jobs have in common once.
struct JobFileReader {
    /// What all of them are given.
    let terms: JobTerms
    private var options = Pool<JobOptions>()
    private var names: [String: String] = [:]
    private var zones: ZoneStore
    /// What is wrong with the zones that were asked for.
    private var complaints: [String: String?] = [:]
    private(set) var jobs: [Slug: Job] = [:]
    /// The slugs of definitions that are refused, each with what is wrong first.
    private(set) var refused: [Slug: SettingsError.Problem] = [:]
    /// Files of which nothing could be made.
    private(set) var unread: Set<String> = []

    init(_ terms: JobTerms) {
        self.terms = terms
        zones = terms.zones
    }

    /// Takes up the good jobs of a file, and returns what is wrong with the others.
    mutating func read(_ text: String, file: String) -> [SettingsError.Problem] {
        let problems = ProblemList(file: file)
        let (root, duplicates) = YAMLDocument.readPlain(text, problems)
        guard let root else {
            unread.insert(file)
            return problems.sorted
        }
        let place = JobFilePlace(root, problems)
        var doubtful: Set<Int> = []
        for duplicate in duplicates {
            if place.isSlug(duplicate.first) {
                let message =
                    "the job \"\(duplicate.key)\" is defined already at \(file):\(duplicate.first.line): keep one"
                problems.add(.duplicateJob, at: duplicate.second, message)
            } else {
                problems.add(.duplicateKey, at: duplicate.second, duplicate.message)
                place.job(at: duplicate.second).map { _ = doubtful.insert($0) }
            }
        }
        for (index, entry) in place.entries.enumerated() {
            let before = problems.problems.count
            guard let job = job(entry, problems), problems.problems.count == before, !doubtful.contains(index) else {
                // A key that is there twice was found before.
                let found = problems.problems.dropFirst(before).first ?? problems.problems.first
                if let slug = Slug(entry.key), let found { refused[slug] = found }
                continue
            }
            jobs[job.slug] = job
        }
        return problems.sorted
    }

    private mutating func job(_ entry: JobFilePlace.Entry, _ problems: ProblemList) -> Job? {
        guard let slug = Slug(entry.key) else {
            problems.add(at: entry.position, "the name of a job is its cron's slug: \(Slug.rule)")
            return nil
        }
        let source = JobSource(
            file: problems.file, line: Int32(clamping: entry.position?.line ?? 1),
            column: Int32(clamping: entry.position?.column ?? 1))
        if let other = jobs[slug] {
            let message = "the job \"\(slug)\" is defined already at \(other.source): keep one"
            problems.add(.duplicateJob, at: entry.position, message)
            return nil
        }
        var draft = terms.defaults
        let what = "the job \"\(slug)\""
        guard JobKeys.all.read(entry.value, name: what, seed: terms.seed(of: slug), problems, into: &draft) else {
            return nil
        }
        demand(draft, entry, what, problems)
        guard let command = draft.command else { return nil }
        draft.timezone = draft.timezone.map { one($0) }
        draft.user = draft.user.map { one($0) }
        return Job(draft, slug: slug, source: source, command: command, options: options.share(draft.options))
    }

    private mutating func demand(
        _ draft: JobDraft, _ entry: JobFilePlace.Entry, _ what: String, _ problems: ProblemList
    ) {
        if draft.command == nil, !entry.has("command") {
            problems.add(.missingKey, at: entry.position, "\(what) has no \"command\": say what is to be run")
        }
        if terms.requiresUser, draft.user == nil, !entry.has("user") {
            problems.add(
                .user, at: entry.position,
                "\(what) has no \"user\": say whose rights it has (user: root, if that is meant)")
        }
        let position = entry.position(of: "timezone") ?? entry.position
        if let zone = draft.timezone, let complaint = complaint(zone) {
            problems.add(.zone, at: position, "\"timezone\": \(complaint)")
        }
        for zone in draft.schedules.compactMap(\.zone) {
            guard draft.timezone == nil || draft.timezone == zone else {
                problems.add(.zone, at: position, "\"timezone\" and the zone in \"schedule\" differ: keep one")
                continue
            }
            guard let complaint = complaint(zone) else { continue }
            problems.add(.zone, at: entry.position(of: "schedule"), "\"schedule\": \(complaint)")
        }
    }

    /// Why a zone cannot be used; nil if it can.
    private mutating func complaint(_ zone: String) -> String? {
        if let known = complaints[zone] { return known }
        var complaint: String?
        do throws(CharonError) { _ = try zones.zone(zone) } catch { complaint = error.message }
        complaints[zone] = .some(complaint)
        return complaint
    }

    /// The same text, kept once however many jobs have it.
    private mutating func one(_ text: String) -> String {
        if let known = names[text] { return known }
        names[text] = text
        return text
    }
}
