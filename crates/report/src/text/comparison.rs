//! Shows a comparison as tables, one for each scenario, with what is known beside them:
//! break-even points, what differences are made of, and the accuracy of signals.

use corridor_tables::SummaryRow;

use crate::comparison::{Comparison, Line};
use crate::number::NumberFormat;
use crate::text::table::{Align, TextTable};
use crate::text::view::View;
use crate::text::{attribution, break_even};
use crate::wording::{INDICATIVE, mark, scenario_name, verdict, words};

/// Head of the column of intervals.
const INTERVAL: &str = "95 % interval";
/// Largest number of scenarios; the files have the others.
const SCENARIOS_MAX: usize = 12;

/// Writes the tables, their notes, break-even points, attribution and signals.
#[must_use]
pub fn render(comparison: &Comparison, view: &View<'_>) -> String {
    let mut text = tables(comparison, view);
    text.push_str(&notes(comparison, view, &text));
    for section in [break_even::render(comparison, view), attribution::render(comparison, view)] {
        text.push_str(&section);
    }
    text
}

/// Writes the head and a table for each scenario.
fn tables(comparison: &Comparison, view: &View<'_>) -> String {
    let metric = &comparison.metric;
    let unit = if comparison.format().suffix().is_empty() {
        format!(", {}", metric.unit)
    } else {
        String::new()
    };
    let when = comparison
        .common_horizon()
        .map_or("at the end of each scenario".to_owned(), |row| format!("after {}", row.horizon));
    let head = format!("{}{unit}, {when}", metric.display_name);
    let mut text = view.layout.bold(&head) + "\n";
    let mut tables = String::new();
    let mut dropped = Vec::new();
    for scenario in comparison.scenarios.iter().take(SCENARIOS_MAX) {
        let mut table = heads(comparison);
        let lines =
            comparison.lines.iter().filter(|line| line.summary.scenario_id == scenario.scenario_id);
        let mut rows: Vec<Vec<String>> = lines.map(|line| cells(comparison, line)).collect();
        align_at_error(rows.iter_mut().filter_map(|row| row.get_mut(1)).collect());
        rows.into_iter().for_each(|row| table.row(row));
        let name = if comparison.has_scenarios() { scenario_name(scenario) } else { "" };
        tables.push_str(&format!(
            "\n{name}{}{}",
            if name.is_empty() { "" } else { "\n" },
            view.table(&table, !name.is_empty(), &mut dropped)
        ));
    }
    // above the tables, where it is seen
    text.push_str(&view.no_room(&dropped));
    text + &tables
}

/// Writes the notes on the tables `shown`: doubtful errors, other horizons, other scenarios.
fn notes(comparison: &Comparison, view: &View<'_>, shown: &str) -> String {
    let (metric, commands) = (&comparison.metric, view.commands);
    let mut text = String::new();
    if shown.contains(INTERVAL) {
        text.push('\n');
        text.push_str(&view.prose(
            "the intervals of a table hold together, with 95 %; cost and drawdown are means over \
            paths",
        ));
    }
    if shown.contains(INDICATIVE) {
        text.push_str(&view.prose(
            "? the error is rough; ?? the error cannot be trusted (few paths or a heavy tail), so \
            nothing is resolved",
        ));
        if metric.metric.starts_with("ce_") && comparison.run.control_variate == Some(false) {
            let how = commands.analyze.map_or_else(
                || "`comparison.control_variate = true`".to_owned(),
                |analyze| format!("`{analyze} --set comparison.control_variate=true`"),
            );
            text.push_str(
                &view.prose(&format!(
                    "a control with a known mean makes these errors smaller: {how}"
                )),
            );
        }
    }
    let is_judged = metric.margin.is_some()
        || metric.margin_of_baseline_frac.is_some()
        || metric.higher_is_better.is_none();
    if let Some(show) = commands.show.filter(|_| !is_judged) {
        text.push('\n');
        let how = format!("`{show} --margin {}=VALUE`", metric.metric);
        text.push_str(&view.prose(&format!("a verdict needs a margin: {how}")));
    }
    if metric.metric.starts_with("terminal_wealth") {
        text.push_str(&view.prose(
            "where expected returns differ, mean wealth favours rules that sell stocks last: do not \
            rank rules by it",
        ));
    }
    if comparison.horizons.len() > 1 && comparison.common_horizon().is_some() {
        let show = commands.show.map(|show| format!("`{show} --horizon YEARS`, or "));
        text.push('\n');
        text.push_str(&view.prose(&format!(
            "the other report horizons: {}bi_summary.parquet and bi_compare.parquet",
            show.unwrap_or_default()
        )));
    }
    let more = comparison.scenarios.len().saturating_sub(SCENARIOS_MAX);
    if more > 0 {
        text.push_str(&format!("\n{more} more scenarios are in bi_compare.parquet\n"));
    }
    text
}

/// Aligns numbers of different digits: `548.8 ± 0.78` above `557.7 ± 1.0`.
fn align_at_error(cells: Vec<&mut String>) {
    let behind = |cell: &str| cell.split_once('±').map_or(0, |(_, error)| error.chars().count());
    let most = cells.iter().map(|cell| behind(cell)).max().unwrap_or(0);
    for cell in cells.into_iter().filter(|cell| cell.contains('±')) {
        let missing = most - behind(cell);
        cell.push_str(&" ".repeat(missing));
    }
}

fn heads(comparison: &Comparison) -> TextTable {
    let minus = comparison
        .common_baseline()
        .map_or_else(|| "minus baseline".to_owned(), |name| format!("minus {name}"));
    TextTable::new([
        ("policy", Align::Left),
        ("value ± s.e.", Align::Right),
        (minus.as_str(), Align::Right),
        (INTERVAL, Align::Right),
        ("more equity", Align::Right),
        ("cost, bp/yr", Align::Right),
        ("drawdown", Align::Right),
        ("verdict", Align::Left),
    ])
    // what a decision rests on stays longest: the difference, its interval, the price
    .may_drop([1, 6, 4, 5, 3])
}

fn cells(comparison: &Comparison, line: &Line) -> Vec<String> {
    let format = comparison.format();
    let mut cells =
        vec![comparison.policy(line.summary.policy_id).to_owned(), own(&line.summary, format)];
    let (cost, drawdown) = (line.beside.cost(), line.beside.drawdown());
    let Some(row) = &line.compare else {
        cells.extend(["baseline".to_owned(), String::new(), String::new(), cost, drawdown]);
        return cells;
    };
    let finer = format.for_differences().within(row.std_error);
    cells.push(
        row.diff
            .map(|diff| finer.signed(diff) + format.difference_suffix() + mark(&row.precision))
            .unwrap_or_default(),
    );
    let ends = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    cells.push(
        ends.map(|(low, high)| format!("[{}, {}]", finer.signed(low), finer.signed(high)))
            .unwrap_or_default(),
    );
    cells.push(
        row.exposure_diff_frac
            .map(|diff| NumberFormat::of("0.0%").signed(diff) + " pp")
            .unwrap_or_default(),
    );
    cells.extend([cost, drawdown]);
    // Where baselines differ, the row names its own.
    let own = if comparison.common_baseline().is_none() {
        format!(" (against {})", comparison.policy(row.baseline_policy_id))
    } else {
        String::new()
    };
    cells.push(verdict(row) + &own);
    cells
}

fn own(row: &SummaryRow, format: NumberFormat) -> String {
    let mark = mark(&row.precision);
    match (row.value, row.std_error) {
        (Some(mean), Some(error)) => {
            let finer = format.for_differences().within(Some(error));
            format!(
                "{} ± {}{}{mark}",
                format.within(Some(error)).bare(mean),
                finer.bare(error),
                format.suffix()
            )
        }
        (Some(mean), None) => format!("{}{}", format.bare(mean), format.suffix()),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}

#[cfg(test)]
mod tests {
    use corridor_tables::commands::Commands;

    use super::*;
    use crate::selection::Selection;
    use crate::text::example::comparison;
    use crate::text::layout::Layout;

    fn view(layout: Layout) -> View<'static> {
        static COMMANDS: Commands = Commands {
            run: None,
            run_study: None,
            show: Some("show RUN_DIR"),
            analyze: None,
            replay: None,
        };
        View { layout, commands: &COMMANDS, markdown: false, folder: None }
    }

    #[test]
    fn a_pipe_gets_every_column_and_no_color() {
        let text = render(&comparison(), &view(Layout::default()));
        let heads = "minus annual   95 % interval  more equity  cost, bp/yr  drawdown  verdict\n";
        assert!(text.contains(heads), "{text}");
        assert!(text.contains("not resolved, needs about 16,000 paths\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("no room"), "{text}");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal_and_what_is_left_out_is_named() {
        for width in [60, 80, 100] {
            let text = render(&comparison(), &view(Layout::terminal(width, false)));
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{width}: {text}");
        }
        let narrow = render(&comparison(), &view(Layout::terminal(60, false)));
        assert!(narrow.contains("no room for the columns: value ± s.e."), "{narrow}");
    }

    #[test]
    fn a_metric_without_a_margin_leads_to_one() {
        let way_out = "a verdict needs a margin: `show RUN_DIR --margin ruined=VALUE`";
        let mut comparison = comparison();
        assert!(!render(&comparison, &view(Layout::default())).contains(way_out));
        comparison.metric.margin = None;
        assert!(render(&comparison, &view(Layout::default())).contains(way_out));
        comparison.metric.higher_is_better = None;
        assert!(!render(&comparison, &view(Layout::default())).contains(way_out), "no direction");
    }

    #[test]
    fn verdicts_are_colored_on_a_terminal() {
        let text = render(&comparison(), &view(Layout::terminal(120, true)));
        for colored in ["\u{1b}[32mbetter\u{1b}[0m", "\u{1b}[31mworse\u{1b}[0m"] {
            assert!(text.contains(colored), "{text}");
        }
    }

    #[test]
    fn markdown_is_tables_and_lists() {
        let markdown = View { markdown: true, ..view(Layout::default()) };
        let text = render(&comparison(), &markdown);
        assert!(text.contains("| policy | value ± s.e. | minus annual |"), "{text}");
        assert!(text.contains("\n- `band` breaks even"), "{text}");
    }

    #[test]
    fn break_evens_stand_in_the_direction_of_the_metric_with_findings_first() {
        let text = render(&comparison(), &view(Layout::default()));
        let list: Vec<&str> =
            text.lines().skip_while(|line| !line.starts_with("break-even")).skip(1).collect();
        assert!(
            list[0].contains(
                "`band` breaks even with `annual` at cost 12.5 bp [11.0, 14.0]: ahead of it for"
            ),
            "{text}"
        );
        assert!(
            list[2].contains("  `never` is behind `annual` at every cost from 0 to 50 bp"),
            "{text}"
        );
        assert!(
            text.contains("not told apart from the baseline at each value: `annual` along cost")
        );
        let mut asked = comparison();
        asked.policies[1].asked_about = true;
        let text = render(&asked, &view(Layout::default()));
        assert!(text.contains("matters):\n  `never` is behind"), "{text}");
    }

    #[test]
    fn parts_are_a_table_and_signals_stand_once_where_they_are_the_same() {
        let text = render(&comparison(), &view(Layout::default()));
        assert!(
            text.contains("minus      difference         exposure         storm          cost"),
            "{text}"
        );
        assert_eq!(text.matches("+12.00 ± 0.10").count(), 2, "a table for each scenario: {text}");
        assert!(text.contains("for want of a twin of equal exposure: `never`, `band[width=0.02]`"));
        assert!(text.contains("the same in all scenarios"), "{text}");
        assert_eq!(text.matches("1.5 months").count(), 1, "{text}");
        let mut differ = comparison();
        differ.signals[1].hit_rate = Some(0.8);
        let text = render(&differ, &view(Layout::default()));
        assert_eq!(text.matches("1.5 months").count(), 2, "{text}");
    }

    #[test]
    fn only_what_is_asked_is_shown() {
        let mut asked = comparison();
        let selection = Selection {
            scenarios: vec!["one_way_bps=10".to_owned()],
            policies: vec!["never".to_owned()],
            top: None,
        };
        asked.select(&selection).unwrap();
        let text = render(&asked, &view(Layout::default()));
        assert!(text.contains("one_way_bps=10\n") && !text.contains("one_way_bps=0\n"), "{text}");
        assert!(!text.contains("band") && !text.contains("signals"), "{text}");
    }
}
