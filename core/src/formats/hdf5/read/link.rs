//! Links (specification, IV.A.2.g): what a group calls an object.

use super::HdfError;
use super::cursor::{Cursor, text};

/// Target of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A hard link to the object whose header is at this address.
    Object(u64),
    /// A soft link to a path in the same file, which may not exist.
    Path(String),
    /// An external link to a path in another file.
    External {
        /// The other file.
        file: String,
        /// The path in it.
        path: String,
    },
    /// Wherever a user-defined link of this type leads.
    UserDefined(u8),
}

/// A name in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The name.
    pub name: String,
    /// Target of the link.
    pub target: Target,
    /// Place in the order of creation, where the file keeps that.
    pub(super) order: Option<u64>,
}

impl Link {
    /// Reads a link message.
    pub(super) fn read(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        const TYPED: u8 = 1 << 3;
        const ORDERED: u8 = 1 << 2;
        const CHARACTER_SET: u8 = 1 << 4;
        fields.version(1)?;
        let flags = fields.u8()?;
        let kind = if flags & TYPED != 0 { fields.u8()? } else { 0 };
        let order = if flags & ORDERED != 0 { Some(fields.u64()?) } else { None };
        fields.skip(usize::from(flags & CHARACTER_SET != 0))?; // ASCII is UTF-8, too
        let name_bytes = fields.uint(1 << (flags & 3))?;
        let name_bytes = usize::try_from(name_bytes).unwrap_or(usize::MAX);
        let name = fields.take(name_bytes)?;
        // Others take the name to end there.
        if name.is_empty() || name.contains(&0) {
            return Err(fields.damaged("its name is empty, or has a NUL in it"));
        }
        let name = text(name);
        let target = match kind {
            0 => Target::Object(fields.required()?),
            1 => {
                let length = fields.u16()?;
                Target::Path(text(fields.take(length.into())?))
            }
            64 => {
                fields.skip(2 + 1)?; // length, version and flags
                Target::External { file: text(fields.until_nul()?), path: text(fields.until_nul()?) }
            }
            65.. => Target::UserDefined(kind),
            _ => return Err(fields.damaged(format!("link type {kind} is not defined"))),
        };
        Ok(Self { name, target, order })
    }
}
