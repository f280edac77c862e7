//! Turns column descriptions into schemas and writer settings: the one place that decides the
//! encoding of files.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use corridor_tables::SCHEMA_VERSION;
use corridor_tables::column::{ColumnInfo, ColumnType};
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::error::{ColumnProblem, StoreError};

/// Largest number of rows in a row group.
pub(crate) const ROW_GROUP_ROWS: usize = 1 << 20;

/// Number of encoded bytes after which a row group ends early, which limits the memory for wide
/// tables.
const ROW_GROUP_BYTES: usize = 64 << 20;

/// Writer of the file in its footer. It names the format and not the version of the program: the
/// bytes of a file depend on the study, the seed and the numerics alone.
const CREATED_BY: &str = "corridor version 1.0.0 (build schema-1)";

/// The identity of a run, which every file carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId {
    /// Name of the study.
    pub study: String,
    /// Identity of the simulation: `r` and 12 hex digits, or the digits alone in old runs.
    pub run_id: String,
}

pub(crate) fn arrow_schema(columns: &[ColumnInfo]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| {
            Field::new(column.name.as_ref(), arrow_type(column.column_type), column.nullable)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Who reads a table, which decides how it is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadBy {
    /// Any program: the plainest encodings, and row groups that are read fast as a whole.
    All,
    /// This program alone, a few metrics at a time: small, in short row groups.
    Own,
}

/// Number of rows in a row group of a table that is read a few metrics at a time.
const OWN_GROUP_ROWS: usize = 1 << 17;

/// Makes the writer settings for columns whose rows are sorted by `sorted_by`.
pub(crate) fn writer_properties(
    columns: &[ColumnInfo],
    run: &RunId,
    sorted_by: &[&str],
    read_by: ReadBy,
) -> WriterProperties {
    let group_rows = match read_by {
        ReadBy::All => ROW_GROUP_ROWS,
        ReadBy::Own => OWN_GROUP_ROWS,
    };
    let sorting: Vec<SortingColumn> = sorted_by
        .iter()
        .filter_map(|name| columns.iter().position(|column| column.name == *name))
        .map(|column_idx| SortingColumn {
            column_idx: column_idx as i32,
            descending: false,
            nulls_first: false,
        })
        .collect();
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(group_rows))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(vec![
            KeyValue::new("schema_version".to_owned(), SCHEMA_VERSION.to_string()),
            KeyValue::new("run_id".to_owned(), run.run_id.clone()),
            KeyValue::new("study".to_owned(), run.study.clone()),
        ]))
        .set_sorting_columns((!sorting.is_empty()).then_some(sorting));
    for column in columns {
        let path = ColumnPath::from(column.name.as_ref());
        properties = if read_by == ReadBy::Own && column.name == "bucket" {
            // buckets follow each other
            properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
        } else {
            properties.set_column_dictionary_enabled(path, has_dictionary(column))
        };
    }
    properties.build()
}

/// Whether a column is dictionary-encoded: texts, ids and small whole numbers shrink, floats grow
/// and are written 4 to 13 times as slowly.
fn has_dictionary(column: &ColumnInfo) -> bool {
    match column.column_type {
        ColumnType::Int32 | ColumnType::Int64 | ColumnType::Text => true,
        ColumnType::Double | ColumnType::Boolean => false,
    }
}

/// Refuses column names that some reader does not accept.
pub(crate) fn check_names(table: &str, columns: &[ColumnInfo]) -> Result<(), StoreError> {
    for (place, column) in columns.iter().enumerate() {
        let name = column.name.as_ref();
        let problem = if !is_snake_case(name) {
            ColumnProblem::Name
        } else if columns[..place].iter().any(|earlier| earlier.name.eq_ignore_ascii_case(name)) {
            ColumnProblem::Duplicate
        } else {
            continue;
        };
        return Err(StoreError::BadColumn {
            table: table.to_owned(),
            column: name.to_owned(),
            problem,
        });
    }
    Ok(())
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

const fn arrow_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Double => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Text => DataType::Utf8,
    }
}
