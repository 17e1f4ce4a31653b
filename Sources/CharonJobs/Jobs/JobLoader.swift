import CharonCore
import Glibc

/// Loads the job files of a directory, `/etc/charon/jobs.d`.
///
/// Files that end in `.yaml` are read in the order of their names; hidden ones are not. Directory and files must belong
/// to root or to this process' user and be writable by nobody else.
package struct JobLoader: Sendable {
    /// The largest job file, in bytes.
    package static let largestFile = 4 << 20
    /// The most bytes of all files together.
    package static let largestTotal = 256 << 20

    private let terms: JobTerms

    package init(_ terms: JobTerms = JobTerms()) { self.terms = terms }

    /// The jobs of all files of a directory; none if it does not exist.
    ///
    /// The directory that holds it is judged as well: who may write that could put another one in its place.
    package func load(directory: String) -> LoadedJobs {
        var loaded = LoadedJobs()
        let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? "."
        for path in [parent.isEmpty ? "/" : parent, directory] {
            do throws(TrustedFile.Refusal) {
                try TrustedFile.judge(directory: path)
            } catch {
                if error.errno == ENOENT { return LoadedJobs() }
                loaded.problems.append(.init(error.code, file: path, message: "the directory \(error.message)"))
                loaded.unread.insert(directory)
                return loaded
            }
        }
        let names: [String]
        do throws(SystemError) {
            names = try Directory.names(directory)
        } catch {
            let reason = SystemError.text(of: error.errno)
            loaded.problems.append(.init(.file, file: directory, message: "the directory cannot be read: \(reason)"))
            loaded.unread.insert(directory)
            return loaded
        }
        let files = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
        loaded = load(files: files.map { "\(directory)/\($0)" })
        loaded.notices = names.compactMap { notice($0, in: directory) }
        return loaded
    }

    /// The jobs of these files, in this order.
    package func load(files: [String]) -> LoadedJobs {
        var loaded = LoadedJobs()
        var reader = JobFileReader(terms)
        var room = Self.largestTotal
        for path in files {
            var isRead = false
            defer { if !isRead { loaded.unread.insert(path) } }
            do {
                let bytes = try TrustedFile.read(path, privacy: .readable, limit: min(Self.largestFile, max(room, 0)))
                room -= bytes.count
                loaded.problems += reader.read(try Settings.text(of: bytes, path: path), file: path)
                isRead = true
            } catch let error as TrustedFile.Refusal {
                loaded.problems.append(.init(error.code, file: path, message: "the job file \(error.message)"))
            } catch let error as SettingsError {
                loaded.problems += error.problems
            } catch {
                loaded.problems.append(.init(.file, file: path, message: "the job file cannot be read: \(error)"))
            }
        }
        loaded.jobs = reader.jobs.values.sorted { $0.slug < $1.slug }
        loaded.refused = reader.refused
        loaded.unread.formUnion(reader.unread)
        return loaded
    }

    /// The jobs of a text that `file` stands for.
    package func load(text: String, file: String) -> LoadedJobs {
        var loaded = LoadedJobs()
        var reader = JobFileReader(terms)
        loaded.problems = reader.read(text, file: file)
        loaded.jobs = reader.jobs.values.sorted { $0.slug < $1.slug }
        loaded.refused = reader.refused
        loaded.unread = reader.unread
        return loaded
    }

    private func notice(_ name: String, in directory: String) -> SettingsError.Problem? {
        let lowered = name.lowercased()
        guard !name.hasPrefix("."), !name.hasSuffix(".yaml"), lowered.hasSuffix(".yml") || lowered.hasSuffix(".yaml")
        else { return nil }
        return .init(.file, file: "\(directory)/\(name)", message: "the file is left out: its name must end in .yaml")
    }
}
