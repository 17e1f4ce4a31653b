import CharonCore
import Glibc
import Testing

@testable import CharonSystemd

@Suite("What the service manager passes", .serialized)
struct ServiceVariablesTests {
    @Test("The watchdog's time counts for the process that it names, or for all")
    func watchdog() {
        let interval = { (values: [String: String]) in ServiceVariables(values, process: 7).watchdogInterval }
        #expect(interval(["WATCHDOG_USEC": "60000000"]) == .seconds(60))
        #expect(interval(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"]) == .seconds(60))
        #expect(interval(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "x"]) == nil)
        for text in ["", "0", "-1", "999", "1 s"] { #expect(interval(["WATCHDOG_USEC": text]) == nil) }
        #expect(interval(["WATCHDOG_PID": "7"]) == nil)
    }

    @Test("Passed descriptors count only for the process that is named")
    func passed() {
        let passed = { (values: [String: String]) in
            ServiceVariables(values, process: 7).passed.map { "\($0.descriptor) \($0.name)" }
        }
        let two = ["LISTEN_PID": "7", "LISTEN_FDS": "2"]
        #expect(passed(two) == ["3 unknown", "4 unknown"])
        #expect(passed(two.merging(["LISTEN_FDNAMES": "a:b"]) { $1 }) == ["3 a", "4 b"])
        #expect(passed(two.merging(["LISTEN_FDNAMES": ":b:c"]) { $1 }) == ["3 ", "4 b"])
        #expect(passed(two.merging(["LISTEN_PID": "8"]) { $1 }) == [])
        #expect(passed(["LISTEN_FDS": "2"]) == [])
        for count in ["", "0", "-1", "5000", "x"] { #expect(passed(["LISTEN_PID": "7", "LISTEN_FDS": count]) == []) }
    }

    @Test("A process that takes them leaves none to its children")
    func taken() throws {
        for name in ServiceVariables.names { setenv(name, "1", 1) }
        setenv("NOTIFY_SOCKET", "@x", 1)
        let variables = ServiceVariables.take()
        #expect(variables.notifySocket == "@x")
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reader, writer) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
        // What a child would get is this process's environment.
        var environment: [String] = []
        var entry = environ
        while let text = entry.pointee {
            environment.append(String(cString: text))
            entry += 1
        }
        let child = try Sleeper(["/usr/bin/env"], environment: environment + ["LAST=1"], output: writer.number)
        var text = ""
        while !text.contains("LAST=1\n") {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(reader.number, &bytes, bytes.count)
            guard count > 0 else { break }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        #expect(child.end() == 0)
        #expect(text.contains("LAST=1\n"))
        for name in ServiceVariables.names { #expect(!text.contains("\(name)=")) }
    }
}
