import CharonCore
import CharonJobs
import Glibc

/// The settings of a daemon without a configuration file: one application, from the environment.
enum EnvironmentSettings {
    static func read() throws -> Settings {
        var settings = Settings()
        guard let url = value("CHARON_URL") else {
            throw CharonError(
                .configuration,
                "there is no /etc/charon/charon.yaml and CHARON_URL is not set: write the one or set the other")
        }
        let key: Settings.Application.Key
        if let file = value("CHARON_API_KEY_FILE") {
            key = .file(file)
        } else {
            key = .credential("charon-api-key")
        }
        var application = Settings.Application(name: "default", url: url, key: key)
        application.allowPlainHTTP = value("CHARON_ALLOW_PLAIN_HTTP") == "1"
        settings.applications["default"] = application
        settings.defaultApplication = "default"
        return settings
    }

    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
