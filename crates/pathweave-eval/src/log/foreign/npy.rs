//! Arrays of NumPy (NEP 1, format versions 1 to 3): f4, f8, i4 and i8 of either byte order.

use std::io::Read;

use super::super::fault::{Faults, LogError};

/// The bytes that every NPY file begins with.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// Most items: bounds what a damaged header can make a reader allocate.
pub const ITEMS: usize = 1 << 28;

/// An array, its items in C order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Its extents.
    pub shape: Vec<usize>,
    /// Its items.
    pub items: Items,
}

/// The items of an array.
#[derive(Debug, Clone, PartialEq)]
pub enum Items {
    /// f4 or f8
    Floats(Vec<f64>),
    /// i4 or i8
    Integers(Vec<i64>),
}

/// Reads an array; `name` is the file's name in faults.
///
/// # Errors
///
/// [`LogError::Io`] when `from` fails, [`LogError::Faults`] where it is no whole NPY file of these
/// types.
pub fn read(from: &mut impl Read, name: &str) -> Result<Array, LogError> {
    let mut bytes = Vec::new();
    let failed = |source| LogError::Io { file: name.to_owned(), source };
    from.read_to_end(&mut bytes).map_err(failed)?;
    parse(&bytes).map_err(|(key, found, allowed)| {
        let mut faults = Faults::new(name);
        faults.add(None, key, found, allowed);
        faults.into()
    })
}

/// Key, found, allowed.
type Wrong = (&'static str, String, String);

fn parse(bytes: &[u8]) -> Result<Array, Wrong> {
    let wrong = |key, found: &str, allowed: &str| (key, found.to_owned(), allowed.to_owned());
    let cut = || wrong("file", "a file that breaks off", "a whole NPY file");
    let rest = bytes.strip_prefix(MAGIC);
    let rest = rest.ok_or_else(|| wrong("file", "other bytes", "a file that NumPy saved"))?;
    let (&[major, _minor], rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk().map(|(n, rest)| (u16::from_le_bytes(*n) as usize, rest)),
        2 | 3 => rest.split_first_chunk().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest)),
        _ => return Err(wrong("version", &major.to_string(), "1, 2 or 3")),
    }
    .ok_or_else(cut)?;
    let (head, data) = rest.split_at_checked(length).ok_or_else(cut)?;
    let head = String::from_utf8_lossy(head);
    let odd = || wrong("header", head.trim(), "a dict with descr, fortran_order and shape");
    let value = |key: &str| {
        let (_, rest) = head.split_once(&format!("'{key}':"))?;
        Some(rest.trim_start())
    };
    let descr = value("descr").ok_or_else(odd)?;
    let descr = descr.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map(|(d, _)| d);
    // A list of fields, where the array is a structured one.
    let descr = descr.unwrap_or("fields");
    let fortran = value("fortran_order").ok_or_else(odd)?.starts_with("True");
    let shape = value("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')'));
    let extents = shape.ok_or_else(odd)?.0.split(',').map(str::trim).filter(|n| !n.is_empty());
    let shape: Vec<usize> = extents.map(str::parse).collect::<Result<_, _>>().map_err(|_| odd())?;
    let count = shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
    let count = count.filter(|&count| count <= ITEMS);
    let count = count.ok_or_else(|| {
        let allowed = format!("at most {ITEMS} items");
        wrong("shape", &format!("{shape:?}"), &allowed)
    })?;
    let (big, kind) = match descr.split_at_checked(1) {
        Some(("<" | "=", kind)) => (false, kind),
        Some((">", kind)) => (true, kind),
        _ => (false, descr),
    };
    let size = match kind {
        "f4" | "i4" => 4,
        "f8" | "i8" => 8,
        _ => return Err(wrong("dtype", descr, "f4, f8, i4 or i8: convert with .astype")),
    };
    if data.len() != count * size {
        let found = format!("{} bytes of data", data.len());
        return Err(("file", found, format!("{} for shape {shape:?} of {descr}", count * size)));
    }
    let item = |chunk: &[u8]| {
        let mut item = [0; 8];
        item[..size].copy_from_slice(chunk);
        if big {
            item[..size].reverse();
        }
        item
    };
    let four = |item: [u8; 8]| [item[0], item[1], item[2], item[3]];
    let chunks = data.chunks_exact(size).map(item);
    let items = match kind {
        "f4" => Items::Floats(chunks.map(|b| f64::from(f32::from_le_bytes(four(b)))).collect()),
        "f8" => Items::Floats(chunks.map(f64::from_le_bytes).collect()),
        "i4" => Items::Integers(chunks.map(|b| i64::from(i32::from_le_bytes(four(b)))).collect()),
        _ => Items::Integers(chunks.map(i64::from_le_bytes).collect()),
    };
    let items = match items {
        Items::Floats(items) if fortran => Items::Floats(c_order(&items, &shape)),
        Items::Integers(items) if fortran => Items::Integers(c_order(&items, &shape)),
        items => items,
    };
    Ok(Array { shape, items })
}

/// Items in Fortran order, put into C order.
fn c_order<T: Copy>(items: &[T], shape: &[usize]) -> Vec<T> {
    let of = |place: usize| {
        let (mut rest, mut stride, mut from) = (place, items.len(), 0);
        // The last extent moves fastest in C order and slowest in Fortran order.
        for &extent in shape.iter().rev() {
            stride /= extent;
            from += rest % extent * stride;
            rest /= extent;
        }
        items[from]
    };
    (0..items.len()).map(of).collect()
}
