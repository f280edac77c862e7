//! Names the verbs that the README and the page of a run mention.

use corridor_tables::commands::Commands;

/// Commands that the texts of a run suggest to its reader.
pub static COMMANDS: Commands = Commands {
    run: Some("corridor run study.toml"),
    run_study: Some("corridor run"),
    show: Some("corridor show RUN_DIR"),
    analyze: Some("corridor analyze RUN_DIR"),
    replay: Some("corridor replay RUN_DIR/study.toml"),
};
