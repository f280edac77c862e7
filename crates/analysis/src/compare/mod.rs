//! Compares policies on the same paths: differences, their errors, and what may be concluded from
//! them.

mod again;
mod difference;
mod family;
mod holm;
mod influence;
mod max_t;
mod verdict;

pub use again::judge_again;
pub use difference::{Arm, PairedDifference, SectionArm};
pub use family::{FamilySpec, Member, PairedComparison, compare_family};
pub use holm::adjust;
pub use influence::Influence;
pub use max_t::{DRAWS, FAMILY_MAX, Normals, NullLaw};
pub use verdict::{Conclusion, Evidence, Margin, conclude};
