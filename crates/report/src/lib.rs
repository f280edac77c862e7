//! Shows results: as words and tables for a terminal, as JSON, as CSV, and as one self-contained
//! HTML page with the question, the answer, tables that stand without script, and charts drawn by a
//! library that the page carries with it.
//!
//! The page loads nothing: its content security policy admits no source but the scripts written
//! here, by their hashes. Text of the study is escaped by the template where it stands in HTML, and
//! by JSON where charts read it; no script ever parses it as HTML.
//!
//! Deliberately absent: any statistics. What is shown is what the tables of the run say.

pub mod comparison;
pub mod number;
pub mod text;
pub mod wording;

mod answer;
mod chart;
mod csv_text;
mod page;
mod tables;
mod unknown;

pub use answer::answer;
pub use comparison::Comparison;
pub use csv_text::csv_text;
pub use page::{RenderError, render};
pub use tables::Tables;
pub use unknown::Unknown;
