package import CharonCore

/// The parameters of `List`: which runs a caller asks for.
package struct ListRequest: Hashable, Sendable {
    /// Only the runs of this cron.
    package var slug: Slug?
    /// Only runs that ended as a failure, by their own success codes.
    package var failedOnly = false
    /// Only runs that had not ended at this time.
    package var since: Instant?
    /// The newest ones, or those before a run.
    package var page = PageRequest()

    package init(slug: Slug? = nil) { self.slug = slug }

    init(_ json: JSON) throws(InvalidParameter) {
        let reader = ParameterReader(json)
        slug = try reader.optional("slug", Slug.init)
        failedOnly = try reader.flag("failed")
        since = try reader.optional("since") { Instant(rfc3339: $0.utf8) }
        page = try PageRequest(json, from: "before")
    }
}
