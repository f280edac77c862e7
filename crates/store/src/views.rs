//! Writes `views.sql`: one DuckDB view per table, and joined views that have the labels.

use corridor_tables::dictionary::TableInfo;
use corridor_tables::path_columns::FACT_PATH;

/// A view that joins a fact table with the dimensions that label it.
struct Labelled {
    view: &'static str,
    fact: &'static str,
    baseline: bool,
    metric: bool,
}

const LABELLED: [Labelled; 6] = [
    Labelled { view: "v_summary", fact: "fact_summary", baseline: false, metric: true },
    Labelled { view: "v_compare", fact: "fact_compare", baseline: true, metric: true },
    Labelled { view: "v_quantile", fact: "fact_quantile", baseline: false, metric: true },
    Labelled { view: "v_histogram", fact: "fact_histogram", baseline: false, metric: true },
    Labelled { view: "v_path", fact: "fact_path", baseline: false, metric: false },
    Labelled { view: "v_trajectory", fact: "fact_trajectory", baseline: false, metric: false },
];

const HEAD: &str = "\
-- DuckDB views over this run folder. Paths are relative: start DuckDB here, `duckdb -init \
views.sql`.
-- To stack several runs, read '*/bi_long.parquet' from the folder above with union_by_name = true, \
because
-- columns of swept keys differ between studies; `run_id` tells the runs apart.
";

/// Writes the text of the file. `path_files` are the files of `fact_path`: the views name each of
/// them, so that a file which the run did not write is not read.
pub(crate) fn views(tables: &[TableInfo], path_files: &[&str]) -> String {
    let mut text = HEAD.to_owned();
    for table in tables {
        let files = if table.name == FACT_PATH {
            let files: Vec<String> = path_files.iter().map(|file| format!("'{file}'")).collect();
            format!("[{}]", files.join(", "))
        } else {
            format!("'{}'", table.files)
        };
        text.push_str(&format!(
            "CREATE OR REPLACE VIEW {} AS SELECT * FROM read_parquet({files});\n",
            table.name
        ));
    }
    let has = |name: &str| tables.iter().any(|table| table.name == name);
    for labelled in LABELLED {
        let dimensions =
            has("dim_scenario") && has("dim_policy") && (!labelled.metric || has("dim_metric"));
        if has(labelled.fact) && dimensions {
            text.push_str(&labelled.sql());
        }
    }
    text
}

impl Labelled {
    fn sql(&self) -> String {
        let mut columns = "s.scenario, s.label AS scenario_label, p.policy, p.policy_order, \
        p.is_baseline"
            .to_owned();
        let mut joins = "\n  JOIN dim_scenario s USING (run_id, scenario_id)\n  JOIN dim_policy p \
        USING (run_id, policy_id)"
            .to_owned();
        if self.baseline {
            columns.push_str(", b.policy AS baseline");
            joins.push_str(
                "\n  JOIN dim_policy b ON b.run_id = f.run_id AND b.policy_id = \
            f.baseline_policy_id",
            );
        }
        if self.metric {
            columns.push_str(
                ", m.metric, m.display_name, m.unit AS metric_unit, m.number_format, m.is_primary",
            );
            joins.push_str(
                "\n  JOIN dim_metric m ON m.run_id = f.run_id AND m.metric_id = f.metric_id",
            );
        }
        format!(
            "CREATE OR REPLACE VIEW {} AS\n  SELECT {columns}, f.*\n  FROM {} f{joins};\n",
            self.view, self.fact
        )
    }
}
