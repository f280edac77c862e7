//! Searches many candidate policies for the best one: rounds of successive halving on the same
//! paths, then fresh paths that the search has not seen.
//!
//! [`rounds`] plans how many candidates run on how many paths, [`Score`] ranks them after each
//! round, and [`search_rows`] turns the rounds and the fresh paths into `fact_search`. The winner
//! looks better where it was chosen than it is; [`optimism`] says by how much.

mod outcome;
mod rounds;
mod score;
mod winner;

pub use crate::quantile::End;
pub use outcome::{SearchOutcome, search_rows, searched_columns};
pub use rounds::{Halving, Round, rounds};
pub use score::{Score, ScoreSums, Scored, Scores};
pub use winner::{AtEnd, END_SHARE, Optimism, at_ends, is_level, level_with_winner, optimism};
