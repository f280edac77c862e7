//! Describes the columns of a table once, for the schema, the reader, the writer and the data
//! dictionary.
//!
//! A row type is declared with `table!`: the struct, its file name and, per column, a unit and
//! whether sums make sense. The doc comment of a field is the column's text in the data dictionary.

use std::borrow::Cow;

/// Whether adding up a column's values over rows means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additive {
    /// Sums over rows are meaningful (counts).
    Yes,
    /// They are not (ids, labels, means, quantiles).
    No,
}

/// The type of a column, as every reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// INT32.
    Int32,
    /// INT64.
    Int64,
    /// DOUBLE.
    Double,
    /// BOOLEAN.
    Boolean,
    /// UTF8 text.
    Text,
}

impl ColumnType {
    /// The type's name in the data dictionary.
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

/// What the data dictionary and the schema say of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnInfo {
    /// Name in every file: snake_case ASCII.
    pub name: Cow<'static, str>,
    /// Type.
    pub column_type: ColumnType,
    /// Whether nulls may occur.
    pub nullable: bool,
    /// Unit of the values.
    pub unit: Cow<'static, str>,
    /// Whether sums make sense.
    pub additive: Additive,
    /// Meaning, sign and convention.
    pub about: Cow<'static, str>,
}

/// A row type that stands for one file.
pub trait TableRow: Clone + Default + 'static {
    /// Name of the table, without folder and ending.
    const TABLE: &'static str;
    /// What the table holds.
    const ABOUT: &'static str;
    /// Its columns, in order, without the leading `run_id`.
    const COLUMNS: &'static [RowColumn<Self>];
}

/// One column of a row type.
#[derive(Debug)]
pub struct RowColumn<R: 'static> {
    /// Name, unit, meaning.
    pub info: ColumnInfo,
    /// Takes the column out of rows.
    pub gather: fn(&[R]) -> Cells<'_>,
    /// Puts the column into as many rows; false if the cells do not fit the column.
    pub scatter: fn(&mut [R], Cells<'_>) -> bool,
}

/// The cells of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells<'a> {
    /// INT32.
    Int32(Vec<i32>),
    /// INT32, nullable.
    OptInt32(Vec<Option<i32>>),
    /// INT64.
    Int64(Vec<i64>),
    /// INT64, nullable.
    OptInt64(Vec<Option<i64>>),
    /// DOUBLE.
    Double(Vec<f64>),
    /// DOUBLE, nullable.
    OptDouble(Vec<Option<f64>>),
    /// BOOLEAN.
    Boolean(Vec<bool>),
    /// BOOLEAN, nullable.
    OptBoolean(Vec<Option<bool>>),
    /// UTF8.
    Text(Vec<Cow<'a, str>>),
    /// UTF8, nullable.
    OptText(Vec<Option<Cow<'a, str>>>),
}

impl Cells<'_> {
    /// Number of cells.
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

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Type and nullability.
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

/// A Rust type that may stand in a row struct.
pub trait Cell: Sized {
    /// Column type.
    const TYPE: ColumnType;
    /// Whether nulls may occur.
    const NULLABLE: bool;

    /// Collects cells.
    fn gather<'a>(cells: impl Iterator<Item = &'a Self>) -> Cells<'a>
    where
        Self: 'a;

    /// Hands cells out in order; false if their type is another or their number does not match.
    fn scatter<'a>(cells: Cells<'_>, places: impl ExactSizeIterator<Item = &'a mut Self>) -> bool
    where
        Self: 'a;
}

macro_rules! plain_cell {
    ($($rust:ty, $kind:ident, $optional:ident;)+) => { $(
        impl Cell for $rust {
            const TYPE: ColumnType = ColumnType::$kind;
            const NULLABLE: bool = false;
            fn gather<'a>(cells: impl Iterator<Item = &'a Self>) -> Cells<'a> {
                Cells::$kind(cells.copied().collect())
            }
            fn scatter<'a>(
                cells: Cells<'_>,
                places: impl ExactSizeIterator<Item = &'a mut Self>,
            ) -> bool {
                let Cells::$kind(cells) = cells else { return false };
                let fits = cells.len() == places.len();
                for (place, cell) in places.zip(cells) {
                    *place = cell;
                }
                fits
            }
        }
        impl Cell for Option<$rust> {
            const TYPE: ColumnType = ColumnType::$kind;
            const NULLABLE: bool = true;
            fn gather<'a>(cells: impl Iterator<Item = &'a Self>) -> Cells<'a> {
                Cells::$optional(cells.copied().collect())
            }
            fn scatter<'a>(
                cells: Cells<'_>,
                places: impl ExactSizeIterator<Item = &'a mut Self>,
            ) -> bool {
                let Cells::$optional(cells) = cells else { return false };
                let fits = cells.len() == places.len();
                for (place, cell) in places.zip(cells) {
                    *place = cell;
                }
                fits
            }
        }
    )+ };
}

plain_cell! {
    i32, Int32, OptInt32;
    i64, Int64, OptInt64;
    f64, Double, OptDouble;
    bool, Boolean, OptBoolean;
}

impl Cell for String {
    const TYPE: ColumnType = ColumnType::Text;
    const NULLABLE: bool = false;
    fn gather<'a>(cells: impl Iterator<Item = &'a Self>) -> Cells<'a> {
        Cells::Text(cells.map(|cell| Cow::Borrowed(cell.as_str())).collect())
    }
    fn scatter<'a>(cells: Cells<'_>, places: impl ExactSizeIterator<Item = &'a mut Self>) -> bool {
        let Cells::Text(cells) = cells else { return false };
        let fits = cells.len() == places.len();
        for (place, cell) in places.zip(cells) {
            *place = cell.into_owned();
        }
        fits
    }
}

impl Cell for Option<String> {
    const TYPE: ColumnType = ColumnType::Text;
    const NULLABLE: bool = true;
    fn gather<'a>(cells: impl Iterator<Item = &'a Self>) -> Cells<'a> {
        Cells::OptText(cells.map(|cell| cell.as_deref().map(Cow::Borrowed)).collect())
    }
    fn scatter<'a>(cells: Cells<'_>, places: impl ExactSizeIterator<Item = &'a mut Self>) -> bool {
        let Cells::OptText(cells) = cells else { return false };
        let fits = cells.len() == places.len();
        for (place, cell) in places.zip(cells) {
            *place = cell.map(Cow::into_owned);
        }
        fits
    }
}

/// Declares a row type with its columns: struct, schema and data dictionary in one place.
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
            const COLUMNS: &'static [$crate::column::RowColumn<Self>] = &[ $(
                $crate::column::RowColumn {
                    info: $crate::column::ColumnInfo {
                        name: std::borrow::Cow::Borrowed(stringify!($field)),
                        column_type: <$type as $crate::column::Cell>::TYPE,
                        nullable: <$type as $crate::column::Cell>::NULLABLE,
                        unit: std::borrow::Cow::Borrowed($unit),
                        additive: $crate::column::Additive::$additive,
                        about: std::borrow::Cow::Borrowed(concat!($($doc),+)),
                    },
                    gather: |rows| <$type as $crate::column::Cell>::gather(
                        rows.iter().map(|row| &row.$field)
                    ),
                    scatter: |rows, cells| {
                        <$type as $crate::column::Cell>::scatter(
                            cells,
                            rows.iter_mut().map(|row| &mut row.$field),
                        )
                    },
                },
            )+ ];
        }
    };
}
pub(crate) use table;

/// The column that stands first in every table.
#[must_use]
pub fn run_id_column() -> ColumnInfo {
    ColumnInfo {
        name: "run_id".into(),
        column_type: ColumnType::Text,
        nullable: false,
        unit: "id".into(),
        additive: Additive::No,
        about: " The run: tables of several runs can be stacked and told apart.".into(),
    }
}

/// Makes a column name out of any text: ASCII letters and digits in lower case, everything else an
/// underscore.
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
