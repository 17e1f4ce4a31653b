import Glibc

/// The limit of open descriptors: a burst of runs needs four for each.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one (setrlimit(2)); a failure leaves it as it is.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
