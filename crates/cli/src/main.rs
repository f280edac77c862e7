//! Runs corridor.
fn main() {}
