//! Converts cells to Arrow arrays and back.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringArray,
};
use arrow_schema::DataType;
use corridor_tables::column::{Cells, unsigned_zero};

/// The treatment of floats that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatRule {
    /// They become null where the column may be null and an error elsewhere, and -0 becomes 0: for
    /// tables that BI tools read.
    Finite,
    /// They are kept bit for bit: for the internal state.
    Exact,
}

/// Row of the first float that the rule refuses.
pub(crate) struct NotFinite(pub(crate) usize);

pub(crate) fn to_array(cells: Cells<'_>, rule: FloatRule) -> Result<ArrayRef, NotFinite> {
    Ok(match cells {
        Cells::Int32(cells) => Arc::new(Int32Array::from(cells)),
        Cells::OptInt32(cells) => Arc::new(Int32Array::from(cells)),
        Cells::Int64(cells) => Arc::new(Int64Array::from(cells)),
        Cells::OptInt64(cells) => Arc::new(Int64Array::from(cells)),
        Cells::Double(cells) => {
            if rule == FloatRule::Finite
                && let Some(row) = cells.iter().position(|cell| !cell.is_finite())
            {
                return Err(NotFinite(row));
            }
            match rule {
                FloatRule::Finite => {
                    Arc::new(cells.into_iter().map(unsigned_zero).collect::<Float64Array>())
                }
                FloatRule::Exact => Arc::new(Float64Array::from(cells)),
            }
        }
        Cells::OptDouble(cells) => match rule {
            FloatRule::Finite => Arc::new(
                cells
                    .into_iter()
                    .map(|cell| cell.filter(|cell| cell.is_finite()).map(unsigned_zero))
                    .collect::<Float64Array>(),
            ),
            FloatRule::Exact => Arc::new(Float64Array::from(cells)),
        },
        Cells::Boolean(cells) => Arc::new(BooleanArray::from(cells)),
        Cells::OptBoolean(cells) => Arc::new(BooleanArray::from(cells)),
        Cells::Text(cells) => Arc::new(StringArray::from_iter_values(cells)),
        Cells::OptText(cells) => Arc::new(cells.into_iter().collect::<StringArray>()),
    })
}

/// Returns the cells of a column that was read in parts, or `None` for a type that no table has.
pub(crate) fn to_cells(
    column_type: &DataType,
    nullable: bool,
    parts: &[ArrayRef],
) -> Option<Cells<'static>> {
    Some(match (column_type, nullable) {
        (DataType::Int32, false) => Cells::Int32(plain::<Int32Type>(parts)?),
        (DataType::Int32, true) => Cells::OptInt32(optional::<Int32Type>(parts)),
        (DataType::Int64, false) => Cells::Int64(plain::<Int64Type>(parts)?),
        (DataType::Int64, true) => Cells::OptInt64(optional::<Int64Type>(parts)),
        (DataType::Float64, false) => Cells::Double(plain::<Float64Type>(parts)?),
        (DataType::Float64, true) => Cells::OptDouble(optional::<Float64Type>(parts)),
        (DataType::Boolean, false) => Cells::Boolean(booleans(parts).collect::<Option<_>>()?),
        (DataType::Boolean, true) => Cells::OptBoolean(booleans(parts).collect()),
        (DataType::Utf8, false) => Cells::Text(texts(parts).collect::<Option<_>>()?),
        (DataType::Utf8, true) => Cells::OptText(texts(parts).collect()),
        _ => return None,
    })
}

fn plain<T: ArrowPrimitiveType>(parts: &[ArrayRef]) -> Option<Vec<T::Native>> {
    if parts.iter().any(|part| part.null_count() > 0) {
        return None;
    }
    let mut cells = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        cells.extend_from_slice(part.as_primitive::<T>().values());
    }
    Some(cells)
}

fn optional<T: ArrowPrimitiveType>(parts: &[ArrayRef]) -> Vec<Option<T::Native>> {
    parts.iter().flat_map(|part| part.as_primitive::<T>().iter()).collect()
}

fn booleans(parts: &[ArrayRef]) -> impl Iterator<Item = Option<bool>> {
    parts.iter().flat_map(|part| part.as_boolean().iter())
}

fn texts(parts: &[ArrayRef]) -> impl Iterator<Item = Option<Cow<'static, str>>> {
    let texts = parts.iter().flat_map(|part| part.as_string::<i32>().iter());
    texts.map(|text| text.map(|text| Cow::Owned(text.to_owned())))
}
