import CharonCapture
import CharonCore
import CharonJournald
import CharonLevels

/// What a command line of charon-run asks for.
struct Options {
    var slug: Slug
    /// The command and its arguments, as raw bytes.
    var command: [[UInt8]]
    var application: String?
    var cronID: CronID?
    var timeout: TimeSpan?
    var stopGrace = CaptureRequest.usualStopGrace
    /// The policies that the line itself names; the daemon's own apply to the others.
    var whenUnreachable: WhenUnreachable?
    var overlap: Overlap?
    var successCodes: SuccessCodes?
    var isQuiet = false
    /// The mildest priority of the lines that go to the journal; nil for none.
    var journalLevel: Severity? = .info
    /// What names the level of a line; nil if the line says nothing of it.
    var levels: LevelRules?
    /// The least level of the lines that go to Charon.
    var sendLevel: Level?
    /// What is hidden in the record, besides the secrets of the environment.
    var redactions: [RedactionGlob] = []
    /// How long to wait for the delivery at the end; nil for what fits the place.
    var wait: TimeSpan?
    /// The record that the daemon has made; nil for a line that begins its own run.
    var record: CaptureRequest.RecordFiles?
    /// The descriptor from which a `ChildSetup` is read; nil for what the command has from the caller.
    var setup: Int32?
    /// A pipe whose other end is closed when the command may start; nil for at once.
    var hold: Int32?
    /// What tells the command to end.
    var stopSignal = SignalName.terminate
    /// Charon's id of the run, for the journal.
    var execution: String?

    init(slug: Slug, command: [[UInt8]]) {
        self.slug = slug
        self.command = command
    }
}

/// A command line: something to print, or something to run.
enum CommandLineRequest {
    case help, version
    case run(Options)
}
