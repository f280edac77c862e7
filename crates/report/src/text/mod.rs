//! Writes results as text: for a terminal, and as JSON documents for programs.

pub mod comparison;
pub mod layout;
pub mod pair;
pub mod plot;
pub mod run;
pub mod search;
pub mod studied;
pub mod table;
pub mod view;
pub mod words;

mod attribution;
pub(crate) mod break_even;
#[cfg(test)]
pub(crate) mod example;
