//! Where the density lies: cell, sampling, axes, origin. The original header's where the image is
//! still the one it described, otherwise what the image's size, pixel size and origin say.

use super::Layout;
use super::header_attributes::HeaderAttributes;
use crate::formats::mrc::header::PIXEL_SIZES;

/// Below this, in Angstrom, a pixel size comes from a cell edge that was not set: EMAN2 keeps 1 for it.
const SMALLEST_PIXEL: f32 = 0.1;

/// Relative difference between equal pixel sizes, from division and multiplication in `f32`.
const SAME: f32 = 1e-5;

/// Space groups: images, volumes, and MRC2014's stacks of volumes, to which that of each is added.
const IMAGES: i32 = 0;
const VOLUME: i32 = 1;
const LAST_GROUP: i32 = 230;
const VOLUMES: std::ops::RangeInclusive<i32> = 401..=630;

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
    /// Computes the geometry of images with these attributes.
    pub fn of(layout: &Layout, kept: HeaderAttributes<'_>) -> Self {
        let sides = [layout.shape.nx, layout.shape.ny, layout.shape.nz].map(|side| side as i32);
        // Programs that change an image's size leave the original's header words as they were.
        let described = kept.three_ints(["MRC.nx", "MRC.ny", "MRC.nz"]) == Some(sides);
        let axes = kept.three_ints(["MRC.mapc", "MRC.mapr", "MRC.maps"]).filter(|_| described);
        // Transposed files were swapped when they were read, size, start, grid and origin with them.
        // Columns run along x now; grid and origin, which belong to the cell's axes, swap back.
        let transposed = axes.is_some_and(|axes| axes[..2] == [2, 1]);
        let unswap = |[x, y, z]: [i32; 3]| if transposed { [y, x, z] } else { [x, y, z] };
        let unswap_floats = |[x, y, z]: [f32; 3]| if transposed { [y, x, z] } else { [x, y, z] };
        let axes = axes.filter(|axes| !transposed && is_permutation(*axes)).unwrap_or([1, 2, 3]);

        let pixel = ["apix_x", "apix_y", "apix_z"]
            .map(|name| kept.float(name).filter(|size| PIXEL_SIZES.contains(size)).unwrap_or(1.0));
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
            let wanted = unswap_floats(pixel);
            let holds = |axis: usize| {
                let size = kept_cell[axis] / kept_grid[axis] as f32;
                let size = if PIXEL_SIZES.contains(&size) { size } else { 1.0 };
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
        let origin = ["origin_x", "origin_y", "origin_z"].map(|name| kept.float(name).unwrap_or(0.0));
        Self {
            start: start.filter(|_| described).unwrap_or([0; 3]),
            grid,
            cell,
            angles: angles.map(|angle| if angle > 0.0 && angle < 180.0 { angle } else { 90.0 }),
            axes,
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

fn is_permutation(mut axes: [i32; 3]) -> bool {
    axes.sort_unstable();
    axes == [1, 2, 3]
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
