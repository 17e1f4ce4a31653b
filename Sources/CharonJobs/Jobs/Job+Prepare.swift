package import CharonCore
import Glibc

/// Why a job cannot be started as its definition says: the step, with its errno and what it was about.
package struct UnpreparedJob: Error, Hashable, Sendable {
    package let step: String
    package let errno: Int32
    package let object: String
}

extension Job {
    /// What its process takes on, with the account and the environment files as they are now.
    ///
    /// Reads files and asks the name service, so it may block.
    package func prepare(_ accounts: Accounts) throws(UnpreparedJob) -> ChildSetup {
        let name = user ?? "\(geteuid())"
        guard let account = accounts.account(name) else {
            throw UnpreparedJob(step: "user", errno: ENOENT, object: name)
        }
        var gid: UInt32?
        if let group {
            guard let found = accounts.group(group) else {
                throw UnpreparedJob(step: "group", errno: ENOENT, object: group)
            }
            gid = found
        }
        var variables: [EnvironmentVariable] = []
        for file in options.environmentFiles { variables += try Self.read(file) }
        let timeZone = getenv("TZ").map { String(cString: $0) }
        return setup(of: account, group: gid, files: variables, timeZone: timeZone)
    }

    private static func read(_ file: EnvironmentFile) throws(UnpreparedJob) -> [EnvironmentVariable] {
        do {
            let descriptor = try Descriptor.open(file.path, O_RDONLY | O_NONBLOCK)
            var status = stat()
            guard fstat(descriptor.number, &status) == 0 else { throw SystemError.last("fstat", file.path) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("read", errno: EINVAL, file.path) }
            guard status.st_size <= EnvironmentFile.largest else { throw SystemError("read", errno: EFBIG, file.path) }
            return try EnvironmentFile.parse(try descriptor.read(at: 0, limit: EnvironmentFile.largest))
        } catch let error as SystemError {
            if error.errno == ENOENT, file.isOptional { return [] }
            throw UnpreparedJob(step: "environment_files", errno: error.errno, object: file.path)
        } catch {
            throw UnpreparedJob(step: "environment_files", errno: EINVAL, object: file.path)
        }
    }
}
