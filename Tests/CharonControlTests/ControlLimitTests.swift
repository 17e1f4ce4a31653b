import CLinux
import CharonControl
import CharonCore
import Foundation
import Testing

/// What one user can do to the others, tried as another user.
@Suite(.enabled(if: geteuid() == 0, "acting as another user takes root"))
struct ControlLimitTests {
    /// A program for perl(1) that connects as uid 65534 and does what its arguments say.
    private static let intruder = #"""
        use Socket; use POSIX;
        my ($path, $count, $text) = @ARGV;
        POSIX::setgid(65534); POSIX::setuid(65534); $> == 65534 or die "still uid $>";
        $SIG{PIPE} = "IGNORE";
        my @kept;
        for (1 .. $count) {
            socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
            connect($s, sockaddr_un($path)) or die "connect: $!";
            syswrite($s, $text . "\0") if length $text;
            push @kept, $s;
        }
        $| = 1; print "connected\n";
        while (<STDIN>) {
            my $answer = ""; my $open = 0;
            for my $s (@kept) {
                my ($bits, $part) = ("", ""); vec($bits, fileno($s), 1) = 1;
                if (select(my $r = $bits, undef, undef, 0)) { sysread($s, $part, 65536) ? ($answer = $part) : next; }
                $open++;
                # A refusal is followed by the end.
                if (length $part && select($r = $bits, undef, undef, 0.2) && !sysread($s, my $rest, 1)) { $open--; }
            }
            $answer =~ tr/\0/\n/; chomp $answer; print "$open $answer\n";
        }
        """#

    private final class Intruder {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()

        init(_ server: TestServer, connections: Int, text: String = "") throws {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/perl")
            process.arguments = ["-e", intruder, "--", server.path, String(connections), text]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            try #require(line() == "connected")
        }

        deinit {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }

        /// How many connections are open, and what came on the last one that said something.
        func report() throws -> (open: Int, answer: String) {
            try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
            let words = line().split(separator: " ", maxSplits: 1).map(String.init)
            return (Int(words.first ?? "") ?? -1, words.count > 1 ? words[1] : "")
        }

        private func line() -> String {
            var text = ""
            while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([10]) {
                text += String(decoding: byte, as: UTF8.self)
            }
            return text
        }
    }

    @Test func thePeerIsWhoConnected() async throws {
        let server = try TestServer()
        try await blocking {
            var client = try ControlClient(path: server.path)
            let own = try client.call("test.Peer").parameters
            #expect(own["uid"]?.integer == 0)
            #expect(own["pid"]?.integer == Int64(getpid()))
            let other = try Intruder(server, connections: 1, text: #"{"method":"test.Peer","parameters":{"uid":0}}"#)
            let answer = try #require(Self.answer(of: other))
            #expect(answer["parameters"]?["uid"]?.integer == 65_534)
            #expect(answer["parameters"]?["gid"]?.integer == 65_534)
        }
    }

    @Test func aUserHasANumberOfConnections() async throws {
        let server = try TestServer()
        let limit = ControlServer.Limits().connectionsPerUser
        try await blocking {
            let other = try Intruder(server, connections: limit + 10)
            var report = try other.report()
            for _ in 0..<1000 where report.open != limit {
                usleep(10_000)
                report = try other.report()
            }
            #expect(report.open == limit)
            // The full table of one user delays nobody else.
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    @Test func aConnectionTooManyIsToldSo() async throws {
        var limits = ControlServer.Limits()
        limits.connectionsPerUser = 0
        let server = try TestServer(limits)
        try await blocking {
            let other = try Intruder(server, connections: 1)
            #expect(Self.answer(of: other)?["error"]?.string == "\(ControlInterface.name).Busy")
            // The daemon's own user is not limited.
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    /// All users together leave half of the table to root.
    @Test func rootAlwaysGetsIn() async throws {
        var limits = ControlServer.Limits()
        limits.connections = 10
        let server = try TestServer(limits)
        try await blocking {
            let other = try Intruder(server, connections: 20)
            var report = try other.report()
            for _ in 0..<1000 where report.open != 5 {
                usleep(10_000)
                report = try other.report()
            }
            #expect(report.open == 5)
            var client = try ControlClient(path: server.path)
            #expect(try client.call("test.Echo", ["n": 1]).parameters["n"] == 1)
        }
    }

    private static func answer(of other: Intruder) -> JSON? {
        for _ in 0..<500 {
            guard let answer = try? other.report().answer else { return nil }
            if !answer.isEmpty { return try? JSON.parse(answer.utf8) }
            usleep(10_000)
        }
        return nil
    }
}
