// swift-tools-version: 6.2
import PackageDescription

/// The modules, and who may import whom.
///
/// `.ci/graph` compares this table with every `import` line.
/// With `CHARON_LEAVES=1` only the modules without outside dependencies exist: a build of seconds, for sanitizers.
let leavesOnly = Context.environment["CHARON_LEAVES"] == "1"

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let leaves: [Target] = [
    .target(name: "CLinux"),
    .target(name: "CSystemd"),
    .target(name: "CharonCore"),
    .target(name: "CharonLevels", dependencies: ["CharonCore"]),
    .target(name: "CharonSchedule", dependencies: ["CharonCore"]),
    .target(name: "CharonRuns", dependencies: ["CharonCore", "CLinux"]),
    .target(name: "CharonControl", dependencies: ["CharonCore", "CLinux"]),
    .target(name: "CharonJournald", dependencies: ["CharonCore", "CLinux"]),
    .target(name: "CharonSystemd", dependencies: ["CharonCore", "CSystemd"]),
    .target(
        name: "CharonCapture", dependencies: ["CharonCore", "CharonJournald", "CharonLevels", "CharonRuns", "CLinux"]
    ),
    .target(name: "CharonAPI", dependencies: ["CharonCore"]),
    .executableTarget(
        name: "charon-run",
        dependencies: [
            "CharonCapture", "CharonControl", "CharonCore", "CharonJournald", "CharonLevels", "CharonRuns", "CLinux",
        ],
        linkerSettings: [
            .unsafeFlags(["-static-executable", "-Xlinker", "--gc-sections"], .when(configuration: .release))
        ]
    ),
    .testTarget(name: "CharonCoreTests", dependencies: ["CharonCore"]),
    .testTarget(name: "CharonLevelsTests", dependencies: ["CharonCore", "CharonLevels"], exclude: ["Corpus"]),
    .testTarget(name: "CharonScheduleTests", dependencies: ["CharonCore", "CharonSchedule"]),
    .testTarget(
        name: "CharonRunsTests", dependencies: ["CharonCore", "CharonRuns", "CLinux"], exclude: ["Fixtures"]
    ),
    .testTarget(name: "CharonControlTests", dependencies: ["CharonControl", "CharonCore", "CLinux"]),
    .testTarget(name: "CharonJournaldTests", dependencies: ["CharonCore", "CharonJournald", "CLinux"]),
    .testTarget(name: "CharonSystemdTests", dependencies: ["CharonCore", "CharonSystemd"]),
    .testTarget(name: "CharonAPITests", dependencies: ["CharonAPI", "CharonCore"]),
    .testTarget(
        name: "CharonCaptureTests",
        dependencies: [
            "CharonCapture", "CharonCore", "CharonJournald", "CharonLevels", "CharonRuns", "CLinux", "charon-run",
        ]
    ),
]

let branches: [Target] = [
    .target(name: "CharonJobs", dependencies: ["CharonCore", "CharonLevels", "CharonSchedule", heap, yams]),
    .target(
        name: "CharonClient",
        dependencies: ["CharonAPI", "CharonCore", nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS]
    ),
    .target(
        name: "CharonSupervisor",
        dependencies: [
            "CLinux", "CharonAPI", "CharonControl", "CharonCore", "CharonJobs", "CharonLevels", "CharonRuns",
            "CharonSchedule", heap, logging,
        ]
    ),
    .target(
        name: "CharonServer",
        dependencies: ["CharonCore", crypto, grdb, hummingbird, logging, nioCore, nioPosix]
    ),
    .target(
        name: "CharonCall",
        dependencies: [
            "CLinux", "CharonAPI", "CharonCore", "CharonJobs", asyncHTTPClient, crypto, httpTypes, mustache, nioCore,
            nioHTTP1, nioPosix, nioSSL, yams,
        ]
    ),
    .executableTarget(name: "charon-call", dependencies: ["CharonCall", "CharonCore", argumentParser]),
    .executableTarget(
        name: "charond",
        dependencies: [
            "CLinux", "CharonAPI", "CharonClient", "CharonControl", "CharonCore", "CharonJobs", "CharonJournald",
            "CharonRuns", "CharonSchedule", "CharonSupervisor", "CharonSystemd", argumentParser, logging,
        ]
    ),
    .executableTarget(
        name: "charonctl",
        dependencies: [
            "CharonControl", "CharonCore", "CharonJobs", "CharonLevels", "CharonSchedule", argumentParser,
        ]
    ),
    .executableTarget(name: "charon-server", dependencies: ["CharonCore", "CharonServer", argumentParser, logging]),
    .testTarget(
        name: "CharonJobsTests", dependencies: ["CharonCore", "CharonJobs", "CharonLevels", "CharonSchedule", yams]
    ),
    .testTarget(name: "CharonClientTests", dependencies: ["CharonAPI", "CharonClient", "CharonCore"]),
    .testTarget(
        name: "CharonSupervisorTests",
        dependencies: [
            "CLinux", "CharonAPI", "CharonControl", "CharonCore", "CharonJobs", "CharonLevels", "CharonRuns",
            "CharonSchedule", "CharonSupervisor", logging,
        ]
    ),
    .testTarget(
        name: "CharonCallTests",
        dependencies: [
            "CLinux", "CharonAPI", "CharonCall", "CharonCore", "CharonJobs", "charon-call", httpTypes, nioCore, nioHTTP1,
            nioPosix, yams,
        ]
    ),
    .testTarget(name: "CharonServerTests", dependencies: ["CharonCore", "CharonServer", grdb, logging]),
    .testTarget(
        name: "EndToEndTests",
        dependencies: [
            "CLinux", "CharonControl", "CharonCore", "CharonJobs", "CharonRuns", "CharonSchedule", "charon-call",
            "charon-run", "charon-server", "charonctl", "charond",
        ]
    ),
]

let package = Package(
    name: "charond",
    products: leavesOnly
        ? [.executable(name: "charon-run", targets: ["charon-run"])]
        : [
            .executable(name: "charon-run", targets: ["charon-run"]),
            .executable(name: "charond", targets: ["charond"]),
            .executable(name: "charonctl", targets: ["charonctl"]),
            .executable(name: "charon-server", targets: ["charon-server"]),
            .executable(name: "charon-call", targets: ["charon-call"]),
        ],
    dependencies: leavesOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
            .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
            .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
            .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
            .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
            .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
            .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
            .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
            .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
            .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
            .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
            .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        ],
    targets: leavesOnly ? leaves : leaves + branches
)

for target in package.targets {
    if ["CLinux", "CSystemd"].contains(target.name) {
        target.cSettings = [.define("_GNU_SOURCE"), .unsafeFlags(["-Wall", "-Wextra", "-Werror"])]
        continue
    }
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
        .define("CHARON_CRASH_POINTS", .when(configuration: .debug)),
    ]
}
