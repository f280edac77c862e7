//! Shows a finished run as one self-contained HTML page: the question, the answer, tables that need
//! no script, and charts drawn by a library that is part of the page.
//!
//! The page loads nothing: its content security policy admits only the scripts on the page, by
//! their hashes. Text of the study is escaped by the template in HTML, and by JSON in the data of
//! the charts; no script parses it as HTML.
//!
//! This crate computes no statistic: it shows the tables of the run.

pub mod number;
pub mod wording;

mod chart;
mod page;
mod tables;

pub use page::{RenderError, render};
pub use tables::Tables;
