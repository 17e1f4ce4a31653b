import CharonCore

/// What is run.
extension Check {
    mutating func lookAtCommand(_ job: Job, _ account: Account) {
        if case .shell(let text) = job.command, text.contains("\\%") {
            add(
                .crontabPercent, job,
                "\"command\" holds \\%, which only a crontab needs: the shell hands it on as it is; write %")
        }
        guard let name = Self.program(of: job.command) else { return }
        guard let path = find(name, job, account) else { return }
        lookAtProgram(path, job, account)
    }

    /// The program that a command begins with; nil if only a shell can tell.
    static func program(of command: JobCommand) -> String? {
        switch command {
        case .words(let words): return words.first
        case .shell(let text):
            guard let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init),
                word.allSatisfy({ $0.isLetter || $0.isNumber || "/._+-".contains($0) }), !builtins.contains(word)
            else { return nil }
            return word
        }
    }

    /// What sh(1) does itself (POSIX, XCU 2.14 and 1.7), and its reserved words.
    private static let builtins: Set<String> = [
        ".", ":", "alias", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
        "false", "fg", "for", "getopts", "hash", "if", "jobs", "kill", "printf", "pwd", "read", "readonly", "return",
        "set", "shift", "test", "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "until", "wait",
        "while",
    ]

    /// The path of a program, looked for as execvp(3) would with the job's PATH; nil, reported, if there is none.
    private mutating func find(_ name: String, _ job: Job, _ account: Account) -> String? {
        if name.contains("/") {
            let path = name.hasPrefix("/") ? name : "\(job.options.directory ?? account.home)/\(name)"
            if host.file(path) != nil { return path }
            add(.commandNotFound, job, "there is no \(path): install it, or correct \"command\"")
            return nil
        }
        let variable = job.environment.last { $0.name == "PATH" }?.value ?? Job.usualPath
        let paths = variable.split(separator: ":").map { "\($0)/\(name)" }
        if let path = paths.first(where: { host.file($0)?.kind == .file }) { return path }
        // A PATH from a file of variables is not known here.
        if job.options.environmentFiles.isEmpty {
            add(
                .commandNotFound, job,
                "\(name) is not on the job's PATH (\(variable)): give its whole path, or set PATH in \"environment\"")
        }
        return nil
    }

    private mutating func lookAtProgram(_ path: String, _ job: Job, _ account: Account) {
        guard let facts = host.file(path) else { return }
        guard facts.kind == .file else {
            add(.commandNotExecutable, job, "\(path) is no file: \"command\" must begin with a program")
            return
        }
        if let obstacle = obstacle(to: path, account) {
            add(.commandNotExecutable, job, "\(account.name) cannot run \(path): \(obstacle)")
        } else if !facts.allows(.execute, account) {
            add(.commandNotExecutable, job, "\(path) is not executable for \(account.name): chmod +x, or begin with sh")
        } else if facts.isWritable(byOthersThan: account) {
            add(
                .commandOfOthers, job,
                "\(path), which runs as \(account.name), can be written by others: chown and chmod go-w it")
        }
        guard let interpreter = interpreter(of: path) else { return }
        if interpreter.hasSuffix("\r") {
            add(
                .missingInterpreter, job,
                "the first line of \(path) ends with a carriage return: convert the file (dos2unix)")
        } else if host.file(interpreter) == nil {
            add(
                .missingInterpreter, job,
                "\(path) begins with #!\(interpreter), which is not there: install or correct it")
        }
    }

    /// The program that a script's first line names (execve(2)).
    private func interpreter(of path: String) -> String? {
        guard let head = host.head(path, 256), head.starts(with: [0x23, 0x21]) else { return nil }
        let line = head.dropFirst(2).prefix { $0 != 0x0A }
        let words = line.split { $0 == 0x20 || $0 == 0x09 }
        return words.first.map { String(decoding: $0, as: UTF8.self) }
    }
}
