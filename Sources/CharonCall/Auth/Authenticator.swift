import CharonAPI
import CharonCore
import HTTPTypes

/// Gets tokens: from the cache, by a refresh token, or by the credentials; no two processes ask for the same at once.
struct Authenticator: Sendable {
    private let scheme: TokenScheme
    private let base: BaseURL
    private let values: Values
    private let retry: Retry
    private let timeout: TimeSpan
    private let transport: any Transport
    private let cache: TokenCache?
    private let say: @Sendable (Line) -> Void
    private let hide: @Sendable (String) -> Void

    /// How long another process may take to get the token; then it is asked for here too.
    private static let patience = Duration.seconds(60)

    /// Without a cache each process asks for its own token.
    ///
    /// `hide` is given each token and refresh token.
    init(
        _ scheme: TokenScheme, base: BaseURL, _ values: Values, timeout: TimeSpan, retry: Retry = Retry(),
        transport: any Transport, cache: TokenCache?, say: @escaping @Sendable (Line) -> Void,
        hide: @escaping @Sendable (String) -> Void
    ) {
        self.scheme = scheme
        self.base = base
        self.values = values
        self.timeout = timeout
        self.retry = retry
        self.transport = transport
        self.cache = cache
        self.say = say
        self.hide = hide
    }

    /// A token that lives, and is not the `refused` one.
    func token(refused: Token?) async throws(CallFailure) -> Token {
        let identity = try scheme.identity(base: base, values)
        guard let cache else { return try await fetch(refresh: refused?.refresh) }
        let path = cache.path(identity)
        if let kept = kept(cache.read(path), refused) { return kept }
        let lock = await lock(cache, path)
        defer { _ = lock }
        // Whoever had the lock before may have got one.
        let found = cache.read(path)
        if let kept = kept(found, refused) { return kept }
        let token = try await fetch(refresh: found?.refresh ?? refused?.refresh)
        do { try cache.write(token, path) } catch { say(Line(.warning, "the token is not kept: \(error)")) }
        return token
    }

    private func kept(_ token: Token?, _ refused: Token?) -> Token? {
        guard let token, token.isFresh(at: .now()), token.value != refused?.value else { return nil }
        hide(token)
        return token
    }

    private func lock(_ cache: TokenCache, _ path: String) async -> Descriptor? {
        let end = ContinuousClock.now + Self.patience
        do {
            while true {
                if let lock = try cache.lock(path) { return lock }
                guard ContinuousClock.now < end else { return nil }
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch {
            say(Line(.warning, "the cache of tokens cannot be locked: \(error)"))
            return nil
        }
    }

    private func hide(_ token: Token) {
        hide(token.value)
        token.refresh.map(hide)
    }

    private func fetch(refresh: String?) async throws(CallFailure) -> Token {
        if let refresh, scheme.refreshToken != nil, let token = try await refreshed(refresh) { return token }
        let (answer, issued, shown) = try await send(try scheme.prepare(base: base, values))
        guard (200...299).contains(answer.status) else {
            // What the server says of itself is not about who asks.
            let exit: CallExit = answer.status >= 500 || answer.status == 429 ? .refused : .authentication
            throw CallFailure(exit, "\(shown) answered \(answer.status): \(Excerpt.of(answer.body))")
        }
        let token = try scheme.token(in: answer, issued: issued, refresh: nil)
        hide(token)
        return token
    }

    /// Nil if the refresh token is not taken any more.
    private func refreshed(_ refresh: String) async throws(CallFailure) -> Token? {
        hide(refresh)
        let (answer, issued, _) = try await send(try scheme.prepare(base: base, values, refresh: refresh))
        guard (200...299).contains(answer.status) else { return nil }
        let token = try scheme.token(in: answer, issued: issued, refresh: refresh)
        hide(token)
        return token
    }

    /// A token request does no harm when it is repeated.
    private func send(_ request: PreparedRequest) async throws(CallFailure) -> (Answer, Instant, String) {
        let shown = "\(request.method.rawValue) \(request.shownURL)"
        var attempt = 0
        while true {
            let issued = Instant.now()
            let trouble: Retry.Trouble
            let failure: CallFailure
            do throws(TransportFailure) {
                let answer = try await transport.send(Sending(request, limit: timeout))
                let asked = answer.headers[.retryAfter].flatMap { RetryAfter.parse($0, now: issued) }
                trouble = .status(answer.status, retryAfter: asked)
                failure = CallFailure(.refused, "\(shown) answered \(answer.status)")
                guard retry.delay(after: trouble, isIdempotent: true, attempt: attempt) != nil else {
                    return (answer, issued, shown)
                }
            } catch {
                switch error {
                case .call(let failure): throw failure
                case .notSent(let reason):
                    (trouble, failure) = (.notSent, CallFailure(.unreachable, "\(shown): \(reason)"))
                case .lost(let reason): (trouble, failure) = (.lost, CallFailure(.unreachable, "\(shown): \(reason)"))
                }
            }
            guard let delay = retry.delay(after: trouble, isIdempotent: true, attempt: attempt) else { throw failure }
            attempt += 1
            say(Line(.warning, "\(failure.message); trying again in \(delay)"))
            do {
                try await Task.sleep(for: .milliseconds(delay.milliseconds))
            } catch {
                throw failure
            }
        }
    }
}
