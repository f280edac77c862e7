//! Prints the JSON Schema of study files.

use crate::console::Console;
use crate::failure::Failure;

/// Prints the JSON Schema of study files.
///
/// # Errors
/// [`Failure::Stdout`] if the schema cannot be written.
pub fn schema(console: &Console) -> Result<(), Failure> {
    console.json(&corridor_study::schema())
}
