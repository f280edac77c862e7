//! Prints a commented study to start from.

use clap::Args;
use corridor_study::templates;

use crate::console::Console;
use crate::failure::Failure;

/// Arguments of `init`: exactly one template.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct InitInput {
    /// A retirement account that pays withdrawals, and eight rules
    #[arg(long)]
    retire: bool,
    /// Savings that are paid in towards a goal, and five rules
    #[arg(long)]
    accumulate: bool,
    /// A lump sum at several trading costs, and seven rules
    #[arg(long)]
    compare: bool,
}

impl InitInput {
    /// Returns the name of the chosen template.
    fn name(&self) -> &'static str {
        let chosen =
            [(self.retire, "retire"), (self.accumulate, "accumulate"), (self.compare, "compare")];
        chosen.into_iter().find(|(is_chosen, _)| *is_chosen).map_or("retire", |(_, name)| name)
    }
}

/// Prints the chosen template, to be redirected into a file.
///
/// # Errors
/// [`Failure::Stdout`] if it cannot be written.
pub fn init(input: &InitInput, console: &Console) -> Result<(), Failure> {
    let name = input.name();
    let template = templates().iter().find(|template| template.name == name);
    console.result(template.map_or("", |template| template.text))?;
    console.note(&format!(
        "note: `corridor init --{name} > my.toml` keeps it as a file; then `corridor check \
        my.toml` and `corridor run my.toml`"
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_its_option() {
        let input = |place: usize| InitInput {
            retire: place == 0,
            accumulate: place == 1,
            compare: place == 2,
        };
        let names: Vec<&str> = (0..3).map(|place| input(place).name()).collect();
        let shipped: Vec<&str> = templates().iter().map(|template| template.name).collect();
        assert_eq!(names, shipped);
    }
}
