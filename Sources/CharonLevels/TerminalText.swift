/// The text that a terminal would show of one line, read character by character after ECMA-48.
///
/// Control sequences (CSI), control strings (OSC, DCS, SOS, PM, APC), other escapes and control characters vanish. A
/// carriage return lets the text behind it take the place of the text before it.
struct TerminalText {
    private enum State {
        case ground
        /// Behind ESC, and its intermediate characters if there are any.
        case escape
        /// Behind CSI, up to its final character.
        case sequence
        /// In a control string, up to BEL or ST.
        case string
        /// Behind an ESC in a control string, which ends it.
        case stringEscape
    }

    private var state = State.ground
    private var shown = String.UnicodeScalarView()
    /// What the control string holds so far: shown after all if the string has no end, so that no message is lost.
    private var held = String.UnicodeScalarView()
    private var isReturned = false

    mutating func take(_ scalar: Unicode.Scalar) {
        switch state {
        case .ground: ground(scalar)
        case .escape: escape(scalar)
        case .sequence: sequence(scalar)
        case .string: string(scalar)
        case .stringEscape:
            held.removeAll()
            state = .ground
            if scalar != "\\" { escape(scalar) }
        }
    }

    mutating func finish() -> String {
        if state == .string { for scalar in held { show(scalar) } }
        return String(shown)
    }

    private mutating func ground(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x1B: state = .escape
        case 0x9B: state = .sequence
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: state = .string
        case 0x0D: isReturned = true
        default: show(scalar)
        }
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x5B: state = .sequence
        case 0x50, 0x58, 0x5D, 0x5E, 0x5F: state = .string
        case 0x20...0x2F: state = .escape
        case 0x30...0x7E: state = .ground
        default: interrupt(scalar, in: .escape)
        }
    }

    private mutating func sequence(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x20...0x3F: break
        case 0x40...0x7E: state = .ground
        default: interrupt(scalar, in: .sequence)
        }
    }

    private mutating func string(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x1B: state = .stringEscape
        case 0x07, 0x9C, 0x18, 0x1A:
            held.removeAll()
            state = .ground
        default: held.append(scalar)
        }
    }

    /// A character that no sequence holds: CAN and SUB end it, other controls act within it, text goes on behind it.
    private mutating func interrupt(_ scalar: Unicode.Scalar, in sequence: State) {
        switch scalar.value {
        case 0x18, 0x1A: state = .ground
        case 0x1B: state = .escape
        case 0x0D:
            isReturned = true
            state = sequence
        case 0x00..<0x20: state = sequence
        default:
            state = .ground
            ground(scalar)
        }
    }

    private mutating func show(_ scalar: Unicode.Scalar) {
        guard scalar == "\t" || !(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)) else { return }
        if isReturned {
            shown.removeAll()
            isReturned = false
        }
        shown.append(scalar)
    }
}
