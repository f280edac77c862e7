//! Converts cells to Arrow arrays and back.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, PrimitiveArray,
    StringArray,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float64Type, Int32Type, Int64Type};
use corridor_tables::column::Cells;

/// The treatment of floats that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatRule {
    /// They become null where the column may be null and an error elsewhere: for tables that BI
    /// tools read.
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
            Arc::new(Float64Array::from(cells))
        }
        Cells::OptDouble(cells) => match rule {
            FloatRule::Finite => Arc::new(
                cells
                    .into_iter()
                    .map(|cell| cell.filter(|cell| cell.is_finite()))
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

/// Returns the cells of a column, or `None` for a type that no table has.
pub(crate) fn to_cells(array: &dyn Array, nullable: bool) -> Option<Cells<'static>> {
    Some(match (array.data_type(), nullable) {
        (DataType::Int32, false) => Cells::Int32(plain::<Int32Type>(array)?),
        (DataType::Int32, true) => Cells::OptInt32(optional::<Int32Type>(array)),
        (DataType::Int64, false) => Cells::Int64(plain::<Int64Type>(array)?),
        (DataType::Int64, true) => Cells::OptInt64(optional::<Int64Type>(array)),
        (DataType::Float64, false) => Cells::Double(plain::<Float64Type>(array)?),
        (DataType::Float64, true) => Cells::OptDouble(optional::<Float64Type>(array)),
        (DataType::Boolean, false) => {
            Cells::Boolean(array.as_boolean().iter().collect::<Option<_>>()?)
        }
        (DataType::Boolean, true) => Cells::OptBoolean(array.as_boolean().iter().collect()),
        (DataType::Utf8, false) => Cells::Text(texts(array).collect::<Option<_>>()?),
        (DataType::Utf8, true) => Cells::OptText(texts(array).collect()),
        _ => return None,
    })
}

fn plain<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<Vec<T::Native>> {
    let array: &PrimitiveArray<T> = array.as_primitive();
    (array.null_count() == 0).then(|| array.values().to_vec())
}

fn optional<T: ArrowPrimitiveType>(array: &dyn Array) -> Vec<Option<T::Native>> {
    array.as_primitive::<T>().iter().collect()
}

fn texts(array: &dyn Array) -> impl Iterator<Item = Option<Cow<'static, str>>> {
    array.as_string::<i32>().iter().map(|text| text.map(|text| Cow::Owned(text.to_owned())))
}
