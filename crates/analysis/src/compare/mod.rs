//! Compares policies on the same paths: differences, their errors, and what may be concluded from them.

mod difference;
mod family;
mod holm;
mod verdict;

pub use difference::{Arm, PairedDifference};
pub use family::{PairedComparison, compare_family};
pub use holm::{METHOD as ADJUST_METHOD, adjust};
pub use verdict::{Conclusion, Margin, Verdict, conclude};
