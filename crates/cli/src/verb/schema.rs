//! Prints the JSON Schema of study files.

use crate::console::Console;
use crate::failure::Failure;

/// Prints the schema.
///
/// # Errors
/// [`Failure::Stdout`].
pub fn schema(console: &Console) -> Result<(), Failure> {
    console.json(&corridor_study::schema())
}
