//! Dataspaces (specification, IV.A.2.b): how many elements, in which shape.

use super::HdfError;
use super::cursor::Cursor;

/// The format's most dimensions.
pub(super) const MAX_RANK: usize = 32;

/// A shape.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Dataspace {
    /// Slowest first; none for a scalar. `None` when there are no elements at all (a null space).
    pub dimensions: Option<Vec<u64>>,
    /// Maximum dimensions, [`u64::MAX`] for unlimited; the dimensions themselves where they are fixed.
    pub most: Vec<u64>,
}

impl Dataspace {
    pub(super) fn read(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        const NULL: u8 = 2;
        let version = fields.u8()?;
        let rank = usize::from(fields.u8()?);
        let flags = fields.u8()?;
        let null = match version {
            1 => {
                fields.skip(5)?;
                false
            }
            2 => fields.u8()? == NULL,
            _ => return Err(fields.unknown_version(version)),
        };
        if rank > MAX_RANK {
            return Err(fields.damaged(format!("{rank} dimensions are more than the format's {MAX_RANK}")));
        }
        let sides =
            |fields: &mut Cursor<'_>| (0..rank).map(|_| fields.length()).collect::<Result<Vec<_>, _>>();
        let dimensions = sides(fields)?;
        let most = if flags & 1 != 0 { sides(fields)? } else { dimensions.clone() };
        if dimensions.iter().zip(&most).any(|(side, most)| side > most) {
            return Err(fields.damaged("a dimension is larger than it may grow"));
        }
        let space = Self { dimensions: (!null).then_some(dimensions), most };
        if space.count().is_none() {
            return Err(fields.damaged("the dimensions' product is beyond 64 bits"));
        }
        Ok(space)
    }

    /// Counts the elements; `None` beyond 64 bits, which no space that was read has.
    pub(super) fn count(&self) -> Option<u64> {
        let Some(dimensions) = &self.dimensions else { return Some(0) };
        if dimensions.contains(&0) {
            return Some(0);
        }
        dimensions.iter().try_fold(1_u64, |count, &side| count.checked_mul(side))
    }

    /// Returns the number of elements.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.count().unwrap_or(u64::MAX)
    }
}
