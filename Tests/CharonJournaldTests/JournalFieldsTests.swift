import CharonCore
import CharonJournald
import Testing

@Suite struct JournalFieldsTests {
    private func bytes(_ change: (inout JournalFields) -> Void) -> [UInt8] {
        var fields = JournalFields()
        change(&fields)
        return fields.bytes
    }

    @Test func aTextIsOneLine() {
        #expect(bytes { $0.add("MESSAGE", "näh = ja") } == Array("MESSAGE=näh = ja\n".utf8))
        #expect(bytes { $0.add("MESSAGE", "") } == Array("MESSAGE=\n".utf8))
        #expect(bytes { $0.add("MESSAGE", nil) }.isEmpty)
    }

    @Test func aNewlineAsksForTheLongForm() {
        let expected = Array("MESSAGE\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a\nb\n".utf8)
        #expect(bytes { $0.add("MESSAGE", "a\nb") } == expected)
    }

    @Test func theLengthIsLittleEndian() {
        let value = [0x0A] + [UInt8](repeating: 0x78, count: 0x01_02_02)
        let expected = Array("A\n".utf8) + [0x03, 0x02, 0x01, 0, 0, 0, 0, 0] + value + [0x0A]
        #expect(bytes { $0.add("A", value) } == expected)
    }

    @Test func otherBytesAreAsTheyAre() {
        let value: [UInt8] = [0x00, 0xFF, 0x1B, 0x3D, 0x80]
        #expect(bytes { $0.add("A", value) } == Array("A=".utf8) + value + [0x0A])
    }

    @Test(arguments: [("reason", "CHARON_REASON"), ("http.status-2", "CHARON_HTTP_STATUS_2"), ("é", "CHARON___")])
    func aNameIsMadeFit(name: String, fit: String) {
        #expect(bytes { $0.add(charon: name, "x") } == Array("\(fit)=x\n".utf8))
    }

    @Test func aMadeNameHasAtMost64Letters() {
        let name = String(repeating: "x", count: 100)
        #expect(bytes { $0.add(charon: name, "") }.firstIndex(of: 0x3D) == 64)
    }

    @Test func fieldsAreAdded() {
        var common = JournalFields()
        common.add("CHARON_SLUG", "nightly")
        let all = bytes {
            $0.add(common)
            $0.add(.warning)
        }
        #expect(all == Array("CHARON_SLUG=nightly\nPRIORITY=4\n".utf8))
    }
}
