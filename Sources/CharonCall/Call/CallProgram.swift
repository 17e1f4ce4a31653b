import CharonAPI
import CharonCore
import Glibc

/// One use of `charon-call`: from the file and the arguments to the exit code.
package struct CallProgram: Sendable {
    private let path: String
    private let arguments: [String: String]
    private let environment: @Sendable (String) -> String?
    private let printer: Printer

    /// What is to be done with the file.
    package enum Mode: Sendable { case call, serverDryRun, dryRun }

    /// `arguments` are the variables of the command line.
    package init(
        path: String, arguments: [String: String], printer: Printer,
        environment: @escaping @Sendable (String) -> String?
    ) {
        self.path = path
        self.arguments = arguments
        self.printer = printer
        self.environment = environment
    }

    /// Runs the call and gives its end; what there is to say is printed.
    package func run(_ mode: Mode, _ file: CallFile) async -> CallExit {
        do throws(CallFailure) {
            var values = BuiltIns.values(now: time(nil), environment: environment)
            try VariableReader(arguments: arguments, environment: environment).read(file.variables, into: &values)
            warn(file, values)
            for secret in values.secrets + (file.auth?.secrets(values) ?? []) { printer.hide(secret) }
            let base = try base(of: file, values)
            guard mode != .serverDryRun || file.serverDryRun != nil else {
                throw CallFailure(.usage, "\(path) has no \"server_dry_run\": the header's name is not known")
            }
            guard mode != .dryRun else {
                printer.print(Line(.output, try DryRun(file, base: base, values).text()))
                return .done
            }
            return try await call(file, base, values, isServerDryRun: mode == .serverDryRun)
        } catch {
            printer.print(Line(.error, error.message))
            return error.exit
        }
    }

    private func call(_ file: CallFile, _ base: BaseURL, _ values: Values, isServerDryRun: Bool)
        async throws(CallFailure) -> CallExit
    {
        let proxy = try ProxyAddress(for: base, environment: environment)
        let transport = try HTTPTransport(caFile: file.caFile, timeout: file.timeout, proxy: proxy)
        let printer = printer
        let say: @Sendable (Line) -> Void = { printer.print($0) }
        var authenticator: Authenticator?
        if case .token(let scheme) = file.auth {
            authenticator = Authenticator(
                scheme, base: base, values, timeout: file.timeout, retry: file.steps.first?.retry ?? Retry(),
                transport: transport,
                cache: cache(), say: say, hide: { printer.hide($0) })
        }
        let machine = CallMachine(file, base: base, values, boundary: Self.boundary(), isServerDryRun: isServerDryRun)
        let exit = await CallRunner(transport: transport, authenticator: authenticator, say: say).run(machine)
        await transport.shutdown()
        return exit
    }

    private func base(of file: CallFile, _ values: Values) throws(CallFailure) -> BaseURL {
        do {
            return try BaseURL(file.baseURL?.render(values) ?? "", allowPlainHTTP: file.allowsPlainHTTP)
        } catch {
            throw CallFailure(.configuration, "\"base_url\": \(error.message)")
        }
    }

    private func warn(_ file: CallFile, _ values: Values) {
        for variable in file.variables where variable.isSecret {
            guard let text = values[variable.name]?.string, !text.isEmpty, text.utf8.count < Redactor.shortest else {
                continue
            }
            printer.print(
                Line(.warning, "the secret \"\(variable.name)\" is too short to be hidden in what is printed"))
        }
    }

    private func cache() -> TokenCache? {
        let place = TokenCache.place(environment: environment)
        do { return try TokenCache(directory: place) } catch {
            printer.print(Line(.warning, "tokens are not kept in \(place): \(error)"))
            return nil
        }
    }

    /// Random, so that no file that is sent holds it.
    private static func boundary() -> String {
        "charon-" + (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    }
}
