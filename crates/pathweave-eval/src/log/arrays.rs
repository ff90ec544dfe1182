//! Integer and float columns of any width: other writers pick their own.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

/// The column's values, or nothing when it holds no integers.
pub(super) fn integers(column: &ArrayRef) -> Option<Vec<Option<i128>>> {
    Some(match column.data_type() {
        DataType::Int8 => widened::<Int8Type>(column),
        DataType::Int16 => widened::<Int16Type>(column),
        DataType::Int32 => widened::<Int32Type>(column),
        DataType::Int64 => widened::<Int64Type>(column),
        DataType::UInt8 => widened::<UInt8Type>(column),
        DataType::UInt16 => widened::<UInt16Type>(column),
        DataType::UInt32 => widened::<UInt32Type>(column),
        DataType::UInt64 => widened::<UInt64Type>(column),
        DataType::Null => vec![None; column.len()],
        _ => return None,
    })
}

fn widened<T: ArrowPrimitiveType<Native: Into<i128>>>(column: &ArrayRef) -> Vec<Option<i128>> {
    column.as_primitive::<T>().iter().map(|value| value.map(Into::into)).collect()
}

/// The lists of a column of float lists, or nothing when it holds none. A missing item is NaN,
/// which no log allows.
pub(super) fn float_lists(column: &ArrayRef) -> Option<Vec<Option<Vec<f32>>>> {
    let item = |index: usize| match column.data_type() {
        DataType::List(_) => column.as_list::<i32>().value(index),
        DataType::LargeList(_) => column.as_list::<i64>().value(index),
        _ => column.as_fixed_size_list().value(index),
    };
    let field = match column.data_type() {
        DataType::List(field) | DataType::LargeList(field) => field,
        DataType::FixedSizeList(field, _) => field,
        DataType::Null => return Some(vec![None; column.len()]),
        _ => return None,
    };
    let floats: fn(&ArrayRef) -> Vec<f32> = match field.data_type() {
        DataType::Float32 => |list| {
            list.as_primitive::<Float32Type>().iter().map(|w| w.unwrap_or(f32::NAN)).collect()
        },
        DataType::Float64 => |list| {
            let weights = list.as_primitive::<Float64Type>().iter();
            weights.map(|weight| weight.map_or(f32::NAN, |weight| weight as f32)).collect()
        },
        _ => return None,
    };
    let rows = 0..column.len();
    Some(rows.map(|row| column.is_valid(row).then(|| floats(&item(row)))).collect())
}
