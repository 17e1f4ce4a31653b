import CharonCore
import CharonRuns
import Glibc

/// Appends whole lines to the `supervisor` file.
enum RecordLine {
    /// Returns the error of a line that was not written whole.
    ///
    /// A torn line is ended, so that a later one stands alone.
    static func append(_ record: SupervisorRecord, to descriptor: Int32) -> SystemError? {
        let line = record.line
        var done = 0
        while done < line.count {
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, line.count - done) }
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                let error = SystemError.last("write", "supervisor")
                if done > 0 { _ = write(descriptor, [0x0A] as [UInt8], 1) }
                return error
            }
        }
        return nil
    }
}
