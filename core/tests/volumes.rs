//! Volumes, whose chunks are parts of several sections: what comes out does not depend on how much is read at
//! once, whatever the input's pixels and chunks.

use e2compress_core::image::Images;
use e2compress_core::{
    ExpandOptions, Memory, NoProgress, Options, VerifyOptions, compress, expand, open, verify,
};
use e2compress_fixtures::made::{Mrc, Noise};

/// Nothing held and bands on their own; and everything held.
const LEAST: Memory = Memory { hold: 0, wave: 1 };
const MOST: Memory = Memory::DEFAULT;

/// Two bricks and a bit along each axis, rows of an odd number of pixels.
const SIDES: [i32; 3] = [139, 141, 18];

fn volume(mode: i32, row_bytes: usize) -> Vec<u8> {
    let [nx, ny, nz] = SIDES;
    let mut mrc = Mrc::new(nx, ny, nz, mode);
    let rows = (ny * nz) as usize;
    let mut noise = Noise(5);
    if mode == 2 {
        mrc.bytes.extend(noise.take(rows * row_bytes / 4).flat_map(f32::to_le_bytes));
    } else {
        mrc.bytes.extend((0..rows * row_bytes).map(|_| (noise.even() * 256.0) as u8));
    }
    mrc.bytes
}

fn compressed(images: &dyn Images, bits: i64, memory: Memory) -> Vec<u8> {
    let mut out = Vec::new();
    let options = Options { memory, ..Options::bits(bits).unwrap() };
    compress(images, "volume", &mut out, &options, &NoProgress).unwrap();
    out
}

fn expanded(images: &dyn Images, memory: Memory) -> Vec<u8> {
    let mut out = Vec::new();
    expand(images, &mut out, &ExpandOptions { mode: None, memory }, &NoProgress).unwrap();
    out
}

#[test]
fn every_way_through_gives_the_same() {
    // Floats, bytes, and 4 bits per pixel, in rows of an odd number of them.
    for (mode, row_bytes, bits) in [(2, 4 * 139, 12), (2, 4 * 139, 0), (0, 139, 8), (101, 70, 4)] {
        let mrc = volume(mode, row_bytes);
        let mrc_source = mrc.as_slice();
        let original = open(&mrc_source, "volume.mrc").unwrap();
        let hdf = compressed(&*original, bits, MOST);
        assert!(hdf == compressed(&*original, bits, LEAST), "mode {mode}");
        let hdf_source = hdf.as_slice();
        let written = open(&hdf_source, "volume.hdf").unwrap();
        let storage = written.storage(0).unwrap().unwrap();
        assert_eq!((storage.chunks, storage.expected), (5 * 3 * 3, 5 * 3 * 3));
        for memory in [LEAST, MOST] {
            let options = VerifyOptions { memory };
            verify(&*written, Some(&*original), &options, &NoProgress).unwrap();
            verify(&*written, None, &options, &NoProgress).unwrap();
        }
        if bits != 12 {
            // Nothing was lost, and rows come in the order of the image.
            assert_eq!(written.values(0).unwrap(), original.values(0).unwrap());
        }
        let back = expanded(&*written, MOST);
        assert!(back == expanded(&*written, LEAST), "mode {mode}");
        // Compressed again, its chunks fill bands as they are.
        let again = compressed(&*written, bits, MOST);
        assert!(again == compressed(&*written, bits, LEAST), "mode {mode}");
        assert_eq!(open(&again.as_slice(), "a.hdf").unwrap().values(0).unwrap(), written.values(0).unwrap());
        // Rows of a contiguous dataset, and of another part of the image.
        let raw = compressed(&*written, -1, LEAST);
        assert!(raw == compressed(&*written, -1, MOST), "mode {mode}");
        assert_eq!(open(&raw.as_slice(), "raw.hdf").unwrap().values(0).unwrap(), written.values(0).unwrap());
    }
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let mrc = volume(0, 139);
    let mrc_source = mrc.as_slice();
    let original = open(&mrc_source, "volume.mrc").unwrap();
    let hdf = compressed(&*original, 8, MOST);
    let hdf_source = hdf.as_slice();
    let written = open(&hdf_source, "volume.hdf").unwrap();
    let [nx, ny, _] = SIDES.map(|side| side as usize);
    // In a whole brick, in one that is cut at the right, and in the last one.
    for [section, row, column] in [[5, 70, 3], [2, 140, 138], [17, 140, 138]] {
        let mut other = mrc.clone();
        other[Mrc::HEADER + (section * ny + row) * nx + column] ^= 1;
        let other_source = other.as_slice();
        let other = open(&other_source, "other.mrc").unwrap();
        let found = verify(&*written, Some(&*other), &VerifyOptions { memory: LEAST }, &NoProgress);
        let words = found.unwrap_err().to_string();
        let place = format!("row {row}, column {column}");
        assert!(words.contains(&place) && words.contains(&format!("section {section}")), "{words}");
    }
}
