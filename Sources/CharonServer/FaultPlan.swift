import Synchronization

/// Decides which requests a fault befalls; with the same seed and the same order of requests, the same ones.
final class FaultPlan: Sendable {
    private let faults: [Fault]
    private let generator: Mutex<SplitMix64>

    init(_ faults: [Fault], seed: UInt64) {
        self.faults = faults
        generator = Mutex(SplitMix64(state: seed))
    }

    /// The first of the faults that befalls the next request of that call.
    func next(for call: DocumentedCall) -> Fault? {
        generator.withLock { generator in
            for fault in faults where fault.call == nil || fault.call == call {
                if Double.random(in: 0..<1, using: &generator) < fault.rate { return fault }
            }
            return nil
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
