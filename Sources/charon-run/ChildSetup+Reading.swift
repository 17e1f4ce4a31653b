import CharonCore
import Glibc

extension ChildSetup {
    /// The most bytes of a setup: an environment that exec would still take.
    private static let longest: Int64 = 4 << 20

    /// Reads the setup that the daemon has put into the memory behind `descriptor`, and closes it.
    init(reading descriptor: Int32) throws(CharonError) {
        let file = Descriptor(owning: descriptor)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try file.read(at: 0, limit: Int(min(try file.size, Self.longest)))
        } catch {
            let reason = SystemError.text(of: error.errno)
            throw CharonError(.usage, "--setup: descriptor \(descriptor) cannot be read: \(reason)")
        }
        guard let setup = (try? JSON.parse(bytes)).flatMap(ChildSetup.init(json:)) else {
            throw CharonError(.usage, "--setup: descriptor \(descriptor) holds no setup that this version can read")
        }
        self = setup
    }
}
