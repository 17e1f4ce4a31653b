import CharonCore

/// Lines as perror(3) writes them: a program's name, what it did, and the text of an errno (strerror(3)).
enum SystemErrors {
    /// The level of a line that begins with a name at `start`.
    static func find(in line: Span<UInt8>, from start: Int) -> Finding? {
        guard let colon = line.lastIndex(of: Byte.colon, from: start, to: line.count), line.at(colon + 1) == " "
        else { return nil }
        var end = line.count
        while end > colon, line.at(end - 1).isBlank || line.at(end - 1) == "." { end -= 1 }
        // rsync and others write the number too: `failed: No such file or directory (2)`.
        if line.at(end - 1) == ")", let open = line.lastIndex(of: 0x28, from: colon, to: end), line.at(open + 1).isDigit
        {
            end = open - 1
        }
        return isText(line, colon + 2, end) && Words.nameEnd(line, start) != nil ? Finding(.error) : nil
    }

    /// Whether `start..<end` is the text of an errno that a job is likely to meet.
    private static func isText(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        func named(_ texts: StaticString...) -> Bool {
            texts.contains { $0.utf8CodeUnitCount == end - start && line.has($0, at: start) }
        }
        return switch line.at(start) {
        case "A": named("Address already in use")
        case "B": named("Broken pipe")
        case "C":
            named("Connection refused", "Connection timed out", "Connection reset by peer", "Cannot allocate memory")
        case "D": named("Device or resource busy", "Disk quota exceeded", "Directory not empty")
        case "F": named("File exists", "File name too long", "File too large")
        case "H": named("Host is down")
        case "I": named("Is a directory", "Input/output error", "Invalid argument")
        case "N":
            named("No such file or directory", "No space left on device", "Not a directory", "No route to host")
                || named("Name or service not known", "Network is unreachable", "No such process")
        case "O": named("Operation not permitted", "Operation timed out")
        case "P": named("Permission denied")
        case "R": named("Read-only file system")
        case "S": named("Stale file handle")
        case "T": named("Too many open files", "Text file busy", "Temporary failure in name resolution")
        case "c": named("command not found")
        default: false
        }
    }
}
