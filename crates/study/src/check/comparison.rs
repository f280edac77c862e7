//! Checks `[comparison]`: the baseline, the primary metric and its margins.

use corridor_core::outcome::PolicyId;
use corridor_tables::metric::{Metric, MetricId, REGISTRY, Source};

use super::scope::{Limits, Scope};
use super::study::{CheckedPolicy, CheckedScenario};
use crate::diagnostic::{Hint, Id, MoreHelp};
use crate::file::{ComparisonTable, UntilTable};
use crate::plan::{Comparison, Until};
use crate::tree::Path;
use crate::wording::{did_you_mean, list, quoted};

/// Names of the metrics that may be the primary one, which every simulated path has.
fn primaries() -> Vec<&'static str> {
    REGISTRY.iter().filter(|metric| metric.may_be_primary()).map(|metric| metric.name).collect()
}

/// Names of all metrics; a margin may be declared for each.
fn all_metrics() -> Vec<&'static str> {
    REGISTRY.iter().map(|metric| metric.name).collect()
}

/// Policies and scenarios that a comparison is checked against.
#[derive(Clone, Debug)]
pub(super) struct Known<'a> {
    /// Names of the policies.
    policies: Vec<&'a str>,
    /// Names of policies that are refused, whose corners are not known.
    refused: &'a [String],
    /// Whether withdrawals may ruin a path.
    may_be_ruined: bool,
    /// Whether the mean of a control is known in every scenario.
    has_control: bool,
    /// Whether there is a goal in every scenario.
    has_goal: bool,
}

impl<'a> Known<'a> {
    /// Collects the names and facts of a study. While there are errors a name of `names`, which has
    /// the refused policies too, counts as known.
    pub fn of(
        policies: &'a [CheckedPolicy],
        scenarios: &[CheckedScenario],
        names: &'a [String],
        refused: &'a [String],
        scope: &Scope<'_>,
    ) -> Self {
        Self {
            policies: if scope.reporter.errors() == 0 {
                policies.iter().map(|policy| policy.corner.name.as_str()).collect()
            } else {
                names.iter().map(String::as_str).collect()
            },
            refused,
            may_be_ruined: scenarios.iter().any(|scenario| scenario.account.has_withdrawals),
            has_control: scenarios.iter().all(|scenario| scenario.market.market.has_control()),
            has_goal: scenarios.iter().all(|scenario| scenario.tables.account.goal.is_some()),
        }
    }

    /// The metric on which the verdict rests: the declared one, else one that has a value on every
    /// path of the account.
    fn primary_metric<'t>(&self, table: &'t ComparisonTable) -> &'t str {
        table.primary_metric.as_deref().unwrap_or(self.default_metric())
    }

    fn default_metric(&self) -> &'static str {
        match (self.may_be_ruined, self.has_goal) {
            (false, _) => "ce_growth_gamma_3",
            (true, true) => "goal_reached",
            (true, false) => "ruined",
        }
    }

    /// Whether `name` is a policy that is refused, or would be a corner of one.
    fn is_refused(&self, name: &str) -> bool {
        self.refused.iter().any(|refused| {
            name.strip_prefix(refused.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        })
    }
}

/// Checks `[comparison]` and resolves its names.
pub(super) fn check(
    table: &ComparisonTable,
    known: &Known<'_>,
    scope: &Scope<'_>,
) -> Option<Comparison> {
    let path = Path::root("comparison");
    let before = scope.reporter.errors();
    let baseline = policy(&table.baseline, known, &path.key("baseline"), scope);
    let primary_metric = known.primary_metric(table);
    primary(primary_metric, known, &path.key("primary_metric"), scope);
    let margin = path.key("margin");
    for (name, width) in &table.margin {
        metric(name, &all_metrics(), &margin.key(name), scope);
        scope.within(&margin.key(name), *width, Limits { infinite: false, ..Limits::WIDTH });
        if MetricId::of_name(name).is_some_and(|id| id.metric().number_format.ends_with('%')) {
            scope.usual_fraction(&margin.key(name), *width, 0.2, 1.0);
        }
    }
    let mut margins = table.margin.clone();
    let entry = MetricId::of_name(primary_metric).map(MetricId::metric);
    if let Some(margin) = entry.and_then(|metric| metric.default_margin?.absolute()) {
        margins.entry(primary_metric.to_owned()).or_insert(margin);
    }
    let is_equivalent =
        |metric: &Metric| matches!(metric.source, Source::CertaintyEquivalent { .. });
    if entry.is_some_and(is_equivalent) && known.may_be_ruined {
        let message = format!(
            "`{primary_metric}` has no value once a path is ruined, and withdrawals may ruin one"
        );
        scope.warning(
            &path.key("primary_metric"),
            Id::PrimaryMetric,
            message,
            format!("leave it out, and policies are judged by `{}`", known.default_metric()),
        );
    }
    if table.control_variate == Some(true) && !known.has_control {
        let message = "`control_variate` needs a control whose mean is known, and this market has \
        none: its shocks have a memory, jumps or a Student-t law";
        scope.error(
            &path.key("control_variate"),
            Id::ControlVariate,
            message.to_owned(),
            "leave it out, or use Gaussian regimes or a bootstrap",
        );
    }
    let compare_with = own_baselines(table, known, baseline, &path.key("compare_with"), scope);
    let about = about(&table.about, known, &path.key("about"), scope);
    let baseline = baseline?;
    (scope.reporter.errors() == before).then(|| Comparison {
        baseline,
        primary_metric: primary_metric.to_owned(),
        margins,
        policy_range: table.policy_range,
        tried_before: table.tried_before,
        about,
        control_variate: table.control_variate.unwrap_or(known.has_control),
        compare_with,
    })
}

/// Checks `run.until`, the precision at which a run stops.
pub(super) fn until(
    table: &ComparisonTable,
    until: &UntilTable,
    known: &Known<'_>,
    scope: &Scope<'_>,
) -> Option<Until> {
    let path = Path::root("run");
    let path = path.key("until");
    let before = scope.reporter.errors();
    if let Some(name) = &until.metric {
        primary(name, known, &path.key("metric"), scope);
    }
    let (key, width) = (path.key("half_width"), until.half_width);
    scope.within(&key, width, Limits { infinite: false, ..Limits::WIDTH });
    let metric = until.metric.clone().unwrap_or_else(|| known.primary_metric(table).to_owned());
    (scope.reporter.errors() == before).then_some(Until { metric, half_width: width })
}

/// Id of the baseline of each policy.
fn own_baselines(
    table: &ComparisonTable,
    known: &Known<'_>,
    baseline: Option<PolicyId>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<PolicyId> {
    let names = &known.policies;
    let mut own = vec![baseline.unwrap_or_default(); names.len()];
    for (name, with) in &table.compare_with {
        let here = path.key(name);
        let with = policy(with, known, &here, scope);
        for place in meant(name, known, &here, scope) {
            if with == Some(PolicyId(place as u32)) && baseline != with {
                let message = format!("`{}` is compared with itself", quoted(names[place]));
                scope.error(
                    &here,
                    Id::ComparedWithItself,
                    message,
                    "name another policy, or leave the entry out to compare it with the baseline",
                );
            }
            own[place] = with.unwrap_or_default();
        }
    }
    own
}

/// Ids of the policies that the question is about, increasing.
fn about(
    wanted: &[String],
    known: &Known<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<PolicyId> {
    let mut places: Vec<usize> = wanted
        .iter()
        .enumerate()
        .flat_map(|(index, name)| meant(name, known, &path.index(index), scope))
        .collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| PolicyId(place as u32)).collect()
}

/// Indices of the policies that `name` stands for; the name of a swept policy stands for all its
/// corners.
fn meant(name: &str, known: &Known<'_>, path: &Path<'_>, scope: &Scope<'_>) -> Vec<usize> {
    let names = &known.policies;
    let is_meant = |known: &str| {
        known == name || known.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
    };
    let places: Vec<usize> = (0..names.len()).filter(|&place| is_meant(names[place])).collect();
    if places.is_empty() && !known.is_refused(name) {
        let message = format!("no policy is called `{}`", quoted(name));
        scope.error(path, Id::UnknownPolicy, message, did_you_mean(name, names));
    }
    places
}

/// Id of the policy `name`; an unknown one is reported.
fn policy(name: &str, known: &Known<'_>, path: &Path<'_>, scope: &Scope<'_>) -> Option<PolicyId> {
    let names = &known.policies;
    if let Some(place) = names.iter().position(|known| *known == name) {
        return Some(PolicyId(place as u32));
    }
    if known.is_refused(name) {
        return None;
    }
    unknown(name, names, path, scope);
    None
}

/// Reports that no policy is called `name`. The hint says whether a policy of that name was swept
/// or searched.
pub(super) fn unknown(name: &str, known: &[&str], path: &Path<'_>, scope: &Scope<'_>) {
    let corners: Vec<&str> = known
        .iter()
        .copied()
        .filter(|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
        .collect();
    let hint = match (corners.is_empty(), scope.grid.root.get("search").is_some()) {
        (true, _) => did_you_mean(name, known).into(),
        (false, false) => format!("it is swept; choose one of {}", list(corners)).into(),
        (false, true) => {
            let hint = "it is searched, so it stands for many policies: leave this out, and add \
            it to the study that the search writes of its winner";
            Hint::from(hint).and(MoreHelp::Search)
        }
    };
    scope.error(path, Id::UnknownPolicy, format!("no policy is called `{}`", quoted(name)), hint);
}

/// Checks a primary metric, which every path must have in every scenario.
fn primary(name: &str, known: &Known<'_>, path: &Path<'_>, scope: &Scope<'_>) {
    metric(name, &primaries(), path, scope);
    let needs_goal = MetricId::of_name(name).is_some_and(|id| id.metric().source.needs_goal());
    if needs_goal && !known.has_goal {
        let message = format!("`{name}` needs a goal, and there is none");
        scope.error(
            path,
            Id::PrimaryMetric,
            message,
            "add `goal = { amount = 1_500_000 }` to `[account]`, or choose another metric",
        );
    }
}

/// Reports a metric that is not among `known`.
fn metric(name: &str, known: &[&str], path: &Path<'_>, scope: &Scope<'_>) {
    let followed = MetricId::of_name(name).is_some_and(|id| id.metric().source.is_followed());
    if followed && !known.contains(&name) {
        let message = format!(
            "`{name}` has values on the first paths only, which are followed month by month"
        );
        scope.error(
            path,
            Id::UnknownMetric,
            message,
            format!("choose one of {}", list(known.to_vec())),
        );
    } else if !known.contains(&name) {
        scope.error(
            path,
            Id::UnknownMetric,
            format!("there is no metric `{}`", quoted(name)),
            Hint::from(did_you_mean(name, known)).and(MoreHelp::Metrics),
        );
    }
}
