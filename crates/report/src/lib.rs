//! Shows results: as text for a terminal, as JSON, as CSV, and as one self-contained HTML page with
//! the question, the answer, tables that need no script, and charts drawn by a library that is part
//! of the page.
//!
//! The page loads nothing: its content security policy admits only the scripts on the page, by
//! their hashes. Text of the study is escaped by the template in HTML, and by JSON in the data of
//! the charts; no script parses it as HTML.
//!
//! This crate computes no statistic: it shows the tables of the run.

pub mod comparison;
pub mod glossary;
pub mod number;
pub mod studied;
pub mod text;
pub mod wording;

mod answer;
mod chart;
mod csv_text;
mod page;
mod selection;
mod tables;
mod unknown;

pub use answer::{answer, judged_by};
pub use comparison::Comparison;
pub use csv_text::csv_text;
pub use page::{RenderError, render};
pub use selection::Selection;
pub use tables::{Shown, Tables};
pub use unknown::{Thing, Unknown};
