package import CharonCore
package import CharonJournald
package import CharonLevels

/// What of a run's output goes to the journal, and as what.
package struct JournalRequest: Sendable {
    /// The fields of every entry.
    package var fields = JournalFields()
    /// What names the severity of a line.
    package var levels = LevelRules()
    /// The mildest priority that goes there.
    package var level = Severity.info
    /// Where journald listens.
    package var socket = JournalSocket.usualPath
    /// What shows the lines that the journal does not have; nil if nothing does.
    package var otherPlace: String?
    /// Which of our own outputs is the journal already; nil for none.
    package var stream: JournalStream?

    package init() {}
}
