package import CharonCore

/// A call as Varlink writes it: a JSON object that a NUL byte ends.
package struct VarlinkCall: Hashable, Sendable {
    package var method: String
    package var parameters: JSON
    /// The caller takes several replies.
    package var more = false
    /// The caller takes none.
    package var oneway = false

    package init(method: String, parameters: JSON) {
        self.method = method
        self.parameters = parameters
    }

    package var frame: [UInt8] {
        let json: JSON = [
            "method": .string(method), "parameters": parameters, "more": more ? true : nil,
            "oneway": oneway ? true : nil,
        ]
        return json.bytes + [0]
    }

    /// Reads a frame without its NUL.
    ///
    /// Throws for what is no call.
    package init(frame: some Collection<UInt8>) throws(CharonError) {
        let json: JSON
        do {
            json = try JSON.parse(frame)
        } catch {
            throw CharonError(.protocolViolation, "a control message is no JSON: \(error)")
        }
        guard let method = json["method"]?.string else {
            throw CharonError(.protocolViolation, "a control message has no \"method\"")
        }
        let parameters = json["parameters"] ?? .object([])
        guard parameters.members != nil else {
            throw CharonError(.protocolViolation, "the \"parameters\" of a control message are no object")
        }
        self.init(method: method, parameters: parameters)
        more = json["more"]?.bool ?? false
        oneway = json["oneway"]?.bool ?? false
    }
}

/// A reply as Varlink writes it.
package struct VarlinkReply: Hashable, Sendable {
    package var parameters: JSON
    /// Another reply to the same call follows.
    package var continues = false
    /// The full name of the error, if it is one.
    package var error: String?

    package init(_ parameters: JSON = .object([]), continues: Bool = false) {
        self.parameters = parameters
        self.continues = continues
    }

    package init(error: String, _ parameters: JSON = .object([])) {
        self.parameters = parameters
        self.error = error
    }

    package var frame: [UInt8] {
        let json: JSON = [
            "error": error.map { .string($0) }, "parameters": parameters, "continues": continues ? true : nil,
        ]
        return json.bytes + [0]
    }

    /// Nil for what is no reply.
    package init?(frame: some Collection<UInt8>) {
        guard let json = try? JSON.parse(frame), json.members != nil else { return nil }
        parameters = json["parameters"] ?? .object([])
        continues = json["continues"]?.bool ?? false
        error = json["error"]?.string
    }
}

/// The errors that Varlink itself names, and those of our interface.
extension VarlinkReply {
    package static func methodNotFound(_ method: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.service).MethodNotFound", ["method": .string(method)])
    }

    package static func interfaceNotFound(_ interface: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.service).InterfaceNotFound", ["interface": .string(interface)])
    }

    package static func invalidParameter(_ parameter: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.service).InvalidParameter", ["parameter": .string(parameter)])
    }

    package static func permissionDenied(_ reason: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.name).PermissionDenied", ["reason": .string(reason)])
    }

    package static func busy(_ reason: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.name).Busy", ["reason": .string(reason)])
    }

    package static func recordFailed(_ reason: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.name).RecordFailed", ["reason": .string(reason)])
    }

    package static let noSuchRun = VarlinkReply(error: "\(ControlInterface.name).NoSuchRun")

    package static func noSuchJob(_ slug: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.name).NoSuchJob", ["slug": .string(slug)])
    }

    package static func notRunning(_ reason: String) -> VarlinkReply {
        VarlinkReply(error: "\(ControlInterface.name).NotRunning", ["reason": .string(reason)])
    }
}
