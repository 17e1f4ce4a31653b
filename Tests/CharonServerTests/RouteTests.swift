import Testing

@testable import CharonServer

@Suite("Route")
struct RouteTests {
    @Test(
        "each path with its method",
        arguments: [
            ("GET", "/api/backup/can-start", Route.canStart(slug: "backup")),
            ("GET", "/api/12/start", .start(cron: "12")),
            ("POST", "/api/1000001/end", .end(execution: "1000001")),
            ("POST", "/api/1000001/message", .message(execution: "1000001")),
            ("GET", "/api/a%2Fb/can-start", .canStart(slug: "a/b")),
            ("GET", "/api/-/crons", .crons),
            ("GET", "/api/-/executions", .executions),
            ("GET", "/api/-/executions/7", .execution("7")),
            ("GET", "/api/-/messages", .messages),
        ])
    func finds(method: String, path: String, route: Route) throws {
        #expect(try Route.find(method: method, path: path, base: "/api") == route)
    }

    @Test(
        "paths that are none of ours",
        arguments: [
            "", "/", "/api", "/api/", "/api/backup", "/api//start", "/api/backup/can-start/", "/api/backup/stop",
            "/api/-/start", "/api/-/can-start", "/api/-/crons/1", "/api/-/executions/1/messages", "/apix/1/start",
            "/1/start", "/api/%FF/start", "/API/1/start", "/api/1/start/2",
        ])
    func refuses(path: String) {
        #expect { try Route.find(method: "GET", path: path, base: "/api") } throws: { error in
            (error as? Refusal)?.status == 404
        }
    }

    @Test(
        "paths of ours with a wrong method, HEAD among them",
        arguments: [
            ("POST", "/backup/can-start", "GET"), ("HEAD", "/1/start", "GET"), ("POST", "/1/start", "GET"),
            ("GET", "/1/end", "POST"), ("PUT", "/1/message", "POST"), ("DELETE", "/-/executions/1", "GET"),
        ])
    func refuses(method: String, path: String, allowed: String) {
        #expect { try Route.find(method: method, path: path, base: "") } throws: { error in
            (error as? Refusal)?.status == 405 && (error as? Refusal)?.allow == allowed
        }
    }

    @Test("what is stored goes the way of the writes")
    func isWrite() {
        let writes: [Route] = [.start(cron: "1"), .end(execution: "1"), .message(execution: "1")]
        let reads: [Route] = [.canStart(slug: "a"), .crons, .executions, .execution("1"), .messages]
        #expect(writes.map(\.isWrite) == [true, true, true])
        #expect(reads.map(\.isWrite) == [false, false, false, false, false])
    }
}
