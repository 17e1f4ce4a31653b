import CharonCore
import CharonRuns
import Glibc

extension RunDirectory {
    /// Puts the request on disk, and the directory's own name.
    func syncRequest() throws(SystemError) {
        let request = path + "/run.json"
        try RecordFile.sync(try Descriptor.open(request, O_RDONLY | O_NOFOLLOW), request)
        try RecordFile.syncDirectory(of: path)
    }
}
