//! Streams as the verbs read them: how often they are decoded, and in how much memory.

use std::cell::Cell;
use std::io;

use miniz_oxide::deflate::compress_to_vec;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::compress::compress;
use crate::compress::options::Options;
use crate::expand::{ExpandOptions, expand};
use crate::formats::OpenOptions;
use crate::formats::open;
use crate::formats::open_with;
use crate::image::Selection;
use crate::pipeline::budget::Memory;
use crate::pipeline::progress::NoProgress;
use crate::quantise::limits::LimitRule;
use crate::verify::{VerifyOptions, verify};
use crate::warning::Warning;

/// A file that counts what is read of it.
struct Counted {
    bytes: Vec<u8>,
    read: Cell<u64>,
}

impl Counted {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, read: Cell::new(0) }
    }

    /// Returns how many times all of it was read since the last call.
    fn times(&self) -> f64 {
        self.read.replace(0) as f64 / self.bytes.len() as f64
    }
}

impl Source for Counted {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.read.set(self.read.get() + bytes.len() as u64);
        self.bytes.as_slice().read_at(offset, bytes)
    }
}

fn noise(count: usize) -> Vec<u8> {
    let mix = |at: u64| {
        let mixed = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    (0..count as u64).map(|at| (mix(at) >> 57) as u8).collect()
}

/// Makes an MRC file of bytes, with axes in an order and an extended header of FEI's records.
fn mrc_file([nx, ny, nz]: [i32; 3], axes: [i32; 3], records: bool) -> Vec<u8> {
    const RECORD: usize = 768;
    let mut bytes = vec![0; 1024];
    let mut put = |at: usize, word: i32| bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    for (place, word) in [nx, ny, nz, 0].into_iter().chain([0, 0, 0, nx, ny, nz]).enumerate() {
        put(4 * place, word);
    }
    for (place, axis) in axes.into_iter().enumerate() {
        put(64 + 4 * place, axis);
    }
    put(92, if records { RECORD as i32 * nz } else { 0 });
    bytes[208..214].copy_from_slice(b"MAP \x44\x44");
    if records {
        bytes[104..108].copy_from_slice(b"FEI1");
        for _ in 0..nz {
            let mut record = vec![0; RECORD];
            record[..4].copy_from_slice(&(RECORD as u32).to_le_bytes());
            bytes.extend(record);
        }
    }
    bytes.extend(noise((nx * ny * nz) as usize));
    bytes
}

/// Compresses bytes as gzip does.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    stream.extend(compress_to_vec(bytes, 1));
    stream.extend(crc32fast::hash(bytes).to_le_bytes());
    stream.extend((bytes.len() as u32).to_le_bytes());
    stream
}

fn counted(sides: [i32; 3], axes: [i32; 3], records: bool) -> Counted {
    Counted::new(gzip(&mrc_file(sides, axes, records)))
}

#[test]
fn a_stream_is_decoded_once_per_pass() {
    let in_order = [1, 2, 3];
    for (name, file, passes) in [
        // Held, so that passes after the first read nothing.
        ("a.mrcs.gz", counted([512, 512, 40], in_order, true), 1.0),
        // Bands of bricks go back to the first of their sections.
        ("a.mrc.gz", counted([256, 256, 130], in_order, false), 2.0),
    ] {
        let options =
            Options { memory: Memory { hold: 4 << 20, wave: 1 << 16 }, ..Options::bits(3).expect("3 bits") };
        let images = open(&file, name).expect("it is right");
        assert!(file.times() < 0.3, "{name}: opening looks at the start");
        compress(&*images, name, &mut Vec::new(), &options, &NoProgress).expect("it is right");
        let times = file.times();
        // One start more: how far bricks go back shows when they do.
        assert!(times <= passes + 0.3, "{name}: read {times} times");
        let limits = LimitRule::NoOutliers;
        compress(&*images, name, &mut Vec::new(), &Options { limits, ..options }, &NoProgress)
            .expect("it is right");
        let times = file.times();
        assert!(
            times <= passes + if passes > 1.0 { 1.3 } else { 0.3 },
            "{name}: read {times} times for three passes"
        );
    }
}

#[test]
fn turned_volumes_are_kept_where_they_are_small() {
    let file = counted([120, 110, 100], [3, 1, 2], false);
    let images = open(&file, "a.map.gz").expect("it is right");
    let expected = mrc_file([120, 110, 100], [3, 1, 2], false);
    let source = expected.as_slice();
    let plain = open(&source, "a.map").expect("it is right");
    assert!(images.values(0).expect("pixels") == plain.values(0).expect("pixels"));
    assert!(file.times() < 3.0, "all of it is kept once it was read");
}

#[test]
fn damage_at_the_end_fails_every_verb() {
    let file = mrc_file([64, 48, 3], [1, 2, 3], false);
    let good = gzip(&file);
    let mut damaged = good.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    let compressed = {
        let (source, mut out) = (good.as_slice(), Vec::new());
        let images = open(&source, "a.mrcs.gz").expect("it is right");
        compress(&*images, "a", &mut out, &Options::default(), &NoProgress).expect("it is right");
        out
    };
    // So small a file is read to its end as soon as it is opened. This one is not.
    let large = mrc_file([1024, 1024, 3], [1, 2, 3], false);
    let mut late = gzip(&large);
    *late.last_mut().expect("bytes") ^= 1;
    let late = late.as_slice();
    let images = open(&late, "a.mrcs.gz").expect("damage is not seen yet");
    let is_damage = |problem: &Error| problem.to_string().contains("checksum of the member");
    let mut out = Vec::new();
    let outcome = compress(&*images, "a", &mut out, &Options::default(), &NoProgress);
    assert!(outcome.is_err_and(|problem| is_damage(&problem)) && !out.starts_with(b"\x89HDF"));
    let mut out = Vec::new();
    let outcome = expand(&*images, &mut out, &ExpandOptions::default(), &NoProgress);
    assert!(outcome.is_err_and(|problem| is_damage(&problem)));
    // Of the first image alone, too: what comes before a wrong checksum may be what is damaged.
    let first = Selection::new(open(&late, "a.mrcs.gz").expect("damage is not seen yet"), vec![0]);
    assert!(expand(&first, &mut out, &ExpandOptions::default(), &NoProgress).is_err());
    let source = compressed.as_slice();
    let made = open(&source, "a.hdf").expect("it is right");
    let damaged = damaged.as_slice();
    assert!(open(&damaged, "a.mrcs.gz").is_err_and(|problem| is_damage(&problem)));
    let good = good.as_slice();
    let original = open(&good, "a.mrcs.gz").expect("it is right");
    verify(&*made, Some(&*original), &VerifyOptions::default(), &NoProgress).expect("it is right");
}

#[test]
fn what_follows_is_told_once_it_is_known() {
    let mut file = mrc_file([1024, 1024, 2], [1, 2, 3], false);
    file.extend([7; 100]);
    let stream = [gzip(&file), b"behind".to_vec()].concat();
    let source = stream.as_slice();
    let images = open(&source, "a.mrc.gz").expect("it is right");
    assert!(images.warnings().is_empty());
    images.check_end().expect("it is right");
    assert_eq!(
        images.warnings(),
        [Warning::AfterLastSection { bytes: 100 }, Warning::AfterStream { bytes: 6 }]
    );
    assert_eq!(images.format(), "MRC in gzip");
}

#[test]
fn a_source_that_fails_is_told_as_such() {
    struct Failing(Vec<u8>);
    impl Source for Failing {
        fn len(&self) -> io::Result<u64> {
            Ok(2 * self.0.len() as u64)
        }
        fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
            self.0.as_slice().read_at(offset, bytes)
        }
    }
    let starts: [&[u8]; 3] = [&[0x1f, 0x8b, 8, 0], b"BZh91AY&SY", &[0x28, 0xb5, 0x2f, 0xfd, 0x60, 0]];
    for start in starts {
        let source = Failing([start, &[0; 1200]].concat());
        let outcome = open_with(&[FORMAT], &source, "a.mrc.gz", &OpenOptions::default());
        assert!(matches!(outcome, Err(Error::Read { .. })), "{start:?}");
    }
}
