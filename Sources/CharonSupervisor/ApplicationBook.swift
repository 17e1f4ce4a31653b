package import CharonCore
import CharonRuns
import Synchronization

/// The applications that a daemon reports to, by name.
package final class ApplicationBook: Sendable {
    /// Makes the application for a caller's credentials; throws if the URL is not acceptable.
    package typealias Factory = @Sendable (String, Credentials) throws(CharonError) -> Application

    private struct State {
        var applications: [String: Application]
        var credentials: [String: Credentials] = [:]
        var newcomers: (@Sendable (Application) -> Void)?
    }

    private let factory: Factory?
    private let state: Mutex<State>
    /// The application of a caller who names none and is not among the users of one.
    private let defaultName: String
    private let ofUsers: [UInt32: String]

    /// With a `factory`, callers bring their own credentials (a private daemon).
    package init(
        _ applications: [Application], defaultName: String = "default", ofUsers: [UInt32: String] = [:],
        factory: Factory? = nil
    ) {
        self.factory = factory
        self.defaultName = defaultName
        self.ofUsers = ofUsers
        state = Mutex(State(applications: Dictionary(applications.map { ($0.name, $0) }) { first, _ in first }))
    }

    /// The application of a caller who names none.
    package func defaultName(for uid: UInt32) -> String { ofUsers[uid] ?? defaultName }

    /// Where wrappers look for the last answers of an application: they do not know the name of a default one.
    func memoryName(of application: String, for uid: UInt32) -> String {
        guard application == defaultName(for: uid) else { return application }
        return ofUsers[uid] == nil ? GateMemory.defaultApplication : GateMemory.defaultApplication(of: uid)
    }

    /// Has `newcomers` told of each application, of those that are there and of those that callers bring.
    func observe(_ newcomers: @escaping @Sendable (Application) -> Void) {
        let applications = state.withLock { state in
            state.newcomers = newcomers
            return Array(state.applications.values)
        }
        applications.forEach(newcomers)
    }

    package func named(_ name: String) -> Application? { state.withLock { $0.applications[name] } }

    package var all: [Application] { state.withLock { $0.applications.values.sorted { $0.name < $1.name } } }

    /// The application for a call, made from its credentials if this book takes them.
    ///
    /// Other credentials than before replace the application for later runs; runs under way keep theirs.
    package func resolve(_ name: String, _ credentials: Credentials?) throws(CharonError) -> Application {
        if let factory, let credentials, state.withLock({ $0.credentials[name] }) != credentials {
            let application = try factory(name, credentials)
            let newcomers = state.withLock { state in
                state.applications[name] = application
                state.credentials[name] = credentials
                return state.newcomers
            }
            newcomers?(application)
        }
        guard let application = named(name) else {
            let known = all.map(\.name).joined(separator: ", ")
            throw CharonError(
                .configuration,
                factory == nil
                    ? "there is no application \(name) in charon.yaml (there is: \(known.isEmpty ? "none" : known))"
                    : "no application \(name) is known: set CHARON_URL, and CHARON_API_KEY or CHARON_API_KEY_FILE")
        }
        return application
    }
}
