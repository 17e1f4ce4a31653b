package import CharonCore

/// What `charon.yaml` says: the daemon's configuration, checked, with every default filled in.
package struct Settings: Hashable, Sendable {
    /// One API key of Charon and where it goes.
    package struct Application: Hashable, Sendable {
        /// Where the key is; it is read when it is needed, and never kept here.
        package enum Key: Hashable, Sendable {
            /// `key_file`: the absolute path of a file that only its owner can read.
            case file(String)
            /// `credential`: the name of a systemd credential (systemd.exec(5), LoadCredential=).
            case credential(String)
        }

        /// `pointers`: where Charon's answers carry what is read from them (RFC 6901), if not at the usual places.
        package struct Pointers: Hashable, Sendable {
            package var active: String?
            package var cronID: String?
            package var executionID: String?
            package var messageID: String?

            /// The usual places.
            package init() {}
        }

        /// Its key under `applications`; it follows the rule of slugs.
        package var name: String
        /// `url`: the URL before the paths of Charon's calls.
        package var url: String
        /// `key_file` or `credential`: exactly one of them.
        package var key: Key
        /// `ca_file`: certificates to trust besides the system's, in PEM.
        package var caFile: String?
        /// `allow_plain_http`: the key may go over the network in the clear.
        package var allowPlainHTTP = false
        /// `users`: those whose lines mean this application when they name none.
        package var users: Set<UInt32> = []
        /// `pointers`: where to look in Charon's answers.
        package var pointers = Pointers()
        /// `connections`: the most to the server at once, half of them for starts.
        package var connections = usualConnections
        /// `messages_per_second`: of all its runs together, after the burst.
        package var messagesPerSecond = 50
        /// `burst`: so many messages go out at once.
        package var burst = 50

        /// The connections of an application that does not say.
        package static let usualConnections = 8

        /// An application with the defaults of its other fields.
        package init(name: String, url: String, key: Key) {
            self.name = name
            self.url = url
            self.key = key
        }
    }

    /// `delivery`: what of one run's output goes to Charon, and how fast.
    package struct Delivery: Hashable, Sendable {
        /// `messages_per_second`: after the burst.
        package var messagesPerSecond = 5
        /// `burst`: so many messages go out at once.
        package var burst = 50
        /// `joined_bytes`: lines that queue are joined with neighbours of their level up to so many bytes; 0 joins none.
        package var joinedBytes = 16_384
        /// `max_messages`: of a run; the middle of what is more is counted in the end message.
        package var maxMessages = 2_000
        /// `max_bytes`: of a run's messages together.
        package var maxBytes = 4 << 20

        /// The default.
        package init() {}
    }

    /// `keep`: how long the output of a delivered run stays.
    package struct Keep: Hashable, Sendable {
        /// The latest runs of each slug, at least.
        package var runs = 50
        /// `for`: runs younger than this, at least.
        package var age = TimeSpan.seconds(7 * 86_400)

        /// The default.
        package init() {}
    }

    /// `disk_budget`: how much of the disk the records may take.
    package struct DiskBudget: Hashable, Sendable {
        /// All that they take, at most.
        package var bytes = ByteCount(1 << 30)
        /// Inodes: six for each run.
        package var files: Int64 = 100_000
        /// `free`: what of the file system stays free for others, in percent of its size.
        package var free: Int64 = 2

        /// The default.
        package init() {}
    }

    /// `applications`, by name.
    package var applications: [String: Application] = [:]
    /// The application of a run that names none: `default_application`, else the one called `default`, else the only
    /// one; nil if there are none.
    package var defaultApplication: String?
    /// The application of a run of this user that names none, where that is not the default one.
    package var applicationOfUser: [UInt32: String] {
        let pairs = applications.values.flatMap { application in application.users.map { ($0, application.name) } }
        // No user is named for two: the parser sees to that.
        return Dictionary(pairs) { first, _ in first }
    }

    /// `wrapped`: the slugs that a uid may use on a crontab line, besides those that no other uid has used first.
    package var wrapped: [UInt32: [SlugPattern]] = [:]
    /// `state`: the directory of records and memory.
    package var state = "/var/lib/charon"
    /// `socket`: the control socket.
    package var socket = "/run/charon/charond.sock"
    /// `when_unreachable`: the default for runs that do not say.
    package var whenUnreachable = WhenUnreachable.last
    /// `when_unknown`: whether an unknown cron runs.
    package var whenUnregistered = WhenUnregistered.run
    /// `uncertain_start`: whether a start without an answer is repeated.
    package var whenUncertain = WhenUncertain.again
    /// `off_exit_code`: what a wrapped line exits with whose cron is switched off.
    package var offExitCode: UInt8 = 0
    /// `message_bytes`: the longest text of one message to Charon; longer ones are cut.
    package var messageBytes = 4096
    /// `delivery`: what goes to Charon.
    package var delivery = Delivery()
    /// `keep`: what stays on disk after delivery.
    package var keep = Keep()
    /// `disk_budget`: what stays on disk at most.
    package var diskBudget = DiskBudget()
    /// `defaults`: what counts for the jobs of job files that say nothing else.
    package var defaults = JobDraft()

    /// The settings of an empty file.
    package init() {}
}
