import CharonAPI
import CharonClient
import CharonCore
import CharonJobs
import CharonSupervisor
import Glibc
import Logging
import Synchronization

/// The HTTP clients of a daemon: all are shut down before the last reference goes, however the daemon ends.
final class Transports: Sendable {
    private let made = Mutex<[HTTPTransport]>([])
    /// Those whose keys come from the settings.
    private let keyed = Mutex<[(Settings.Application, HTTPTransport)]>([])

    /// Runs `body`, then ends every transport that it made.
    static func with<Value: Sendable>(_ body: (Transports) async throws -> Value) async throws -> Value {
        let transports = Transports()
        defer { for transport in transports.made.withLock({ $0 }) { transport.shutdown() } }
        return try await body(transports)
    }

    func make(
        _ base: BaseURL, _ key: Secret, caFile: String? = nil, connections: Int = Settings.Application.usualConnections
    ) throws(CharonError) -> HTTPTransport {
        let transport = try HTTPTransport(
            base: base, key: key, caFile: caFile, version: CharondCommand.version, connections: connections)
        made.withLock { $0.append(transport) }
        return transport
    }

    /// The application that the settings describe, with its key from where they say.
    func application(_ settings: Settings.Application, _ log: Logger? = nil) throws -> Application {
        let base = try BaseURL(settings.url, allowPlainHTTP: settings.allowPlainHTTP)
        let transport = try make(
            base, try Self.key(settings), caFile: settings.caFile, connections: settings.connections)
        keyed.withLock { $0.append((settings, transport)) }
        return Application(
            name: settings.name, url: settings.url, transport: transport,
            pointers: Self.pointers(settings.pointers),
            budget: TokenBucket.Rate(
                burst: Double(settings.burst), perSecond: Double(settings.messagesPerSecond)),
            log: log)
    }

    /// Reads the keys of all applications again; the names of those that have another one now.
    ///
    /// One that cannot be read is logged, and the one before stays.
    func readKeys(_ log: Logger) -> [String] {
        var changed: [String] = []
        for (settings, transport) in keyed.withLock({ $0 }) {
            do {
                if transport.replace(key: try Self.key(settings)) { changed.append(settings.name) }
            } catch {
                log.error(
                    "key not read, the one before stays",
                    metadata: ["application": "\(settings.name)", "reason": "\(error)"])
            }
        }
        return changed
    }

    private static func pointers(_ pointers: Settings.Application.Pointers) -> AnswerPointers {
        AnswerPointers(
            active: pointers.active.flatMap(JSONPointer.init), cronID: pointers.cronID.flatMap(JSONPointer.init),
            executionID: pointers.executionID.flatMap(JSONPointer.init),
            messageID: pointers.messageID.flatMap(JSONPointer.init))
    }

    private static func key(_ application: Settings.Application) throws -> Secret {
        let bytes: [UInt8]
        switch application.key {
        case .file(let path): bytes = try KeyFile.read(path)
        case .credential(let name):
            if let directory = EnvironmentSettings.value("CREDENTIALS_DIRECTORY") {
                bytes = try KeyFile.readCredential(name, directory: directory)
            } else if let key = EnvironmentSettings.value("CHARON_API_KEY") {
                bytes = Array(key.utf8)
            } else {
                throw CharonError(
                    .configuration,
                    "no key for the application \(application.name): set CHARON_API_KEY_FILE, or LoadCredential=\(name)"
                )
            }
        }
        guard let secret = Secret(String(decoding: bytes, as: UTF8.self)) else {
            throw CharonError(.configuration, "the key of the application \(application.name): \(Secret.rule)")
        }
        return secret
    }
}
