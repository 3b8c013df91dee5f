//! The parts of a virtual dataset (specification, III.F), mostly in other files.
//! This reader does not read them, but can tell whether they are there.

use super::cursor::{Cursor, text};
use super::dataspace::MAX_RANK;
use super::object::kind;
use super::{File, HdfError, Object, heap_global};

const WHAT: &str = "the parts of a virtual dataset";

/// All ones: a count without limit.
const UNLIMITED: u64 = u64::MAX;

/// A dataset that a part of a virtual dataset is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualPart {
    /// The part's file, relative to that of the virtual dataset; `.` for the same file.
    pub file: String,
    /// Path of the part's dataset in that file.
    pub dataset: String,
    /// The least dimensions that hold the part, slowest first; empty where the file does not say.
    pub least: Vec<u64>,
}

impl Object {
    /// Lists the parts of a virtual dataset; `None` of any other object.
    ///
    /// # Errors
    /// When the list of them is damaged, or of a form this reader does not know.
    pub fn virtual_parts(&self, file: &File<'_>) -> Result<Option<Vec<VirtualPart>>, HdfError> {
        const VIRTUAL: u8 = 3;
        let Some(mut fields) = self.fields("a data layout", kind::LAYOUT, file)? else { return Ok(None) };
        if fields.u8()? < 4 || fields.u8()? != VIRTUAL {
            return Ok(None);
        }
        let address = fields.address()?;
        let index = fields.u32()?;
        let Some(address) = address.filter(|&address| address != 0) else { return Ok(Some(Vec::new())) };
        let (start, length) = heap_global::object(file, address, index)?;
        let list = file.structure(WHAT, start, length)?.verified()?;
        let mut fields = list.cursor();
        fields.version(0)?;
        let count = fields.length()?;
        let mut parts = Vec::new();
        for _ in 0..count {
            let (file, dataset) = (text(fields.until_nul()?), text(fields.until_nul()?));
            let least = selected(&mut fields)?;
            selected(&mut fields)?; // where in the virtual dataset
            parts.push(VirtualPart { file, dataset, least });
        }
        Ok(Some(parts))
    }
}

/// Goes past a selection of elements and tells the least dimensions that hold it.
fn selected(fields: &mut Cursor<'_>) -> Result<Vec<u64>, HdfError> {
    const NONE: u32 = 0;
    const POINTS: u32 = 1;
    const HYPERSLAB: u32 = 2;
    const ALL: u32 = 3;
    let (kind, version) = (fields.u32()?, fields.u32()?);
    match (kind, version) {
        (NONE | ALL, 1) => {
            fields.skip(8)?;
            Ok(Vec::new())
        }
        (POINTS, 1) => {
            fields.skip(4)?;
            let length = fields.u32()?;
            fields.skip(usize::try_from(length).unwrap_or(usize::MAX))?;
            Ok(Vec::new())
        }
        (HYPERSLAB, 1) => {
            fields.skip(4 + 4)?; // zero, length
            blocks(fields, 4)
        }
        (HYPERSLAB, 2) => {
            fields.skip(1 + 4)?; // flags, length
            regular(fields, 8)
        }
        (HYPERSLAB, 3) => {
            const REGULAR: u8 = 1;
            let (flags, width) = (fields.u8()?, fields.u8()?.into());
            if ![2, 4, 8].contains(&width) {
                return Err(fields.damaged(format!("{width} bytes are no width of a selection's numbers")));
            }
            if flags & REGULAR != 0 { regular(fields, width) } else { blocks(fields, width) }
        }
        _ => Err(fields.unsupported(format!("version {version} of selections of kind {kind}"))),
    }
}

/// Reads boxes, each by its first and last element.
fn blocks(fields: &mut Cursor<'_>, width: usize) -> Result<Vec<u64>, HdfError> {
    let rank = rank(fields)?;
    let mut least = vec![0; rank];
    for _ in 0..fields.uint(width)? {
        fields.skip(rank * width)?;
        for side in &mut least {
            *side = fields.uint(width)?.saturating_add(1).max(*side);
        }
    }
    Ok(least)
}

/// Reads one box and its repetition: first element, distance, count, size along each dimension.
fn regular(fields: &mut Cursor<'_>, width: usize) -> Result<Vec<u64>, HdfError> {
    let rank = rank(fields)?;
    let mut least = Vec::with_capacity(rank);
    for _ in 0..rank {
        let mut number = || {
            let ones = UNLIMITED >> (64 - 8 * width);
            fields.uint(width).map(|number| if number == ones { UNLIMITED } else { number })
        };
        let (start, stride, count, block) = (number()?, number()?, number()?, number()?);
        least.push(match (count, block) {
            (UNLIMITED | 0, _) | (_, UNLIMITED) => 0,
            _ => start.saturating_add((count - 1).saturating_mul(stride)).saturating_add(block),
        });
    }
    Ok(least)
}

fn rank(fields: &mut Cursor<'_>) -> Result<usize, HdfError> {
    let rank = fields.u32()? as usize;
    if (1..=MAX_RANK).contains(&rank) {
        Ok(rank)
    } else {
        Err(fields.damaged(format!("a selection of {rank} dimensions")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Widths;
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn least(bytes: &[u8]) -> Result<Vec<u64>, HdfError> {
        let mut fields = Cursor::new(WHAT, bytes, 0, Widths { address: 8, length: 8 });
        let least = selected(&mut fields)?;
        assert_eq!(fields.remaining(), 0);
        Ok(least)
    }

    /// Takes numbers of so many bytes.
    fn wide(width: usize, numbers: &[u64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()[..width].to_vec()).collect()
    }

    #[test]
    fn every_form_of_selection() {
        let all = wide(4, &[3, 1, 0, 0]);
        let points = [wide(4, &[1, 1, 0, 16]), vec![0; 16]].concat();
        let blocks = wide(4, &[2, 1, 0, 0, 2, 2, 1, 2, 4, 6, 0, 0, 9, 1]);
        let regular = [wide(4, &[2, 2]), vec![1], wide(4, &[64, 2])].concat();
        let regular = [regular, wide(8, &[1, 3, 4, 2, 5, 1, u64::MAX, 1])].concat();
        let short = [wide(4, &[2, 3]), vec![1, 2], wide(4, &[1]), wide(2, &[7, 1, 1, 5])].concat();
        let irregular = [wide(4, &[2, 3]), vec![0, 2], wide(4, &[1]), wide(2, &[1, 3, 8])].concat();
        for (bytes, expected) in [
            (&all, &[][..]),
            (&points, &[]),
            (&blocks, &[10, 7]),
            (&regular, &[12, 0]),
            (&short, &[12]),
            (&irregular, &[9]),
        ] {
            assert_eq!(least(bytes).unwrap(), expected);
            for length in 0..bytes.len() {
                assert!(least(&bytes[..length]).is_err());
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for bytes in [
            wide(4, &[2, 1, 0, 0, 0, 0]),
            wide(4, &[2, 1, 0, 0, 33, 0]),
            wide(4, &[4, 1, 0, 0]),
            wide(4, &[2, 4, 0, 0]),
            [wide(4, &[2, 3]), vec![1, 3], wide(4, &[1])].concat(),
        ] {
            assert!(least(&bytes).is_err());
        }
    }
}
