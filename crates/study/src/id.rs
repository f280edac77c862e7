//! Lists every kind of problem a study file can have, each with its stable name and meaning.

macro_rules! ids {
    ($($variant:ident = $name:literal: $meaning:literal,)*) => {
        /// A kind of problem. Names are stable: scripts and tests rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Id {
            $(#[doc = $meaning] $variant,)*
        }

        impl Id {
            /// Every kind, in the order of the checks.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name, `unknown-key`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Meaning of the kind, as a sentence without its period.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

ids! {
    // the file
    Unreadable = "unreadable": "the file cannot be read",
    TooLarge = "file-too-large": "the file is larger than any study needs to be",
    Syntax = "toml-syntax": "the text is not TOML",
    FormatVersion = "format-version": "the file is written in another version of the format",
    BadOverride = "bad-override": "an override names no place in the study, or its value is not \
    TOML",
    // its structure
    UnknownKey = "unknown-key": "the format has no such key",
    MissingKey = "missing-key": "a required key is absent",
    WrongType = "wrong-type": "the value is of another type",
    UnknownWord = "unknown-word": "the format has no such word at this place",
    OutOfRange = "out-of-range": "a number is outside its limits",
    ExactlyOne = "exactly-one": "exactly one of several keys is needed",
    NotYet = "not-yet": "the format has this key or word, and this version does not run it",
    // sweeps
    SweepForbidden = "sweep-forbidden": "this key cannot be swept",
    SweepShape = "sweep-shape": "a sweep is not written as a list or a range",
    SweepAxis = "sweep-axis": "sweeps of one axis do not match",
    SweepTooLarge = "sweep-too-large": "the sweeps make more cells than a study may have",
    // names and texts
    HiddenCharacter = "hidden-character": "a text has a character that is not shown",
    BadName = "bad-name": "a name has characters that files and tables cannot carry",
    DuplicateName = "duplicate-name": "two things have the same name",
    UnknownAsset = "unknown-asset": "the market has no such asset",
    UnknownGroup = "unknown-group": "the account has no such group",
    UnknownSignal = "unknown-signal": "no such signal is declared",
    UnknownModel = "unknown-model": "no such model is declared, or it cannot be read",
    UnknownIndicator = "unknown-indicator": "the market has no such indicator",
    UnknownRegime = "unknown-regime": "the market has no such regime",
    UnknownPolicy = "unknown-policy": "no such policy is declared",
    UnknownMetric = "unknown-metric": "there is no such metric",
    UnknownPreset = "unknown-preset": "no such preset is shipped",
    UnknownCatalogue = "unknown-catalogue-entry": "the catalogue has no such policy",
    // the market
    ListLength = "list-length": "a list has more or fewer entries than there are assets",
    MissingAsset = "missing-asset": "a map leaves an asset out",
    Transition = "transition": "the matrix does not hold transition probabilities",
    NotErgodic = "no-stationary-law": "the chain has no unique stationary law",
    Initial = "initial-law": "the law of the first regime is not a probability law",
    Correlation = "correlation": "the matrix does not hold correlations",
    NotPositiveDefinite = "not-positive-definite": "no market can have these correlations",
    Moments = "moments": "a mean or vol is not possible",
    Innovations = "innovations": "the law of the shocks is not possible",
    Dynamics = "dynamics": "the memory, jumps or indicators of a market are not possible",
    Clock = "clock": "the period of a chain is no whole number of steps",
    PresetBroken = "preset-broken": "a shipped preset does not imply the moments it states",
    Truncation = "truncation": "the bound on the log return of a step is felt",
    // histories
    CsvUnreadable = "csv-unreadable": "the history cannot be read as CSV",
    CsvColumn = "csv-missing-column": "the history lacks a column",
    CsvFields = "csv-fields": "a row of the history has more or fewer fields than its first line",
    CsvDate = "csv-date": "a date cannot be read",
    CsvNumber = "csv-not-a-number": "a return of the history is not a number",
    CsvReturn = "csv-return": "a return of the history loses everything or more",
    CsvNotReturns = "csv-not-returns": "a column of the history cannot hold returns",
    CsvUnusual = "csv-unusual": "a column of the history is unusual for returns",
    CsvGap = "csv-gap": "the calendar of the history has a gap, goes back or repeats",
    CsvStep = "csv-step": "the rows of the history are not one step apart",
    CsvRange = "csv-range": "the history has too few rows between `from` and `to`",
    // time, account and costs
    WholeSteps = "whole-steps": "a duration is no whole number of steps or months",
    Horizon = "report-horizon": "a report horizon is beyond the paths or repeated",
    WeightsSum = "weights-sum": "target weights do not sum to 1",
    CostTooHigh = "cost-too-high": "a trade would cost as much as it moves",
    FlowDates = "flow-dates": "a cash flow has no date within the horizon",
    Percent = "percent-for-fraction": "a number looks like a percentage where a fraction is meant",
    Unusual = "unusual-value": "a number is possible, and few studies mean it",
    // signals and policies
    Window = "window-too-long": "a signal's window is longer than the horizon",
    SignalStart = "signal-start": "a signal has no starting value",
    Oracle = "no-oracle": "the signal has no true value in a regime, so no oracle can name it",
    MovingTarget = "moving-target": "a target has only growth assets or none, so it cannot move",
    GlidePath = "glide-path": "the years of a glide path do not rise from 0",
    Foresight = "foresight": "an indicator reveals the coming regime without noise",
    UnusedSignal = "unused-signal": "no policy reads the signal",
    FilterApproximates = "filter-approximates": "a filter assumes a simpler market \
    than it observes",
    PowerOfSign = "power-needs-positive": "a power is taken of a signal that can be 0 or negative",
    ReferenceOff = "reference-off": "a reference is far off the signal's long-run mean",
    ReviewTooFine = "review-too-fine": "a review is more frequent than the steps",
    RelativeOfZero = "relative-of-zero": "a relative band watches an asset whose target is 0",
    NothingWatched = "nothing-watched": "a band watches no asset",
    BandCombine = "combine-needs-both": "`combine` is given without both bands, or `cost_aware` \
    beside a width",
    Measure = "measure-of-all": "a key does not fit the measure of the distance",
    WidthOutsideClamp = "width-outside-clamp": "a number is outside its own limits",
    IdleCondition = "idle-condition": "a condition can make no difference",
    NeedsOutside = "needs-outside": "a trade rule needs a band, and the trigger has none",
    BeyondTrigger = "destination-beyond-trigger": "a trade would end outside the band",
    StepScale = "step-scale": "the thresholds and factors of a step scale do not match",
    Twin = "twin": "a policy cannot be the twin of the other",
    // comparison and plan
    ComparedWithItself = "compared-with-itself": "a policy is compared with itself",
    PrimaryMetric = "primary-metric": "the primary metric may have no value in this study",
    Antithetic = "antithetic": "this study cannot have antithetic pairs",
    ControlVariate = "control-variate": "this study cannot have a control variate",
    PathsPerPart = "paths-per-part": "the parts of the run would be too large or uneven",
    PlanTooLarge = "plan-too-large": "the run would be too large for any machine",
    SkippedCorner = "skipped-corner": "an invalid corner of a sweep was left out",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_kebab_case() {
        let mut names: Vec<_> = Id::ALL.iter().map(|id| id.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Id::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }
}
