import Foundation

/// The calls of the API, found from a request's method and path.
///
/// `-` is no slug and no id, so the read API below it cannot hide a cron.
enum Route: Hashable, Sendable {
    /// `GET /{slug}/can-start`
    case canStart(slug: String)
    /// `GET /{id}/start`: a cron's id, or its slug.
    case start(cron: String)
    /// `POST /{id}/end`
    case end(execution: String)
    /// `POST /{id}/message`
    case message(execution: String)
    /// `GET /-/crons`
    case crons
    /// `GET /-/executions`
    case executions
    /// `GET /-/executions/{id}`
    case execution(String)
    /// `GET /-/messages`
    case messages

    /// Whether the call stores something; `start` does, although it is a GET.
    var isWrite: Bool {
        switch self {
        case .start, .end, .message: true
        default: false
        }
    }

    /// The route of a request.
    ///
    /// - Parameters:
    ///   - method: The request's method; HEAD has no route of its own, because a HEAD must never start anything.
    ///   - path: The path as sent, percent-encoded and without the query.
    ///   - base: The normalised base path, as `/api` or empty.
    /// - Throws: 404 for a path that is none of ours, 405 with the allowed method for a path that is.
    static func find(method: String, path: String, base: String) throws(Refusal) -> Route {
        guard path.hasPrefix(base + "/"), let (allowed, route) = match(path.dropFirst(base.count + 1)) else {
            throw Refusal(status: 404, reason: "no such path; the API is below \(base)/")
        }
        guard method == allowed else {
            throw Refusal(status: 405, reason: "\(method) is not allowed here; use \(allowed)", allow: allowed)
        }
        return route
    }

    private static func match(_ path: Substring) -> (method: String, route: Route)? {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).map { $0.removingPercentEncoding }
        guard (2...3).contains(segments.count), let first = segments[0], let second = segments[1], !first.isEmpty
        else { return nil }
        if first == "-" {
            switch (second, segments.count) {
            case ("crons", 2): return ("GET", .crons)
            case ("executions", 2): return ("GET", .executions)
            case ("executions", 3): return segments[2].map { ("GET", .execution($0)) }
            case ("messages", 2): return ("GET", .messages)
            default: return nil
            }
        }
        switch (second, segments.count) {
        case ("can-start", 2): return ("GET", .canStart(slug: first))
        case ("start", 2): return ("GET", .start(cron: first))
        case ("end", 2): return ("POST", .end(execution: first))
        case ("message", 2): return ("POST", .message(execution: first))
        default: return nil
        }
    }
}
