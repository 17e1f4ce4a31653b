package import CharonCore
import Glibc
import Synchronization

/// `intents`: the runs whose start may have been written to Charon while their own records are not on disk yet.
///
/// A file of fixed size that is overwritten in place: fdatasync(2) then has no metadata to commit, which takes a small
/// part of what making a file durable takes. A slot holds one intent, from before its start is written until the run's
/// record is on disk. A slot that a power cut tore holds no JSON: its start was never written.
package final class IntentLog: Sendable {
    /// What must be known of a run whose record a power cut has taken.
    package struct Intent: Hashable, Sendable {
        package var request: RunRequest
        /// When the start was about to be written.
        package var at: Instant

        package init(request: RunRequest, at: Instant) {
            self.request = request
            self.at = at
        }
    }

    /// The version that this release writes.
    package static let version: Int64 = 1
    /// How many intents there can be at once.
    package static let slots = 1024
    /// The bytes of one; a command line that is longer is shortened.
    package static let slotSize = 2048

    private struct Slots {
        var taken: [RunID: Int] = [:]
        var free: [Int]
    }

    private let file: Descriptor
    private let path: String
    private let table: Mutex<Slots>

    /// Opens the file in a state directory, makes it if there is none, and returns what an earlier daemon left in it.
    package static func open(state: String) throws(SystemError) -> (log: IntentLog, left: [Intent]) {
        let path = "\(state)/intents"
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        let bytes = try file.read(at: 0, limit: slots * slotSize)
        var slots = Slots(free: [])
        var left: [Intent] = []
        for slot in (0..<Self.slots).reversed() {
            let start = min(slot * slotSize, bytes.count)
            if let intent = Intent(slot: bytes[start..<min(start + slotSize, bytes.count)]) {
                left.append(intent)
                slots.taken[intent.request.run] = slot
            } else {
                slots.free.append(slot)
            }
        }
        let log = IntentLog(file, path, slots)
        // Written and not only reserved: the first use of a reserved block changes metadata.
        try log.write([UInt8](repeating: 0, count: Self.slots * slotSize - bytes.count), at: bytes.count)
        try RecordFile.sync(file, path)
        try RecordFile.syncDirectory(of: path)
        return (log, left.reversed())
    }

    private init(_ file: Descriptor, _ path: String, _ slots: Slots) {
        self.file = file
        self.path = path
        table = Mutex(slots)
    }

    /// Puts an intent on disk.
    ///
    /// False if there is no room for it: the run's record itself must then be on disk before its start is written.
    package func keep(_ intent: Intent) throws(SystemError) -> Bool {
        guard try place(intent) else { return false }
        try flush()
        return true
    }

    /// Writes an intent that is on disk after the next `flush`, so that many may share one.
    ///
    /// False if there is no room for it.
    package func place(_ intent: Intent) throws(SystemError) -> Bool {
        guard let text = intent.slot else { return false }
        let run = intent.request.run
        let slot = table.withLock { table -> Int? in
            if table.taken[run] == nil { table.taken[run] = table.free.popLast() }
            return table.taken[run]
        }
        guard let slot else { return false }
        do throws(SystemError) {
            try overwrite(slot, with: text)
            return true
        } catch {
            // Lost for this process only: what the slot holds now is not known.
            table.withLock { _ = $0.taken.removeValue(forKey: run) }
            throw error
        }
    }

    /// Frees the slot of a run, on disk too: its record is there, or it will not have one.
    package func release(_ run: RunID) throws(SystemError) {
        guard let slot = table.withLock({ $0.taken[run] }) else { return }
        try overwrite(slot, with: [])
        try flush()
        table.withLock { table in
            if table.taken.removeValue(forKey: run) != nil { table.free.append(slot) }
        }
    }

    private func overwrite(_ slot: Int, with text: [UInt8]) throws(SystemError) {
        // The whole slot, so that no torn write mixes two intents.
        try write(text + [UInt8](repeating: 0, count: Self.slotSize - text.count), at: slot * Self.slotSize)
    }

    /// Puts on disk what was written (fdatasync(2)).
    package func flush() throws(SystemError) {
        while fdatasync(file.number) != 0 { guard errno == EINTR else { throw .last("fdatasync", path) } }
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { pwrite(file.number, $0.baseAddress, $0.count, offset + done) }
            guard count > 0 || (count < 0 && errno == EINTR) else { throw .last("pwrite", path) }
            done += max(count, 0)
        }
    }
}

extension IntentLog.Intent {
    /// The JSON and a newline; nil if not even the request without its command line fits into a slot.
    fileprivate var slot: [UInt8]? {
        var short = self
        short.request.argv = [String(request.argv.first?.prefix(Self.shortest) ?? "")]
        short.request.directory = ""
        return [text, short.text].first { $0.count <= IntentLog.slotSize }
    }

    private static let shortest = 100

    private var text: [UInt8] {
        let json: JSON = [
            "v": .integer(IntentLog.version), "at": .string(at.rfc3339), "request": request.json,
        ]
        return json.bytes + [0x0A]
    }

    fileprivate init?(slot: ArraySlice<UInt8>) {
        guard let end = slot.firstIndex(of: 0x0A), let json = try? JSON.parse(slot[..<end]),
            json["v"]?.integer == IntentLog.version, let at = Instant(json: json["at"]),
            let request = json["request"].flatMap(RunRequest.init(json:))
        else { return nil }
        self.init(request: request, at: at)
    }
}
