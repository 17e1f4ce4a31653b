/// `command`: what a job runs.
package enum JobCommand: Hashable, Sendable {
    /// A list: the program and its arguments, as execve(2) takes them.
    case words([String])
    /// A text, which `/bin/sh -c` runs.
    case shell(String)

    /// The program and its arguments.
    package var arguments: [String] {
        switch self {
        case .words(let words): words
        case .shell(let text): ["/bin/sh", "-c", text]
        }
    }
}
