//! Where the density lies: cell, sampling, axes, origin. The original header's where the image is
//! still the one it described, otherwise what the image's size, pixel size and origin say.

use super::header_attributes::HeaderAttributes;
use super::{KeptHeader, Layout};
use crate::formats::mrc::axes::Axes;
use crate::formats::mrc::header::{PIXEL_SIZES, at, pixel_size};
use crate::formats::mrc::stacks::VOLUMES;

/// Below this, in Angstrom, a pixel size comes from a cell edge that was not set: EMAN2 keeps 1 for it.
const SMALLEST_PIXEL: f32 = 0.1;

/// Relative difference between equal pixel sizes, from division and multiplication in `f32`.
const SAME: f32 = 1e-5;

/// Space groups: images, volumes, and MRC2014's stacks of volumes, to which that of each is added.
const IMAGES: i32 = 0;
const VOLUME: i32 = 1;
const LAST_GROUP: i32 = 230;

/// Attributes of pixel size and origin.
const PIXEL: [&str; 3] = ["apix_x", "apix_y", "apix_z"];
const ORIGIN: [&str; 3] = ["origin_x", "origin_y", "origin_z"];

/// Geometry words of a header, in the header's order.
pub struct Geometry {
    /// First column, row, section.
    pub start: [i32; 3],
    /// Intervals along the cell's x, y, z.
    pub grid: [i32; 3],
    /// Edges in Angstrom.
    pub cell: [f32; 3],
    /// In degrees.
    pub angles: [f32; 3],
    /// Axis of columns, rows, sections: 1 is x.
    pub axes: [i32; 3],
    /// ISPG.
    pub space_group: i32,
    /// Along x, y, z.
    pub origin: [f32; 3],
}

impl Geometry {
    /// Computes the geometry for images of these attributes that came from a file with this header.
    pub fn of(layout: &Layout, kept: HeaderAttributes<'_>, original: Option<&KeptHeader>) -> Self {
        match original.filter(|original| original.describes) {
            Some(original) => Self::of_original(kept, original),
            None => Self::of_attributes(layout, kept, original.is_some()),
        }
    }

    /// Takes the original's words, but for pixel size and origin where an edit changed them.
    fn of_original(kept: HeaderAttributes<'_>, original: &KeptHeader) -> Self {
        let header = original.header();
        let words = |offset: usize| [0, 4, 8].map(|word| header.float(offset + word));
        let (mut grid, mut cell, mut origin) = (header.grid(), header.cell(), words(at::ORIGIN));
        let shape = Axes::of(header.axes())
            .in_order(header.shape().map_or([1; 3], |shape| [shape.nx, shape.ny, shape.nz]));
        for axis in 0..3 {
            let was = header.pixel_sizes()[axis];
            if let Some(now) = kept.float(PIXEL[axis]).filter(|now| (now - was).abs() > SAME * was) {
                if grid[axis] <= 0 {
                    grid[axis] = shape[axis] as i32;
                }
                cell[axis] = now * grid[axis] as f32;
            }
            let changed = |now: &f32| *now != origin[axis] && origin[axis].is_finite();
            if let Some(now) = kept.float(ORIGIN[axis]).filter(changed) {
                origin[axis] = now;
            }
        }
        let (start, angles, axes) = (original.start(), words(at::ANGLES), [1, 2, 3]);
        Self { start, grid, cell, angles, axes, space_group: header.space_group(), origin }
    }

    /// Takes what size, pixel size and origin say, and the original's words as far as attributes kept them. `ordered`
    /// says that those of all axes are in the order x, y, z.
    fn of_attributes(layout: &Layout, kept: HeaderAttributes<'_>, ordered: bool) -> Self {
        let sides = [layout.shape.nx, layout.shape.ny, layout.shape.nz].map(|side| side as i32);
        // Programs that change an image's size leave the original's header words as they were.
        let described = kept.three_ints(["MRC.nx", "MRC.ny", "MRC.nz"]) == Some(sides);
        // EMAN2 exchanges grid, pixel size and origin of transposed files, which belong to x and y already.
        let exchanged = !ordered && described && exchanged_by_eman2(kept);
        let unswap = |[x, y, z]: [i32; 3]| if exchanged { [y, x, z] } else { [x, y, z] };
        let unswap_floats = |[x, y, z]: [f32; 3]| if exchanged { [y, x, z] } else { [x, y, z] };

        let pixel = unswap_floats(PIXEL.map(|name| {
            kept.float(name).filter(|size| PIXEL_SIZES.contains(&f64::from(*size))).unwrap_or(1.0)
        }));
        let kept_group = kept.int("MRC.ispg").filter(|_| described);
        let mut grid = sides;
        let mut cell = [0, 1, 2].map(|axis| pixel[axis] * sides[axis] as f32);
        if layout.is_flat_stack() {
            (grid[2], cell[2]) = (1, pixel[2]);
        }
        let kept_grid = kept.three_ints(["MRC.mx", "MRC.my", "MRC.mz"]).map(unswap);
        let kept_cell = kept.three_floats(["MRC.xlen", "MRC.ylen", "MRC.zlen"]);
        if let (true, Some(kept_grid), Some(kept_cell)) = (described, kept_grid, kept_cell) {
            // A pixel size that was changed since outweighs the original cell.
            let wanted = pixel;
            let holds = |axis: usize| {
                let size = pixel_size(kept_cell[axis], kept_grid[axis]);
                kept_grid[axis] > 0
                    && kept_cell[axis] >= 0.0
                    && (size - wanted[axis]).abs() <= SAME * wanted[axis]
            };
            let mut take = |axis: usize| {
                grid[axis] = kept_grid[axis];
                cell[axis] = edge(kept_cell[axis], kept_grid[axis]);
            };
            if holds(0) && holds(1) {
                take(0);
                take(1);
            }
            // An image that came from a stack, or goes into one, is one section deep.
            let deep = sides[2] > 1 || kept_grid[2] == 1 || kept_group.is_some_and(|group| group > IMAGES);
            if layout.images == 1 && deep && holds(2) {
                take(2);
            }
        }
        let space_group = space_group(layout, kept_group, grid[2]);
        let angles = kept.three_floats(["MRC.alpha", "MRC.beta", "MRC.gamma"]).unwrap_or([90.0; 3]);
        let start = kept.three_ints(["MRC.nxstart", "MRC.nystart", "MRC.nzstart"]);
        let origin = ORIGIN.map(|name| kept.float(name).unwrap_or(0.0));
        Self {
            start: start.filter(|_| described).unwrap_or([0; 3]),
            grid,
            cell,
            angles: angles.map(|angle| if angle > 0.0 && angle < 180.0 { angle } else { 90.0 }),
            axes: [1, 2, 3],
            space_group,
            origin: unswap_floats(origin),
        }
    }
}

/// Returns the length of an edge of the original; 1 stands for one that was not set where that would be
/// invalid.
fn edge(kept: f32, grid: i32) -> f32 {
    if kept == 1.0 && kept / (grid as f32) < SMALLEST_PIXEL { 0.0 } else { kept }
}

/// Tells whether the attributes are EMAN2's of a transposed file: mapc, mapr = 2, 1, and the pixel size along x is that
/// of the cell's y. Where both sizes are the same the origin alone tells nothing, and stays.
fn exchanged_by_eman2(kept: HeaderAttributes<'_>) -> bool {
    let transposed = kept.three_ints(["MRC.mapc", "MRC.mapr", "MRC.maps"]) == Some([2, 1, 3]);
    let (Some(grid), Some(cell), Some(pixel)) = (
        kept.three_ints(["MRC.mx", "MRC.my", "MRC.mz"]),
        kept.three_floats(["MRC.xlen", "MRC.ylen", "MRC.zlen"]),
        kept.three_floats(PIXEL),
    ) else {
        return false;
    };
    let near = |a: f32, b: f32| (a - b).abs() <= SAME * b.abs();
    let is = |x: usize, y: usize| {
        near(pixel[x], pixel_size(cell[0], grid[y])) && near(pixel[y], pixel_size(cell[1], grid[x]))
    };
    transposed
        && is(1, 0)
        && !(near(pixel[0], pixel_size(cell[0], grid[0])) && near(pixel[1], pixel_size(cell[1], grid[1])))
}

/// Returns the original's space group where it fits what is written, `mz` sections per volume.
fn space_group(layout: &Layout, kept: Option<i32>, mz: i32) -> i32 {
    let volume = layout.shape.nz > 1;
    match kept {
        _ if layout.is_flat_stack() => IMAGES,
        Some(kept) if layout.images > 1 && VOLUMES.contains(&kept) => kept,
        _ if layout.images > 1 => *VOLUMES.start(),
        Some(kept) if (IMAGES..=LAST_GROUP).contains(&kept) => kept,
        Some(kept) if VOLUMES.contains(&kept) && (layout.shape.nz as i32) % mz == 0 => kept,
        _ if volume => VOLUME,
        _ => IMAGES,
    }
}
