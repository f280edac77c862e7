//! Runs studies, opens runs, compares, searches and replays: the library for every program that
//! uses corridor.
//!
//! A [`Session`] holds a checked study with the plan it compiles to. [`Session::run`] finishes the
//! run of that plan and opens it; a [`StoredRun`] answers what needs no new simulation. The caller
//! passes a [`Monitor`], which receives progress and may stop the work, and [`Settings`], on which
//! no result depends. [`memory::MemoryRun`] runs rules on a market of the caller's own.
//!
//! The library is a guest: it writes to no terminal, reads no environment, handles no signal of the
//! system and never ends the process. Each call has a thread pool of its own, whose threads have
//! ended when it returns. Errors are in the words of the domain and name no command.
//!
//! ```
//! use corridor_workbench::{Session, Settings, Silent};
//!
//! let study = r#"
//! corridor = 1
//! [study]
//! name = "two-rules"
//! [time]
//! horizon_years = 5
//! step = "month"
//! [market]
//! preset = "stock-bond-flip"
//! [account]
//! initial = 100_000
//! target = { equity = 0.6, bond = 0.4 }
//! [costs]
//! one_way_bps = 10
//! [[policy]]
//! name = "never"
//! trigger = "never"
//! [[policy]]
//! name = "annual"
//! use = "calendar_12"
//! [comparison]
//! baseline = "never"
//! [run]
//! paths = 512
//! seed = 7
//! "#;
//! let results = tempfile::tempdir()?;
//! let settings = Settings { results: results.path().into(), ..Settings::default() };
//! let here = std::path::Path::new(".");
//! let session = Session::from_text("two-rules.toml", study, here, settings, &Silent)?;
//! let run = session.run(&Silent)?;
//! let comparison = run.stored.comparison(None, None)?;
//! let annual = comparison.lines.iter().find_map(|line| line.compare.as_ref());
//! assert!(annual.is_some_and(|difference| difference.std_error.is_some()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cost;
pub mod error;
pub mod memory;
pub mod monitor;
pub mod pair;
pub mod replay;
pub mod run;
pub mod search;
pub mod session;
pub mod settings;
pub mod simulate;
pub mod state;
pub mod stored_run;
pub mod trajectory;

mod analyse;
mod by_regime;
mod control;
mod finish;
mod followed;
mod headline;
mod run_tables;
mod source;
mod stored_rows;
mod twins;
mod until;
mod work;
mod writing;

pub use cost::{PhaseCost, RunCost};
pub use error::Error;
pub use monitor::{Monitor, Phase, Progress, Silent};
pub use pair::PairQuestion;
pub use replay::Replay;
pub use run::{Run, Status};
pub use search::SearchResult;
pub use session::Session;
pub use settings::{Program, Settings};
pub use state::RunState;
pub use stored_run::StoredRun;
