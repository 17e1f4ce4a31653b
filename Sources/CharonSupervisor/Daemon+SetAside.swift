package import CharonControl
import CharonCore
import CharonRuns

extension Daemon {
    /// What Charon could not take of the runs that the caller may see, delivered ones too, the oldest first.
    package func setAside(for peer: Peer, page: PageRequest = PageRequest()) async -> VarlinkReply {
        let (state, rights) = (configuration.state, rights)
        do {
            let found = try await bulk.perform { () throws(SystemError) in
                let runs = try RunDirectory.all(state: state)
                    .filter { directory in page.from.map { directory.run > $0 } ?? true }
                    .sorted { $0.run < $1.run }
                var found = Page(limit: page.limit)
                for directory in runs {
                    guard let delivery = (try? directory.delivery()) ?? nil, delivery.setAside.count > 0,
                        let request = (try? directory.request()) ?? nil, rights.mayRead(peer, uid: request.uid)
                    else { continue }
                    guard found.add(Self.describe(request, delivery)) else { break }
                }
                return found
            }
            return VarlinkReply(["runs": .array(found.elements), "more": .bool(found.isCut)])
        } catch {
            return .recordFailed("\(error)")
        }
    }

    private static func describe(_ request: RunRequest, _ delivery: DeliveryRecord) -> JSON {
        let setAside = delivery.setAside
        return [
            "run": .string(request.run.text), "slug": .string(request.slug.text),
            "application": .string(request.application), "asked_at": .string(request.askedAt.rfc3339),
            "delivered": .bool(delivery.isDone), "count": .integer(setAside.count), "lines": .integer(setAside.lines),
            "bytes": .integer(setAside.bytes), "messages": .array(setAside.messages.map(describe)),
        ]
    }

    static func describe(_ message: DeliveryRecord.SetAside.Message) -> JSON {
        [
            "from": .integer(message.bytes.from), "to": .integer(message.bytes.to),
            "level": .string(message.level.rawValue), "lines": .integer(message.lines),
            "status": message.status.map { .integer(Int64($0)) }, "at": .string(message.at.rfc3339),
            "reason": .string(SafeText.clipped(message.reason, to: 500)),
        ]
    }
}
