/// The tokens that a double has given out.
struct Tokens: Sendable {
    private enum Standing { case good, expired, revoked }

    private var standings: [String: Standing] = [:]
    /// How many were given out.
    var count: Int { standings.count }
    /// All that were given out, which nothing may show.
    var all: [String] { Array(standings.keys) }
    /// How many of the next ones are worth nothing from the beginning.
    var stillborn = 0

    /// A new token, which no other has as its beginning.
    mutating func give(_ prefix: String) -> String {
        let token = "\(prefix)-\(count + 1).\(UInt64.random(in: 1 << 60 ... .max))"
        standings[token] = stillborn > 0 ? .revoked : .good
        stillborn = max(stillborn - 1, 0)
        return token
    }

    /// Lets the lifetime of all tokens end now.
    mutating func expire() { for token in standings.keys { standings[token] = .expired } }

    /// Makes all tokens worthless before their time.
    mutating func revoke() { for token in standings.keys { standings[token] = .revoked } }

    /// Throws a 401 unless the token is good; the fault is the client's if no such token was given out.
    func check(_ token: String) throws {
        switch standings[token] {
        case .good: return
        case .expired: throw Refusal(401, "the token has expired", isFault: false)
        case .revoked: throw Refusal(401, "the token was revoked", isFault: false)
        case nil: throw Refusal(401, "no such token")
        }
    }
}
