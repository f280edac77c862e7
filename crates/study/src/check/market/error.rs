//! Finds the place in a study at which an error of a market was written, and the way out.

use corridor_scenario::error::{Chain, MarketError};

use super::written::Written;
use crate::check::scope::Scope;
use crate::diagnostic::{Hint, Id, MoreHelp, Severity};
use crate::report::Finding;
use crate::tree::Segment::{self, Index, Key};

/// Reports an error of a market at the place where it was written.
pub(super) fn report(error: &MarketError, written: Written, scope: &Scope<'_>) {
    let (id, hint) = explain(error);
    let direct = place(error, written);
    let candidates = match written {
        Written::RegimeSwitching | Written::Gbm => vec![direct],
        Written::Preset => vec![overriding(error), vec![Key("market"), Key("preset")]],
    };
    let known = candidates.iter().find(|candidate| scope.has(candidate)).or(candidates.last());
    let segments = known.cloned().unwrap_or_default();
    let span = scope.grid.span_of(&segments, scope.choice);
    let finding = Finding { severity: Severity::Error, span, id, message: error.to_string(), hint };
    scope.reporter.in_corner(finding, scope.corner);
}

/// The kind of an error of a market, and the way out.
fn explain(error: &MarketError) -> (Id, Hint) {
    let (id, hint) = match error {
        MarketError::TransitionShape { .. } => {
            (Id::Transition, "give a row and a column for each regime; rows are \"from\"")
        }
        MarketError::TransitionRow { .. } => (
            Id::Transition,
            "make each row sum to 1 within 1e-9: the last entry is 1 minus the others",
        ),
        MarketError::TransitionEntry { .. } => (Id::Transition, "write probabilities from 0 to 1"),
        MarketError::NotErgodic { .. } => (
            Id::NotErgodic,
            "let every regime be reached from every other, or name the first one in `initial`",
        ),
        MarketError::Initial { .. } => {
            (Id::Initial, "write \"stationary\", a regime's name, or probabilities that sum to 1")
        }
        MarketError::Vol { .. } => (
            Id::Moments,
            "write the standard deviation of the log return: 0.04 is 4 % per `moments_per`",
        ),
        MarketError::Mean { .. } => {
            (Id::Moments, "write the mean as a decimal: 0.01 is 1 % per `moments_per`")
        }
        MarketError::Correlation { .. } => (
            Id::Correlation,
            "write the symmetric matrix with ones on its diagonal, its lower triangle, or one \
            number for all pairs",
        ),
        MarketError::NotPositiveDefinite { .. } => (
            Id::NotPositiveDefinite,
            "move the correlations nearer to 0 until the smallest eigenvalue is above 0",
        ),
        MarketError::DegreesOfFreedom { .. } => (Id::Innovations, "choose `df` above 2"),
        MarketError::MeanOfStudentT => (Id::Innovations, "declare `mean_is = \"log\"`"),
        MarketError::Dynamics { what, .. } => {
            let hint = Hint::from(match *what {
                "garch" => "lower the weights: `garch = { alpha = 0.05, beta = 0.9 }` is usual",
                "relative_ar" => "choose `phi` between -1 and 1: 0.2 continues a fifth of a move",
                _ => "look up the limits of each number in the schema of study files",
            });
            return (Id::Dynamics, hint.and(MoreHelp::Schema));
        }
        MarketError::TooMany { .. } => (Id::OutOfRange, "leave some out"),
        MarketError::History { .. } => {
            (Id::CsvRange, "correct the rows of the history between `from` and `to`")
        }
    };
    (id, hint.into())
}

/// Place of the faulty value in a market that the study writes out.
fn place(error: &MarketError, written: Written) -> Vec<Segment<'_>> {
    let mut path = vec![Key("market"), Key(written.key())];
    let gbm = written == Written::Gbm;
    let chain = |which: &Chain| {
        if *which == Chain::Correlation { vec![Key("correlation_chain")] } else { Vec::new() }
    };
    let regime = |index: &usize| if gbm { Vec::new() } else { vec![Key("regime"), Index(*index)] };
    match error {
        MarketError::TransitionShape { chain: which, .. }
        | MarketError::NotErgodic { chain: which } => {
            path.extend(chain(which));
            path.push(Key("transition"));
        }
        MarketError::TransitionRow { chain: which, row, .. } => {
            path.extend(chain(which));
            path.extend([Key("transition"), Index(*row)]);
        }
        MarketError::TransitionEntry { chain: which, row, column, .. } => {
            path.extend(chain(which));
            path.extend([Key("transition"), Index(*row), Index(*column)]);
        }
        MarketError::Initial { chain: which, .. } => {
            path.extend(chain(which));
            path.push(Key("initial"));
        }
        MarketError::Vol { regime_index, asset, .. } => {
            path.extend(regime(regime_index));
            path.extend([Key("vol"), Key(asset)]);
        }
        MarketError::Mean { regime_index, asset, .. } => {
            path.extend(regime(regime_index));
            path.extend([Key("mean"), Key(asset)]);
        }
        MarketError::Correlation { chain: which, regime_index, .. }
        | MarketError::NotPositiveDefinite { chain: which, regime_index, .. } => {
            path.extend(chain(which));
            path.extend(regime(regime_index));
            path.push(Key("correlation"));
        }
        MarketError::DegreesOfFreedom { .. } | MarketError::MeanOfStudentT => {
            path.push(Key("innovations"))
        }
        MarketError::Dynamics { what, .. } => path.extend([Key("dynamics"), Key(what)]),
        MarketError::TooMany { what, .. } => {
            path.push(Key(if *what == "assets" { "assets" } else { "regime" }))
        }
        MarketError::History { .. } => path = vec![Key("market"), Key("bootstrap")],
    }
    path
}

/// Place at which an override of a preset may have written the faulty value.
fn overriding(error: &MarketError) -> Vec<Segment<'_>> {
    let mut path = vec![Key("market"), Key("override")];
    let own_chain = |which: &Chain| {
        if *which == Chain::Correlation { vec![Key("correlation_chain")] } else { Vec::new() }
    };
    match error {
        MarketError::TransitionShape { chain, .. }
        | MarketError::NotErgodic { chain }
        | MarketError::TransitionRow { chain, .. }
        | MarketError::TransitionEntry { chain, .. } => {
            path.extend(own_chain(chain));
            path.push(Key("transition"));
        }
        MarketError::Initial { chain, .. } => {
            path.extend(own_chain(chain));
            path.push(Key("initial"));
        }
        MarketError::Vol { regime, asset, .. } => {
            path.extend([Key("regime"), Key(regime), Key("vol"), Key(asset)])
        }
        MarketError::Mean { regime, asset, .. } => {
            path.extend([Key("regime"), Key(regime), Key("mean"), Key(asset)])
        }
        MarketError::Correlation { chain, regime, .. }
        | MarketError::NotPositiveDefinite { chain, regime, .. } => match chain {
            Chain::Main => path.extend([Key("regime"), Key(regime), Key("correlation")]),
            Chain::Correlation => {
                path.extend([Key("correlation_chain"), Key("correlation"), Key(regime)])
            }
        },
        MarketError::DegreesOfFreedom { .. } | MarketError::MeanOfStudentT => {
            path.push(Key("innovations"))
        }
        MarketError::Dynamics { what, .. } => path.extend([Key("dynamics"), Key(what)]),
        MarketError::TooMany { .. } | MarketError::History { .. } => {}
    }
    path
}
