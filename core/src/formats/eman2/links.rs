//! Where names in groups lead: hard links, and soft links inside the file, which EMAN2 follows too.

use crate::formats::hdf5::read::{File, Group, HdfError, Object, ObjectKind, Target};

/// Soft links that may follow each other, as in libhdf5.
const MOST_LINKS: u32 = 16;

/// Where a name leads.
pub enum Leads {
    /// To an object of this file.
    To(Object),
    /// Nowhere.
    Nowhere,
    /// Out of the file.
    Out,
}

/// Returns where `name` leads in the group at `path`.
pub fn follow(file: &File<'_>, path: &str, group: &Group, name: &str) -> Result<Leads, HdfError> {
    lead(file, path, group, name, MOST_LINKS)
}

fn lead(file: &File<'_>, path: &str, group: &Group, name: &str, left: u32) -> Result<Leads, HdfError> {
    match group.find(file, name)? {
        Some(Target::Object(address)) => Ok(Leads::To(file.object(address)?)),
        Some(Target::Path(to)) if left > 0 => {
            let to = if to.starts_with('/') { to } else { format!("{path}/{to}") };
            walk(file, &to, left - 1)
        }
        Some(Target::External { .. } | Target::UserDefined(_)) => Ok(Leads::Out),
        Some(Target::Path(_)) | None => Ok(Leads::Nowhere),
    }
}

/// Returns what is at an absolute path.
fn walk(file: &File<'_>, path: &str, left: u32) -> Result<Leads, HdfError> {
    let mut object = file.object(file.root())?;
    let mut here = String::new();
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        if object.kind() != ObjectKind::Group {
            return Ok(Leads::Nowhere);
        }
        match lead(file, &here, &object.group(file)?, name, left)? {
            Leads::To(next) => object = next,
            other => return Ok(other),
        }
        here = format!("{here}/{name}");
    }
    Ok(Leads::To(object))
}
