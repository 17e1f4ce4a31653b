import CharonCore
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("65536", 65_536), ("64K", 65_536), ("64KiB", 65_536), ("1M", 1_048_576), ("512 MiB", 536_870_912),
        ("1GiB", 1_073_741_824), ("2T", 2_199_023_255_552), ("7B", 7), ("1048576T", 1 << 60),
    ])
    func isRead(_ text: String, _ bytes: Int64) { #expect(ByteCount(text)?.bytes == bytes) }

    @Test(arguments: [
        "", "M", "-1", "1.5G", "1KB", "1 k", "1GB", "1G ", " 1G", "1M2K", "1048577T", "99999999999999999999",
    ])
    func anythingElseIsRefused(_ text: String) { #expect(ByteCount(text) == nil) }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1_048_575, "1023.9 KiB"),
        (20 << 20, "20 MiB"), (1 << 30, "1 GiB"), (5 << 40, "5 TiB"),
    ])
    func isShownInItsLargestUnit(_ bytes: Int64, _ text: String) { #expect(ByteCount(bytes).description == text) }
}
