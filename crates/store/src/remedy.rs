//! Names the ways out of a failure, in the words of the domain.

/// A way out of a failure of the store.
///
/// A program adds the words: a command line the command that does it, a window the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Wait until the other process releases the run folder, or store the run in another folder.
    WaitOrUseAnotherFolder,
    /// Show the stored run, or resume it to analyse it again.
    ShowOrAnalyseAgain,
    /// Resume the interrupted run; its finished parts are kept.
    ResumeRun,
    /// Resume the run that was to be stored in the folder, so that it is finished.
    FinishRun,
    /// Resume the run, which makes the altered file again.
    RemakeFile,
    /// Resume the run, which simulates it again and restores the sums of its parts.
    SimulateAgain,
    /// Analyse the run again, which writes its tables anew, also those of an older version.
    RewriteTables,
    /// Resume the run, which writes its parts and its manifest anew where they are not readable.
    RemakeParts,
    /// Free space on the disk, then resume the run; its finished parts are kept.
    FreeSpaceAndResume,
    /// Read the run with a newer version of the program.
    UseNewerVersion,
    /// Move the file or folder out of the run folder; resuming the run removes files and links.
    MoveFileAway,
    /// Move what is in the place of a file or folder of the run away, or remove it, and repeat the
    /// work.
    MoveAwayAndRepeat,
    /// Repeat the work once the other process has ended; what is finished is not done again.
    RepeatLater,
    /// Correct or remove the line; policies that only this line has are then no longer counted.
    CorrectLedger,
}
