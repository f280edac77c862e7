//! Tests the markets from outside.

mod dynamics;
mod statistical;
