//! Declares the columns of a table once, for the schema, the reader, the writer and the data
//! dictionary.
//!
//! A row type is declared with `table!`: the struct, its file name and, per column, a unit and
//! whether sums make sense. The doc comment of a field is the column's text in the data dictionary.

use std::borrow::Cow;
use std::convert::identity;

/// A word of a fixed vocabulary. The tables with most rows have several in each row, so they take no
/// memory of their own there.
pub type Label = Cow<'static, str>;

/// Whether the sum of a column over rows has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additive {
    /// The sum has a meaning: counts and flows.
    Yes,
    /// The sum has no meaning: ids, labels, means, quantiles.
    No,
}

/// The type of a column in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// 64-bit float.
    Double,
    /// True or false.
    Boolean,
    /// UTF-8 text.
    Text,
}

impl ColumnType {
    /// Returns the name of the type in the data dictionary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Double => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::Text => "UTF8",
        }
    }
}

/// A column as the schema and the data dictionary describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnInfo {
    /// Name in the file: snake_case ASCII.
    pub name: Cow<'static, str>,
    /// Type of the values.
    pub column_type: ColumnType,
    /// Whether cells may be null.
    pub nullable: bool,
    /// Unit of the values.
    pub unit: Cow<'static, str>,
    /// Whether the sum over rows has a meaning.
    pub additive: Additive,
    /// Meaning, sign and convention, in whole sentences.
    pub about: Cow<'static, str>,
}

/// A row type whose rows make one file.
pub trait TableRow: Clone + Default + 'static {
    /// Name of the table, without folder and file ending.
    const TABLE: &'static str;
    /// Contents of the table, in whole sentences.
    const ABOUT: &'static str;

    /// Returns the columns in the order of the file, without the leading `run_id`.
    fn columns() -> &'static [RowColumn<Self>];
}

/// One column of a row type.
#[derive(Debug)]
pub struct RowColumn<R: 'static> {
    /// Name, type, unit and meaning of the column.
    pub info: ColumnInfo,
    /// Collects the cells of the column from rows.
    pub gather: fn(&[R]) -> Cells<'_>,
    /// Writes cells into the column of as many rows; false if their type or number does not fit.
    pub scatter: fn(&mut [R], Cells<'_>) -> bool,
}

/// The cells of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells<'a> {
    /// 32-bit integers, never null.
    Int32(Vec<i32>),
    /// 32-bit integers or null.
    OptInt32(Vec<Option<i32>>),
    /// 64-bit integers, never null.
    Int64(Vec<i64>),
    /// 64-bit integers or null.
    OptInt64(Vec<Option<i64>>),
    /// 64-bit floats, never null.
    Double(Vec<f64>),
    /// 64-bit floats or null.
    OptDouble(Vec<Option<f64>>),
    /// Booleans, never null.
    Boolean(Vec<bool>),
    /// Booleans or null.
    OptBoolean(Vec<Option<bool>>),
    /// Texts, never null.
    Text(Vec<Cow<'a, str>>),
    /// Texts or null.
    OptText(Vec<Option<Cow<'a, str>>>),
}

impl Cells<'_> {
    /// Returns the number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Int32(cells) => cells.len(),
            Self::OptInt32(cells) => cells.len(),
            Self::Int64(cells) => cells.len(),
            Self::OptInt64(cells) => cells.len(),
            Self::Double(cells) => cells.len(),
            Self::OptDouble(cells) => cells.len(),
            Self::Boolean(cells) => cells.len(),
            Self::OptBoolean(cells) => cells.len(),
            Self::Text(cells) => cells.len(),
            Self::OptText(cells) => cells.len(),
        }
    }

    /// Returns whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the type of the cells and whether they may be null.
    #[must_use]
    pub const fn column_type(&self) -> (ColumnType, bool) {
        match self {
            Self::Int32(_) => (ColumnType::Int32, false),
            Self::OptInt32(_) => (ColumnType::Int32, true),
            Self::Int64(_) => (ColumnType::Int64, false),
            Self::OptInt64(_) => (ColumnType::Int64, true),
            Self::Double(_) => (ColumnType::Double, false),
            Self::OptDouble(_) => (ColumnType::Double, true),
            Self::Boolean(_) => (ColumnType::Boolean, false),
            Self::OptBoolean(_) => (ColumnType::Boolean, true),
            Self::Text(_) => (ColumnType::Text, false),
            Self::OptText(_) => (ColumnType::Text, true),
        }
    }
}

/// A Rust type that may be a field of a row struct.
pub trait Cell: Sized {
    /// Type of the column in the file.
    const TYPE: ColumnType;
    /// Whether cells may be null.
    const NULLABLE: bool;

    /// Collects the values of `field` in all rows as the cells of a column.
    fn gather<R>(rows: &[R], field: fn(&R) -> &Self) -> Cells<'_>;

    /// Writes the cells of a column into `field` of as many rows; false if their type or number
    /// does not fit.
    fn scatter<R>(rows: &mut [R], cells: Cells<'_>, field: fn(&mut R) -> &mut Self) -> bool;
}

/// Implements [`Cell`] for a type and its optional form: how a cell is read and how it is written.
macro_rules! cells {
    ($($rust:ty, $kind:ident, $column:ident, $nullable:literal, $read:expr, $write:expr;)+) => { $(
        impl Cell for $rust {
            const TYPE: ColumnType = ColumnType::$kind;
            const NULLABLE: bool = $nullable;
            fn gather<R>(rows: &[R], field: fn(&R) -> &Self) -> Cells<'_> {
                Cells::$column(rows.iter().map(|row| $read(field(row))).collect())
            }
            fn scatter<R>(
                rows: &mut [R],
                cells: Cells<'_>,
                field: fn(&mut R) -> &mut Self,
            ) -> bool {
                let Cells::$column(cells) = cells else { return false };
                let fits = cells.len() == rows.len();
                for (row, cell) in rows.iter_mut().zip(cells) {
                    *field(row) = $write(cell);
                }
                fits
            }
        }
    )+ };
}

cells! {
    i32, Int32, Int32, false, copied, identity;
    Option<i32>, Int32, OptInt32, true, copied, identity;
    i64, Int64, Int64, false, copied, identity;
    Option<i64>, Int64, OptInt64, true, copied, identity;
    f64, Double, Double, false, copied, identity;
    Option<f64>, Double, OptDouble, true, copied, identity;
    bool, Boolean, Boolean, false, copied, identity;
    Option<bool>, Boolean, OptBoolean, true, copied, identity;
    String, Text, Text, false, Cow::from, Cow::into_owned;
    Option<String>, Text, OptText, true, borrowed_or_null, owned_or_null;
    Label, Text, Text, false, borrowed_label, owned_label;
    Option<Label>, Text, OptText, true, borrowed_label_or_null, owned_label_or_null;
}

fn copied<T: Copy>(cell: &T) -> T {
    *cell
}

fn borrowed_or_null(cell: &Option<String>) -> Option<Cow<'_, str>> {
    cell.as_deref().map(Cow::Borrowed)
}

fn owned_or_null(cell: Option<Cow<'_, str>>) -> Option<String> {
    cell.map(Cow::into_owned)
}

fn borrowed_label(cell: &Label) -> Cow<'_, str> {
    Cow::Borrowed(cell)
}

fn owned_label(cell: Cow<'_, str>) -> Label {
    Cow::Owned(cell.into_owned())
}

fn borrowed_label_or_null(cell: &Option<Label>) -> Option<Cow<'_, str>> {
    cell.as_deref().map(Cow::Borrowed)
}

fn owned_label_or_null(cell: Option<Cow<'_, str>>) -> Option<Label> {
    cell.map(owned_label)
}

/// Declares a row type and its columns: struct, schema and data dictionary in one place.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $row:ident in $table:literal {
            $(
                $(#[doc = $doc:literal])+
                pub $field:ident: $type:ty => $unit:literal, $additive:ident;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq $($(, $derive)+)?)]
        pub struct $row {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl $crate::column::TableRow for $row {
            const TABLE: &'static str = $table;
            const ABOUT: &'static str = concat!($($about),+);

            // Not inlined, so that the accessors of every field are compiled in this crate alone.
            #[inline(never)]
            fn columns() -> &'static [$crate::column::RowColumn<Self>] {
                const {
                    &[ $(
                        $crate::column::RowColumn {
                            info: $crate::column::ColumnInfo {
                                name: std::borrow::Cow::Borrowed(stringify!($field)),
                                column_type: <$type as $crate::column::Cell>::TYPE,
                                nullable: <$type as $crate::column::Cell>::NULLABLE,
                                unit: std::borrow::Cow::Borrowed($unit),
                                additive: $crate::column::Additive::$additive,
                                about: std::borrow::Cow::Borrowed(concat!($($doc),+)),
                            },
                            gather: |rows| {
                                <$type as $crate::column::Cell>::gather(rows, |row| &row.$field)
                            },
                            scatter: |rows, cells| {
                                <$type as $crate::column::Cell>::scatter(rows, cells, |row| {
                                    &mut row.$field
                                })
                            },
                        },
                    )+ ]
                }
            }
        }
    };
}
pub(crate) use table;

/// Replaces -0 by 0 in the numbers of rows. Files never have -0, which spreadsheets show as
/// `-0.00`, and rows in memory then equal the rows that a reader finds.
#[must_use]
pub fn with_unsigned_zeros<R: TableRow>(mut rows: Vec<R>) -> Vec<R> {
    let is_negative_zero = |number: f64| number == 0.0 && number.is_sign_negative();
    for column in R::columns() {
        let cells = match (column.gather)(&rows) {
            Cells::Double(cells) if cells.iter().copied().any(is_negative_zero) => {
                Cells::Double(cells.into_iter().map(unsigned_zero).collect())
            }
            Cells::OptDouble(cells) if cells.iter().flatten().copied().any(is_negative_zero) => {
                let unsigned = cells.into_iter().map(|cell| cell.map(unsigned_zero));
                Cells::OptDouble(unsigned.collect())
            }
            _ => continue, // columns without -0
        };
        let fits = (column.scatter)(&mut rows, cells);
        debug_assert!(fits, "cells have the type of their column");
    }
    rows
}

/// Returns the number, with 0 for -0.
#[must_use]
pub fn unsigned_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}

/// Returns the column `run_id`, the first of every table.
#[must_use]
pub fn run_id_column() -> ColumnInfo {
    ColumnInfo {
        name: "run_id".into(),
        column_type: ColumnType::Text,
        nullable: false,
        unit: "id".into(),
        additive: Additive::No,
        about: " Hash of what is simulated; it tells the runs in a stacked table apart, not who \
            made them."
            .into(),
    }
}

/// Makes a column name from any text: ASCII letters in lower case, digits, and an underscore for
/// everything else.
#[must_use]
pub fn column_name(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}
