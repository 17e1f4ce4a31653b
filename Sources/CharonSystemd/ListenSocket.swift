import CSystemd
package import CharonCore

/// A listening Unix stream socket that the service manager has passed (sd_listen_fds(3)).
package struct ListenSocket: Sendable {
    /// `FileDescriptorName=` of its unit.
    package let name: String
    /// Close-on-exec and non-blocking.
    package let descriptor: Descriptor

    /// The sockets that `variables` tell of; each of their descriptors becomes close-on-exec and belongs to the result.
    ///
    /// Throws, and closes all of them, if one is anything else. To be called once.
    package static func take(_ variables: ServiceVariables) throws(CharonError) -> [ListenSocket] {
        var sockets: [ListenSocket] = []
        var problem: CharonError?
        for (number, name) in variables.passed {
            let kind = csystemd_take_passed(number)
            guard kind != csystemd_passed_nothing else {
                problem = problem ?? Self.problem(number, name, "it is not open")
                continue
            }
            sockets.append(ListenSocket(name: name, descriptor: Descriptor(owning: number)))
            switch kind {
            case csystemd_passed_listener: break
            case csystemd_passed_no_socket: problem = problem ?? Self.problem(number, name, "it is no socket")
            default: problem = problem ?? Self.problem(number, name, "it is another kind of socket")
            }
        }
        if let problem { throw problem }
        return sockets
    }

    private static func problem(_ number: Int32, _ name: String, _ what: String) -> CharonError {
        CharonError(
            .configuration,
            "the service manager passed something that is no control socket: \(what); "
                + "charond.socket may have only ListenStream= with a path",
            location: "descriptor \(number) (\(SafeName(name)))")
    }

    /// A name in ASCII without control characters.
    private struct SafeName: CustomStringConvertible {
        let description: String

        init(_ name: String) {
            description = String(
                String.UnicodeScalarView(name.unicodeScalars.filter { (0x21...0x7E).contains($0.value) }))
        }
    }
}
