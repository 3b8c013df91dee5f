//! The properties that fuzzing searches to break, on its seeds and on seeded changes of them: what every machine can run.
//! `cargo xtask fuzz` searches further.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use e2compress_bench::kinds::Random;
use e2compress_properties::{PROPERTIES, Property};

/// Changed seeds that are tried for each property: some seconds in all.
const ROUNDS: u64 = 1500;

/// Longest input that changes make.
const LONGEST: usize = 20_000;

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("seeds").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{name} has no seeds");
    paths.into_iter().map(|path| fs::read(path).expect("a seed")).collect()
}

/// One to eight changes of the kinds that fuzzers make.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    const WORDS: [u32; 9] = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x7f80_0000, 0x000f_ffff];
    for _ in 0..=random.below(8) {
        // Headers decide more than what follows.
        let reach = if random.below(2) == 0 { 300 } else { u64::MAX };
        let at = random.below((bytes.len() as u64).clamp(1, reach)) as usize;
        let word = at & !3;
        match random.below(8) {
            0..=1 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            2 if !bytes.is_empty() => bytes[at] = random.draw() as u8,
            3..=4 if word + 4 <= bytes.len() => {
                let value = WORDS[random.below(WORDS.len() as u64) as usize];
                bytes[word..word + 4].copy_from_slice(&value.to_le_bytes());
            }
            5 => bytes.truncate(at),
            6 if bytes.len() < LONGEST => {
                let length = random.below(64) as usize;
                let byte = random.draw() as u8;
                bytes.splice(at..at, std::iter::repeat_n(byte, length));
            }
            _ => {
                let from = random.below(other.len() as u64 + 1) as usize;
                let part = &other[from..other.len().min(from + 64)];
                let end = bytes.len().min(at + part.len());
                bytes.splice(at.min(end)..end, part.iter().copied());
            }
        }
    }
}

fn holds(name: &str) {
    let property: Property =
        PROPERTIES.iter().find(|(found, _)| *found == name).expect("a property of this name").1;
    let seeds = seeds(name);
    for seed in &seeds {
        property(seed);
    }
    let mut random = Random::new(11);
    for round in 0..ROUNDS {
        let mut bytes = seeds[random.below(seeds.len() as u64) as usize].clone();
        let other = &seeds[random.below(seeds.len() as u64) as usize];
        change(&mut bytes, other, &mut random);
        if catch_unwind(|| property(&bytes)).is_err() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{round}"));
            fs::write(&path, bytes).expect("the input is kept");
            panic!("{name} is broken in round {round}: {}", path.display());
        }
    }
}

#[test]
fn compressed() {
    holds("compressed");
}

#[test]
fn deflate() {
    holds("deflate");
}

#[test]
fn dm() {
    holds("dm");
}

#[test]
fn hdf_reader() {
    holds("hdf_reader");
}

#[test]
fn hdf_writer() {
    holds("hdf_writer");
}

#[test]
fn imagic() {
    holds("imagic");
}

#[test]
fn mrc() {
    holds("mrc");
}

#[test]
fn options() {
    holds("options");
}

#[test]
fn plan() {
    holds("plan");
}

#[test]
fn ser() {
    holds("ser");
}

#[test]
fn spider() {
    holds("spider");
}

#[test]
fn tiff() {
    holds("tiff");
}

#[test]
fn every_law_has_a_test_seeds_and_a_target() {
    assert_eq!(
        PROPERTIES.map(|(name, _)| name),
        [
            "compressed",
            "deflate",
            "dm",
            "hdf_reader",
            "hdf_writer",
            "imagic",
            "mrc",
            "options",
            "plan",
            "ser",
            "spider",
            "tiff"
        ]
    );
    for (name, _) in PROPERTIES {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fuzz/fuzz_targets/{name}.rs"));
        assert!(target.is_file(), "{}", target.display());
    }
}
