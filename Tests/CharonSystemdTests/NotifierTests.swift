import CharonCore
import Glibc
import Testing

@testable import CharonSystemd

@Suite("Notifications to the service manager")
struct NotifierTests {
    /// A datagram socket like systemd's, which notes what comes.
    private final class Receiver {
        let address: String
        private let socket: Descriptor

        init(_ address: String) throws {
            self.address = address
            socket = Descriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
            var to = sockaddr_un()
            to.sun_family = sa_family_t(AF_UNIX)
            let isAbstract = address.hasPrefix("@")
            withUnsafeMutableBytes(of: &to.sun_path) { $0.copyBytes(from: address.utf8) }
            if isAbstract { to.sun_path.0 = 0 }
            let size = socklen_t(2 + address.utf8.count + (isAbstract ? 0 : 1))
            let result = withUnsafePointer(to: &to) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, size) }
            }
            guard result == 0 else { throw SystemError.last("bind", address) }
        }

        func next() -> String? {
            var bytes = [UInt8](repeating: 0, count: 8192)
            let count = recv(socket.number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    private static func notifier(_ address: String) throws -> Notifier {
        try Notifier(ServiceVariables(["NOTIFY_SOCKET": address]))
    }

    @Test("Each notification is one datagram of sd_notify(3), to a path or an abstract name", arguments: [true, false])
    func datagrams(isAbstract: Bool) throws {
        let place = try Place()
        let receiver = try Receiver(isAbstract ? "@\(place.path)" : "\(place.path)/notify")
        let notifier = try Self.notifier(receiver.address)
        #expect(notifier.ready(status: "3 jobs"))
        #expect(receiver.next() == "READY=1\nSTATUS=3 jobs")
        #expect(notifier.status("2 running"))
        #expect(receiver.next() == "STATUS=2 running")
        #expect(notifier.stopping())
        #expect(receiver.next() == "STOPPING=1")
        #expect(notifier.extendTimeout(by: .seconds(5)))
        #expect(receiver.next() == "EXTEND_TIMEOUT_USEC=5000000")
        #expect(notifier.watchdog())
        #expect(receiver.next() == "WATCHDOG=1")
        #expect(receiver.next() == nil)
    }

    @Test("A reload begins with the monotonic clock's time")
    func reloading() throws {
        let place = try Place()
        let receiver = try Receiver("\(place.path)/notify")
        var before = timespec()
        clock_gettime(CLOCK_MONOTONIC, &before)
        #expect(try Self.notifier(receiver.address).reloading())
        var after = timespec()
        clock_gettime(CLOCK_MONOTONIC, &after)
        let lines = try #require(receiver.next()).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == "RELOADING=1")
        let time = try #require(Int(lines[1].dropFirst("MONOTONIC_USEC=".count)))
        let microseconds = { (time: timespec) in time.tv_sec * 1_000_000 + time.tv_nsec / 1000 }
        #expect((microseconds(before)...microseconds(after)).contains(time))
    }

    @Test("A status is one line of limited length and begins no other field")
    func oneLine() throws {
        let place = try Place()
        let receiver = try Receiver("\(place.path)/notify")
        let notifier = try Self.notifier(receiver.address)
        notifier.status("a\nMAINPID=1\u{1B}[31m\u{7F}é")
        #expect(receiver.next() == "STATUS=a MAINPID=1 [31m é")
        notifier.status(String(repeating: "€", count: 1000))
        let text = try #require(receiver.next())
        #expect((1000...1024 + 7).contains(text.utf8.count))
        #expect(text.dropFirst(7).allSatisfy { $0 == "€" })
    }

    @Test("Without a socket, with nobody there and with a bad address nothing happens")
    func nobody() throws {
        #expect(try !Notifier(ServiceVariables([:])).ready(status: ""))
        for address in ["", "/nowhere/notify", "relative", "@", "/" + String(repeating: "x", count: 200)] {
            #expect(try !Self.notifier(address).watchdog())
        }
    }

    @Test("A full socket does not block")
    func full() throws {
        let place = try Place()
        let receiver = try Receiver("\(place.path)/notify")
        let notifier = try Self.notifier(receiver.address)
        var sent = 0
        while notifier.status(String(repeating: "x", count: 1000)), sent < 100_000 { sent += 1 }
        #expect((1..<100_000).contains(sent))
        _ = receiver.next()
        #expect(notifier.watchdog())
    }
}
