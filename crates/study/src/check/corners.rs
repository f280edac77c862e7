//! Spreads every swept `[[policy]]` and `[signal]` out into its corners.

use std::collections::BTreeSet;

use super::scope::Scope;
use crate::catalogue;
use crate::de::read;
use crate::diagnostic::Id;
use crate::file::policy::PolicyTable;
use crate::file::signal::SignalTable;
use crate::grid::{Choice, Grid};
use crate::report::Reporter;
use crate::sweep::{self, Owner};
use crate::tree::Path;
use crate::wording::{list, quoted};

/// Largest number of cells, triples of scenario, policy and horizon, that a study may have. The
/// smallest part has 128 paths of each, which are 524,288 rows.
pub(crate) const CELLS_MAX: u64 = 4096;

/// A policy in one corner of its sweeps.
#[derive(Clone, Debug)]
pub(crate) struct PolicyCorner {
    /// Index among the `[[policy]]` tables of the file.
    pub index: usize,
    /// Name with the swept values.
    pub name: String,
    pub choice: Choice,
    /// Name of the catalogue rule that it uses, whose keys are filled in.
    pub catalogue: Option<String>,
    pub table: PolicyTable,
    /// Signals that it reads, in the order it names them.
    pub signals: Vec<SignalUse>,
    /// Whether sweeps made it.
    pub swept: bool,
}

/// A signal that a policy reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignalUse {
    /// The name that the policy uses.
    pub written: String,
    /// Index in [`Corners::signals`].
    pub index: usize,
}

/// A signal in one corner of its sweeps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SignalCorner {
    /// Name in the file.
    pub declared: String,
    /// Name with the swept values.
    pub name: String,
    pub choice: Choice,
    /// Table of the signal in this corner; `None` if it does not fit its type, which is reported.
    pub table: Option<SignalTable>,
}

/// All policies of a study and the signals that they read, in file order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corners {
    pub policies: Vec<PolicyCorner>,
    pub signals: Vec<SignalCorner>,
    /// Names, without corners, of policies that cannot be read or that use an unknown rule of the
    /// catalogue.
    pub refused: Vec<String>,
}

/// Spreads out every policy of the study.
pub(crate) fn spread(grid: &Grid, reporter: &Reporter) -> Corners {
    let base = vec![0; grid.sweeps.len()];
    let policies = grid.root.get("policy").and_then(|node| node.elements()).unwrap_or_default();
    let mut corners = Corners::default();
    for (index, policy) in policies.iter().enumerate() {
        let own: Vec<usize> = (0..grid.sweeps.len())
            .filter(|&sweep| grid.sweeps[sweep].owner() == Owner::Policy(index))
            .collect();
        let mut found: Vec<Spread> = Vec::new();
        let axes = sweep::axes(&grid.sweeps, &own, reporter);
        if !few_enough(grid, &own, reporter) {
            corners.refused.extend(name_of(grid, index));
            continue;
        }
        for choice in sweep::corners(&axes, &base) {
            found.extend(with_signals(grid, index, &own, &choice, reporter));
        }
        // file order: the first sweep of the file moves slowest
        found.sort_by_key(|Spread { choice, members }| {
            members.iter().map(|&sweep| (sweep, choice[sweep])).collect::<Vec<_>>()
        });
        for Spread { choice, members } in found {
            corners.add(grid, index, choice, &members, reporter);
        }
        if corners.policies.len() as u64 > CELLS_MAX {
            let message = format!("the sweeps make more than {CELLS_MAX} policies");
            reporter.error(
                policy.span,
                Id::SweepTooLarge,
                message,
                "sweep fewer values, or split the study",
            );
            break;
        }
    }
    distinct(&corners, grid, reporter);
    corners
}

/// Whether the sweeps `members` make no more corners than cells are allowed. If they make more, the
/// product is reported.
pub(crate) fn few_enough(grid: &Grid, members: &[usize], reporter: &Reporter) -> bool {
    let quiet = Reporter::default();
    let axes = sweep::axes(&grid.sweeps, members, &quiet);
    let count = sweep::count(&axes);
    if count <= CELLS_MAX {
        return true;
    }
    let factor = |axis: &sweep::Axis| {
        let keys: Vec<String> =
            axis.sweeps.iter().map(|&sweep| quoted(&grid.sweeps[sweep].key())).collect();
        format!("{} ({})", axis.len, keys.join(", "))
    };
    let product: Vec<String> = axes.iter().map(factor).collect();
    let message = format!(
        "the sweeps make {} = {count} corners; a study has at most {CELLS_MAX} cells",
        product.join(" x ")
    );
    let span = members.last().map_or(grid.root.span, |&last| grid.sweeps[last].span);
    reporter.error(
        span,
        Id::SweepTooLarge,
        message,
        "sweep fewer values, tie sweeps by an `axis`, or split the study",
    );
    false
}

/// A corner of a policy, and the sweeps behind it.
struct Spread {
    choice: Choice,
    /// Numbers of the sweeps, in file order.
    members: Vec<usize>,
}

/// Spreads a corner of a policy's own sweeps over the sweeps of the signals that the policy reads
/// there. Each result has the sweeps behind it.
fn with_signals(
    grid: &Grid,
    index: usize,
    own: &[usize],
    choice: &Choice,
    reporter: &Reporter,
) -> Vec<Spread> {
    let unspread = || vec![Spread { choice: choice.clone(), members: own.to_vec() }];
    let Some(table) = policy_table(grid, index, choice) else {
        return unspread();
    };
    let read = signals_of(&table);
    let of_signals = |sweep: &usize| {
        matches!(
            grid.sweeps[*sweep].owner(),
            Owner::Signal(name) if read.iter().any(|read| read == name),
        )
    };
    let mut members: Vec<usize> = own.to_vec();
    members.extend((0..grid.sweeps.len()).filter(of_signals));
    members.sort_unstable();
    if members.len() == own.len() || !few_enough(grid, &members, reporter) {
        return unspread();
    }
    let axes = sweep::axes(&grid.sweeps, &members, reporter);
    // an axis with a sweep of the policy's own is fixed by the corner
    let (fixed, free): (Vec<_>, Vec<_>) =
        axes.into_iter().partition(|axis| axis.sweeps.iter().any(|sweep| own.contains(sweep)));
    let mut choice = choice.clone();
    for axis in &fixed {
        let place =
            axis.sweeps.iter().find(|sweep| own.contains(sweep)).map_or(0, |&sweep| choice[sweep]);
        for &sweep in &axis.sweeps {
            choice[sweep] = place;
        }
    }
    let spread = |choice| Spread { choice, members: members.clone() };
    sweep::corners(&free, &choice).into_iter().map(spread).collect()
}

/// Name of the policy at `policy[index]`, as written.
fn name_of(grid: &Grid, index: usize) -> Option<String> {
    grid.root.get("policy")?.elements()?.get(index)?.get("name")?.text().map(str::to_owned)
}

fn policy_table(grid: &Grid, index: usize, choice: &Choice) -> Option<PolicyTable> {
    let node = grid.root.get("policy")?.elements()?.get(index)?;
    let table: PolicyTable = read(grid, node, choice).ok()?;
    catalogue::fill_in(&table).ok()
}

/// Names of the signals that a policy reads, in the order of use.
fn signals_of(table: &PolicyTable) -> Vec<String> {
    let mut table = table.clone();
    let mut names: Vec<String> = Vec::new();
    for name in table.signals() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

impl Corners {
    /// Names of all policies, also of those that are refused.
    pub fn names(&self) -> Vec<String> {
        self.policies.iter().map(|policy| &policy.name).chain(&self.refused).cloned().collect()
    }

    /// Adds the policy at `policy[index]` in one corner of the sweeps `members`.
    fn add(
        &mut self,
        grid: &Grid,
        index: usize,
        choice: Choice,
        members: &[usize],
        reporter: &Reporter,
    ) {
        let root = Path::root("policy");
        let path = root.index(index);
        let scope = Scope { grid, choice: &choice, reporter, corner: "" };
        let Some(written) = scope.table::<PolicyTable>(&path) else {
            self.refused.extend(name_of(grid, index));
            return;
        };
        let table = match catalogue::fill_in(&written) {
            Ok(table) => table,
            Err(near) => {
                self.refused.push(written.name);
                return unknown_entry(
                    written.entry.as_deref().unwrap_or_default(),
                    near,
                    &path.key("use"),
                    &scope,
                );
            }
        };
        let declared = grid.root.get("signal");
        let used = signals_of(&table)
            .into_iter()
            .filter(|name| declared.is_some_and(|declared| declared.get(name).is_some()));
        let signals = used
            .map(|written| {
                let index = self.signal(grid, &written, &choice);
                SignalUse { written, index }
            })
            .collect();
        let values = sweep::corner_name(&grid.sweeps, members, &choice);
        let name = if members.is_empty() {
            table.name.clone()
        } else {
            format!("{}[{values}]", table.name)
        };
        check_name(&name, &path, &scope);
        let corner = PolicyCorner {
            index,
            name,
            choice,
            catalogue: written.entry,
            table,
            signals,
            swept: !members.is_empty(),
        };
        self.policies.push(corner);
    }

    /// Index of the signal `name` in the corner that `choice` takes of its sweeps.
    fn signal(&mut self, grid: &Grid, name: &str, choice: &Choice) -> usize {
        let own: Vec<usize> = (0..grid.sweeps.len())
            .filter(|&sweep| grid.sweeps[sweep].owner() == Owner::Signal(name))
            .collect();
        let values = sweep::corner_name(&grid.sweeps, &own, choice);
        let full = if own.is_empty() { name.to_owned() } else { format!("{name}[{values}]") };
        if let Some(known) = self.signals.iter().position(|signal| signal.name == full) {
            return known;
        }
        let mut choice: Choice = choice.clone();
        for (sweep, place) in choice.iter_mut().enumerate() {
            if !own.contains(&sweep) {
                *place = 0;
            }
        }
        let node = grid.root.get("signal").and_then(|signals| signals.get(name));
        let table = node.and_then(|node| read(grid, node, &choice).ok());
        self.signals.push(SignalCorner { declared: name.to_owned(), name: full, choice, table });
        self.signals.len() - 1
    }
}

fn unknown_entry(name: &str, near: Option<String>, path: &Path<'_>, scope: &Scope<'_>) {
    let hint = near.map_or_else(
        || format!("choose one of {}", list(catalogue::CATALOGUE.iter().map(|entry| entry.name))),
        |near| format!("did you mean `{near}`?"),
    );
    scope.error(
        path,
        Id::UnknownCatalogue,
        format!("the catalogue has no `{}`", quoted(name)),
        hint,
    );
}

/// Whether a name can be a label of tables.
pub(super) fn is_label(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+=,[]()%/# ".contains(&byte);
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    starts && name.bytes().all(fine) && name.len() <= 200
}

/// Checks the name of a policy, which becomes a label of tables.
fn check_name(name: &str, path: &Path<'_>, scope: &Scope<'_>) {
    if !is_label(name) {
        let message = format!("`{}` cannot be the name of a policy", quoted(name));
        let hint = "use at most 200 letters, digits, spaces and `_-.+=,[]()%/#`, beginning with a \
        letter or digit";
        scope.error(&path.key("name"), Id::BadName, message, hint);
    }
}

/// Reports policies that have the same name, whatever its case and its blanks.
fn distinct(corners: &Corners, grid: &Grid, reporter: &Reporter) {
    let mut seen = BTreeSet::new();
    for policy in &corners.policies {
        let visible = policy.name.replace(' ', "").to_ascii_lowercase();
        if !seen.insert(visible) {
            let root = Path::root("policy");
            let scope = Scope { grid, choice: &policy.choice, reporter, corner: "" };
            let message = format!("two policies are called `{}`", quoted(&policy.name));
            let hint = if policy.swept {
                "sweep every value once"
            } else {
                "give each its own name; case and blanks do not count"
            };
            scope.error(&root.index(policy.index).key("name"), Id::DuplicateName, message, hint);
        }
    }
}
