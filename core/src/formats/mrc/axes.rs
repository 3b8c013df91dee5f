//! Axes: which of x, y, z the columns, rows and sections of a file run along.
//!
//! Columns, rows and sections run along mapc, mapr, maps; grid, cell and origin belong to x, y, z already
//! (MRC2014; ccpem/mrcfile#23). Taken as they lie, an odd permutation mirrors the molecule; about a tenth of
//! EMDB has one (salilab/imp#1053), crystallographic maps often (project-gemmi/gemmi#197).

use std::ops::Range;

use crate::error::Error;
use crate::image::{PixelType, Shape};

/// Bytes held of a volume that is turned: more where its columns run along z, since then every file row is
/// read once for each part that is held.
const HELD_BYTES: u64 = 16 << 20;
const HELD_BYTES_ALONG_Z: u64 = 64 << 20;

/// Bytes read at once where whole file rows follow each other.
const STRIP_BYTES: u64 = 1 << 20;

/// The axis, 0 for x, of columns, rows, sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes([usize; 3]);

impl Axes {
    /// Returns the axes of the words mapc, mapr, maps; anything that is no permutation means x, y, z.
    pub fn of(words: [i32; 3]) -> Self {
        let mut sorted = words;
        sorted.sort_unstable();
        Self(if sorted == [1, 2, 3] { words.map(|axis| axis as usize - 1) } else { [0, 1, 2] })
    }

    /// Returns whether columns, rows, sections run along x, y, z.
    pub fn are_in_order(self) -> bool {
        self.0 == [0, 1, 2]
    }

    /// Returns the axis that sections run along.
    pub fn of_sections(self) -> usize {
        self.0[2]
    }

    /// Brings what belongs to columns, rows, sections into the order x, y, z.
    pub fn in_order<T: Copy>(self, of_file: [T; 3]) -> [T; 3] {
        let mut ordered = of_file;
        for (value, axis) in of_file.into_iter().zip(self.0) {
            ordered[axis] = value;
        }
        ordered
    }
}

/// The part of a volume that is held in the order x, y, z.
#[derive(Default)]
pub struct Turned {
    /// Which volume, and which of its sections and their rows.
    place: Option<(u64, Range<u64>, Range<u64>)>,
    bytes: Vec<u8>,
}

/// A volume as it lies in the file.
pub struct Volume {
    pub axes: Axes,
    /// Columns, rows, sections of the file.
    pub in_file: Shape,
    pub kind: PixelType,
}

impl Volume {
    /// Returns the shape along x, y, z.
    pub fn shape(&self) -> Shape {
        let Shape { nx, ny, nz } = self.in_file;
        let [nx, ny, nz] = self.axes.in_order([nx, ny, nz]);
        Shape { nx, ny, nz }
    }

    /// Returns the bytes of a pixel once it is turned: 4-bit pixels take a byte each then.
    fn element(&self) -> u64 {
        self.kind.bytes() as u64
    }

    fn file_row_bytes(&self) -> u64 {
        (u64::from(self.in_file.nx) * u64::from(self.kind.bits())).div_ceil(8)
    }

    /// Returns the bytes of the volume in the file.
    pub fn bytes(&self) -> u64 {
        self.file_row_bytes() * self.in_file.rows()
    }

    /// Returns the sections and rows held together.
    fn extent(&self) -> [u64; 2] {
        let shape = self.shape();
        let row = u64::from(shape.nx) * self.element();
        let most = if self.axes.0[0] == 2 { HELD_BYTES_ALONG_Z } else { HELD_BYTES };
        let rows = most / row;
        if rows >= shape.ny.into() { [rows / u64::from(shape.ny), shape.ny.into()] } else { [1, rows.max(1)] }
    }
}

impl Turned {
    /// Fills `out` with rows of volume `number`, counted through its sections along z. `read` reads bytes at a
    /// place in that volume.
    pub fn read(
        &mut self,
        volume: &Volume,
        number: u64,
        rows: Range<u64>,
        mut out: &mut [u8],
        read: impl Fn(u64, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let shape = volume.shape();
        let ny = u64::from(shape.ny);
        let row_bytes = (u64::from(shape.nx) * volume.element()) as usize;
        let mut row = rows.start;
        while row < rows.end {
            let (z, y) = (row / ny, row % ny);
            let there = self.place.as_ref().is_some_and(|(held, sections, rows)| {
                *held == number && sections.contains(&z) && rows.contains(&y)
            });
            if !there {
                self.place = None;
                let [deep, high] = volume.extent();
                let (first_z, first_y) = (z / deep * deep, y / high * high);
                let sections = first_z..(first_z + deep).min(shape.nz.into());
                let rows = first_y..(first_y + high).min(ny);
                self.turn(volume, &sections, &rows, &read)?;
                self.place = Some((number, sections, rows));
            }
            let Some((_, sections, held)) = &self.place else { break };
            let high = held.end - held.start;
            let count = (held.end - y).min(rows.end - row);
            let from = ((z - sections.start) * high + y - held.start) as usize * row_bytes;
            let (part, rest) = out.split_at_mut(count as usize * row_bytes);
            part.copy_from_slice(&self.bytes[from..from + part.len()]);
            out = rest;
            row += count;
        }
        Ok(())
    }

    /// Puts a box of the volume, whole along x, into order.
    fn turn(
        &mut self,
        volume: &Volume,
        sections: &Range<u64>,
        rows: &Range<u64>,
        read: &impl Fn(u64, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let nx = u64::from(volume.shape().nx);
        let of_box = [0..nx, rows.clone(), sections.clone()];
        let length = |range: &Range<u64>| range.end - range.start;
        let element = volume.element();
        let steps = [element, element * nx, element * nx * length(rows)];
        self.bytes.resize((steps[2] * length(sections)) as usize, 0);
        // The same box and steps, by the file's columns, rows and sections.
        let [columns, file_rows, file_sections] = volume.axes.0.map(|axis| of_box[axis].clone());
        let [column_step, row_step, section_step] = volume.axes.0.map(|axis| steps[axis] as usize);
        let bits = u64::from(volume.kind.bits());
        let part = columns.start * bits / 8..(columns.end * bits).div_ceil(8);
        let row_bytes = volume.file_row_bytes();
        let whole = length(&part) == row_bytes;
        let strip = if whole { (STRIP_BYTES / row_bytes).max(1) } else { 1 };
        let mut buffer = Vec::new();
        for (plane, section) in file_sections.enumerate() {
            for first in file_rows.clone().step_by(strip as usize) {
                let count = strip.min(file_rows.end - first);
                buffer.resize((count * length(&part)) as usize, 0);
                let row = section * u64::from(volume.in_file.ny) + first;
                read(row * row_bytes + part.start, &mut buffer)?;
                for (line, stored) in buffer.chunks_exact(length(&part) as usize).enumerate() {
                    let line = (first - file_rows.start) as usize + line;
                    let to = &mut self.bytes[plane * section_step + line * row_step..];
                    match volume.kind.bytes() {
                        1 if volume.kind == PixelType::U4 => {
                            let pixels = columns.clone().map(|column| {
                                let pair = stored[(column / 2 - part.start) as usize];
                                [if column.is_multiple_of(2) { pair & 15 } else { pair >> 4 }]
                            });
                            scatter(pixels, to, column_step);
                        }
                        1 => scatter(stored.as_chunks::<1>().0.iter().copied(), to, column_step),
                        2 => scatter(stored.as_chunks::<2>().0.iter().copied(), to, column_step),
                        _ => scatter(stored.as_chunks::<4>().0.iter().copied(), to, column_step),
                    }
                }
            }
        }
        Ok(())
    }
}

/// Puts elements into places so many bytes apart.
fn scatter<const N: usize>(elements: impl Iterator<Item = [u8; N]>, to: &mut [u8], step: usize) {
    for (element, place) in elements.zip(to.chunks_mut(step)) {
        place[..N].copy_from_slice(&element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const SHAPE: Shape = Shape { nx: 5, ny: 4, nz: 3 };

    /// Checks that every permutation of every pixel type, in every piece, comes out as x, y, z.
    #[test]
    fn volumes_come_out_in_order() {
        for words in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
            for kind in [PixelType::U4, PixelType::U8, PixelType::I16, PixelType::F32] {
                let volume = Volume { axes: Axes::of(words), in_file: SHAPE, kind };
                let shape = volume.shape();
                let place = |file: [u32; 3]| {
                    let [x, y, z] = volume.axes.in_order(file);
                    ((z * shape.ny + y) * shape.nx + x) as u8
                };
                let (mut stored, mut wanted) = (Vec::new(), vec![0; 60 * kind.bytes()]);
                for section in 0..SHAPE.nz {
                    for row in 0..SHAPE.ny {
                        let places: Vec<u8> =
                            (0..SHAPE.nx).map(|column| place([column, row, section])).collect();
                        for &place in &places {
                            let value = if kind == PixelType::U4 { place % 16 } else { place };
                            wanted[usize::from(place) * kind.bytes()] = value;
                        }
                        if kind == PixelType::U4 {
                            let nibble = |place: Option<&u8>| place.map_or(0, |place| place % 16);
                            stored.extend(
                                places.chunks(2).map(|pair| (pair[0] % 16) | (nibble(pair.get(1)) << 4)),
                            );
                        } else {
                            for place in places {
                                stored.push(place);
                                stored.resize(stored.len() + kind.bytes() - 1, 0);
                            }
                        }
                    }
                }
                assert_eq!(stored.len() as u64, volume.bytes());
                let rows = shape.rows();
                for step in 1..=rows {
                    let mut turned = Turned::default();
                    let mut found = vec![9; wanted.len()];
                    for start in (0..rows).step_by(step as usize) {
                        let rows = start..(start + step).min(rows);
                        let bytes = |row: u64| row as usize * shape.nx as usize * kind.bytes();
                        let out = &mut found[bytes(rows.start)..bytes(rows.end)];
                        let read = |at: u64, bytes: &mut [u8]| {
                            bytes.copy_from_slice(&stored[at as usize..at as usize + bytes.len()]);
                            Ok(())
                        };
                        turned.read(&volume, 0, rows, out, read).unwrap();
                    }
                    assert_eq!(found, wanted, "{words:?} {kind:?} {step}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_permutation_means_order() {
        for words in [[0, 0, 0], [10, 11, 12], [1, 1, 3], [-1, 2, 3], [i32::MIN, 2, 3]] {
            assert!(Axes::of(words).are_in_order(), "{words:?}");
        }
        assert_eq!(
            Axes::of([2, 3, 1]).in_order(["along y", "along z", "along x"]),
            ["along x", "along y", "along z"]
        );
    }
}
