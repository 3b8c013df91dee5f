//! How many images a file holds, by its name and its header.
//!
//! The name decides as in EMAN2: sections of `.mrcs` are images, any other name is one image or volume. Only
//! MRC2014's stacks of volumes (space groups 401 to 630) are several volumes. Users meet the difference
//! with movies: leschzinerlab/Motion-correction#2, I2PC/scipion#106. Space group 0 alone says nothing, since
//! RELION, ChimeraX and cryoSPARC write it for volumes (3dem/relion#1345, MDAnalysis/GridDataFormats#150).

use crate::warning::Warning;

/// Space groups of stacks of volumes: 400 and that of each volume.
pub const VOLUMES: std::ops::RangeInclusive<i32> = 401..=630;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// Sections are images.
    pub flat: bool,
    /// Volumes in the file; 1 where sections are images.
    pub volumes: u32,
    /// What its owner should know.
    pub warning: Option<Warning>,
}

/// Returns whether a name says that sections are images.
fn is_stack_by_name(name: &str) -> bool {
    name.len() >= 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b".mrcs")
}

/// Decides for a file of so many sections, `each` of which make a volume by the header's grid.
pub fn of(name: &str, space_group: i32, sections: u32, each: i32) -> Stack {
    let each = u32::try_from(each).ok().filter(|&each| each > 0);
    let volumes = each.filter(|each| VOLUMES.contains(&space_group) && sections.is_multiple_of(*each));
    let flat = is_stack_by_name(name);
    let warning = match (flat, volumes, each) {
        (true, Some(each @ 2..), _) => Some(Warning::VolumesByHeader { sections, each }),
        (false, None, Some(1)) if sections > 1 => Some(Warning::ImagesByHeader { sections }),
        _ => None,
    };
    let volumes = if flat { 1 } else { volumes.map_or(1, |each| sections / each) };
    Stack { flat, volumes, warning }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_name_decides_but_for_stacks_of_volumes() {
        for (name, space_group, sections, each, flat, volumes, told) in [
            ("a.mrc", 1, 12, 12, false, 1, false),
            ("a.mrc", 0, 12, 12, false, 1, false),
            ("a.mrc", 0, 12, 1, false, 1, true),
            ("a.mrc", 1, 1, 1, false, 1, false),
            ("a.st", 401, 12, 4, false, 3, false),
            ("a.map", 630, 12, 12, false, 1, false),
            ("a.map", 401, 12, 5, false, 1, false),
            ("a.map", 631, 12, 4, false, 1, false),
            ("a.map", 401, 12, 0, false, 1, false),
            ("a.mrcs", 0, 12, 1, true, 1, false),
            ("a.MRCS", 1, 12, 12, true, 1, false),
            ("a.mrcs", 401, 12, 4, true, 1, true),
        ] {
            let found = of(name, space_group, sections, each);
            assert_eq!(
                (found.flat, found.volumes, found.warning.is_some()),
                (flat, volumes, told),
                "{name} {space_group} {sections} {each}"
            );
        }
    }
}
