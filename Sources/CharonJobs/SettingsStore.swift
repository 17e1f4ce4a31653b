import CharonCore
import Glibc

/// The daemon's configuration with its last good copy, so that a mistake in the file does not keep a host's jobs from
/// being watched.
package struct SettingsStore: Sendable {
    /// What was loaded, and from where.
    package struct Loaded: Hashable, Sendable {
        /// What counts from now on.
        package let settings: Settings
        /// The settings are those of the last good copy.
        package let isLastGood: Bool
        /// What the operator must be told: what is wrong with the file, or that no copy of it could be kept.
        package let problem: SettingsError?
    }

    /// The `charon.yaml`.
    package let path: String
    /// The directory of the copy, made if its parent exists.
    package let stateDirectory: String
    private let passwd: String
    private let checks: Settings.Checks

    /// The configuration at `path`, whose copy is `<stateDirectory>/charon.yaml.good`.
    package init(
        path: String, stateDirectory: String, passwd: String = "/etc/passwd",
        checks: Settings.Checks = Settings.Checks()
    ) {
        self.path = path
        self.stateDirectory = stateDirectory
        self.passwd = passwd
        self.checks = checks
    }

    /// Where the copy is.
    package var copyPath: String { "\(stateDirectory)/charon.yaml.good" }

    /// Loads the file and keeps a copy of it if it is good; else loads the copy.
    ///
    /// Throws what is wrong with the file if there is no good copy either.
    package func load() throws(SettingsError) -> Loaded {
        let problem: SettingsError
        do {
            let users = try Settings.users(passwd)
            let text = try Settings.text(path: path)
            let settings = try Settings.parse(text: text, file: path, users: users, checks: checks)
            return Loaded(settings: settings, isLastGood: false, problem: keep(text))
        } catch {
            problem = error
        }
        guard let settings = try? Settings.load(path: copyPath, passwd: passwd, checks: checks) else { throw problem }
        return Loaded(settings: settings, isLastGood: true, problem: problem)
    }

    /// Replaces the copy as a whole, on disk; what went wrong, if anything.
    private func keep(_ text: String) -> SettingsError? {
        if (try? Settings.text(path: copyPath)) == text { return nil }
        let temporary = copyPath + ".new"
        do throws(SystemError) {
            if mkdir(stateDirectory, 0o700) != 0, errno != EEXIST { throw .last("mkdir") }
            let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
            try file.write(text.utf8)
            try sync(file)
            guard rename(temporary, copyPath) == 0 else { throw .last("rename") }
            try sync(try Descriptor.open(stateDirectory, O_RDONLY | O_DIRECTORY))
            return nil
        } catch {
            unlink(temporary)
            let reason = "\(error.call): \(SystemError.text(of: error.errno))"
            return SettingsError([.init(file: copyPath, message: "the last good copy cannot be kept: \(reason)")])
        }
    }

    private func sync(_ file: Descriptor) throws(SystemError) {
        while fsync(file.number) != 0 { guard errno == EINTR else { throw .last("fsync") } }
    }
}
