import CharonCore
package import CharonSchedule
import Glibc

/// All files of a host's configuration, read once: `charon.yaml` and the job files.
package struct HostConfiguration: Sendable {
    /// Where they are, unless somebody says otherwise.
    package static let directory = "/etc/charon"

    /// `charon.yaml`; nil if there is none, or if it cannot be used.
    package private(set) var settings: Settings?
    /// The jobs, and what is wrong with any of the files.
    package private(set) var jobs = LoadedJobs()

    /// The configuration of a directory: its `charon.yaml` and its `jobs.d`.
    package init(directory: String = directory, zones: ZoneStore = ZoneStore()) {
        readSettings("\(directory)/charon.yaml", isRequired: false)
        add(loader(zones).load(directory: "\(directory)/jobs.d"))
    }

    /// Job files, a `charon.yaml` or directories of both, by their paths.
    ///
    /// Without a `charon.yaml` among them that of the host counts, if it can be used.
    package init(paths: [String], zones: ZoneStore = ZoneStore()) {
        var files: [String] = []
        var directories: [String] = []
        for path in paths {
            var status = stat()
            let isDirectory = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            if isDirectory {
                let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
                let isWhole = access("\(path)/jobs.d", F_OK) == 0 || access("\(path)/charon.yaml", F_OK) == 0
                directories.append(isWhole ? "\(path)/jobs.d" : path)
                if isWhole { readSettings("\(path)/charon.yaml", isRequired: false) }
            } else if path.split(separator: "/").last == "charon.yaml" {
                readSettings(path, isRequired: true)
            } else {
                files.append(path)
            }
        }
        if settings == nil, jobs.problems.isEmpty {
            settings = try? Settings.load(path: "\(Self.directory)/charon.yaml")
        }
        let loader = loader(zones)
        for directory in directories { add(loader.load(directory: directory)) }
        if !files.isEmpty { add(loader.load(files: files)) }
    }

    private mutating func readSettings(_ path: String, isRequired: Bool) {
        guard isRequired || access(path, F_OK) == 0 || errno != ENOENT else { return }
        do throws(SettingsError) {
            settings = try Settings.load(path: path)
        } catch {
            jobs.problems += error.problems
        }
    }

    private func loader(_ zones: ZoneStore) -> JobLoader {
        var terms = JobTerms()
        terms.defaults = settings?.defaults ?? JobDraft()
        terms.host = Seed.host()
        terms.zones = zones
        return JobLoader(terms)
    }

    private mutating func add(_ loaded: LoadedJobs) {
        var known = Set(jobs.jobs.map(\.slug))
        for job in loaded.jobs {
            if known.insert(job.slug).inserted {
                jobs.jobs.append(job)
            } else {
                let other = jobs.jobs.first { $0.slug == job.slug }.map { "\($0.source)" } ?? ""
                jobs.problems.append(
                    .init(
                        .duplicateJob, file: job.source.file, line: Int(job.source.line),
                        column: Int(job.source.column),
                        message: "the job \"\(job.slug)\" is defined already at \(other): keep one"))
            }
        }
        jobs.jobs.sort { $0.slug < $1.slug }
        jobs.problems += loaded.problems
        jobs.notices += loaded.notices
    }
}
