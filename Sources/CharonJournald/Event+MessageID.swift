package import CharonCore

extension Event {
    /// The `MESSAGE_ID` of its entries (systemd.journal-fields(7)): a random UUID in hex, the same for ever.
    package var messageID: String {
        switch self {
        case .begun: "9444c0a144e54c1f965d515c2fabf90f"
        case .skipped: "8b5310bc48224f608bd13d1ed29bd79c"
        case .started: "8268383f64dd4dfdace829f9ced8e7da"
        case .ungated: "4f2e6ab2bca1471bbaa73f0ddd6687a1"
        case .notRegistered: "6dbd72d4eedd48669d13f1e3277232e8"
        case .ended: "b8e99249f5d44324a0815acd6f751b07"
        case .failed: "01a9137a84204fbabbb2b4d92d3d9747"
        case .timedOut: "7c8314bc6e364f7a87f81948641595e0"
        case .stopped: "fc8e74efd4d64c1a8fc27aa60b216dc8"
        case .lost: "d2bca8ad214541e3825bcd8ed9b86989"
        case .handedIn: "59b2f0fae0484ff8abb4173b2d1b66ac"
        case .delayed: "6234ed4f82b24a40ae493c7d57ef13f8"
        case .setAside: "58b2bef7305b4cc48f827921ca8343c6"
        case .givenUp: "cd179a827c70461aa2292d6cb454eebe"
        case .outputDropped: "64a9a2b34af145b0ba1fef6905b04d27"
        case .diskFull: "992f98796fcf4e7e9c4eee2dc2c3159e"
        case .recordFailed: "19afeda7740747dcab525f72024fb8ee"
        case .unreachable: "8d7eb898e6a54e88bbc5ccfbdb4d50b4"
        case .recovered: "b8ace39458da4845a531773e15926ba0"
        case .keyRefused: "cdc312af4b0d4444b0e9dc25c12291be"
        case .linesMissing: "a61a6f20be1f4cc19a38035bc75618d1"
        }
    }
}
