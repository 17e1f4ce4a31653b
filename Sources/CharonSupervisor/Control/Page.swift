import CharonControl
package import CharonCore

/// Which part of a list of runs a caller asks for.
package struct PageRequest: Hashable, Sendable {
    /// The most runs of the part.
    package var limit = ControlInterface.usualRuns
    /// The run that the part lies next to; nil for the list's beginning.
    package var from: RunID?

    package init(limit: Int = ControlInterface.usualRuns, from: RunID? = nil) {
        self.limit = limit
        self.from = from
    }

    /// Reads `limit` and the parameter that names the run.
    init(_ json: JSON, from name: String) throws(InvalidParameter) {
        let reader = ParameterReader(json)
        // More than a reply lists is no mistake: the reply says that there are more.
        let wanted = try reader.number("limit", in: 1...Int64.max) ?? Int64(ControlInterface.usualRuns)
        limit = Int(min(wanted, Int64(ControlInterface.mostRuns)))
        from = try reader.optional(name, RunID.init)
    }
}

/// The part of a list that goes into one reply: so many elements, and no more bytes than a message may have.
package struct Page: Sendable {
    package private(set) var elements: [JSON] = []
    /// There was an element for which no room was left.
    package private(set) var isCut = false
    private let limit: Int
    private var room: Int

    /// The bytes that elements may take: the rest of a message is for what stands around them.
    package static let mostBytes = ControlInterface.longestMessage - 16_384

    package init(limit: Int, bytes: Int = mostBytes) {
        self.limit = limit
        room = bytes
    }

    /// Adds an element; false if there is no room for it, nor for any after it.
    package mutating func add(_ element: JSON) -> Bool {
        let size = element.bytes.count + 1
        guard !isCut, elements.count < limit, size <= room else {
            isCut = true
            return false
        }
        elements.append(element)
        room -= size
        return true
    }
}
