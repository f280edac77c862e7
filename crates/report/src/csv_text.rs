//! Writes tables as CSV: RFC 4180, numbers as their shortest round-trip decimals, text that no
//! spreadsheet takes for a formula.

use std::iter::once;

use corridor_tables::{ColumnValues, WideTable};

/// The table of a run as CSV text, names of the columns first, `run_id` before all others; empty
/// cells are nulls.
///
/// # Errors
/// Whatever the writer says, which writes to memory.
pub fn csv_text(run_id: &str, table: &WideTable) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(
        once("run_id").chain(table.columns.iter().map(|column| column.name.as_str())),
    )?;
    let rows = table.columns.first().map_or(0, |column| column.values.len());
    for row in 0..rows {
        writer.write_record(
            once(run_id.to_owned())
                .chain(table.columns.iter().map(|column| cell(&column.values, row))),
        )?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cell(values: &ColumnValues, row: usize) -> String {
    match values {
        ColumnValues::Int32(cells) => cells[row].to_string(),
        ColumnValues::Int64(cells) => cells[row].to_string(),
        ColumnValues::Double(cells) => {
            cells[row].map(|value| value.to_string()).unwrap_or_default()
        }
        ColumnValues::Boolean(cells) => {
            cells[row].map(|value| value.to_string()).unwrap_or_default()
        }
        ColumnValues::Text(cells) => cells[row].as_deref().map(inert).unwrap_or_default(),
    }
}

/// Text that a spreadsheet would run as a formula is led by an apostrophe (OWASP, CSV injection).
fn inert(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use corridor_tables::WideColumn;

    use super::*;

    #[test]
    fn formulas_are_inert_and_numbers_read_back_the_same() {
        let column = |name: &str, values| WideColumn {
            name: name.into(),
            unit: String::new(),
            about: String::new(),
            values,
        };
        let texts =
            ["=1+1", "a,b", "say \"so\"", "plain"].map(|text| Some(text.to_owned())).to_vec();
        let table = WideTable {
            columns: vec![
                column("text", ColumnValues::Text(texts)),
                column(
                    "number",
                    ColumnValues::Double(vec![Some(0.1 + 0.2), None, Some(-1e-7), Some(1e20)]),
                ),
                column("id", ColumnValues::Int32(vec![0, 1, 2, 3])),
            ],
        };
        let text = csv_text("r", &table).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..4],
            [
                "run_id,text,number,id",
                "r,'=1+1,0.30000000000000004,0",
                "r,\"a,b\",,1",
                "r,\"say \"\"so\"\"\",-0.0000001,2"
            ]
        );
        assert_eq!(lines[4], "r,plain,100000000000000000000,3");
    }
}
