//! Changed fields of metadata end in an error, or in what libhdf5 reads.
//!
//! Flipped bits rarely get past a checksum, and rarely make a number that means something. Here a field of a
//! structure becomes a number that might stand there, an address another address of the file, and the checksum is made
//! right again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use e2compress_core::formats::hdf5::read::{File, lookup3};
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::{NoProgress, Options, PixelEncoding, compress};
use e2compress_fixtures::data;
use e2compress_properties::objects::walk;
use libtest_mimic::Failed;

use crate::damage::{MOST_KIB, Places, SLOWEST, everything, peak, refusal};
use crate::expected::{Files, Objects, each, expected, same_file, script};

/// Seconds that it takes as one of the tests; `E2COMPRESS_FUZZ_SECONDS` asks for others.
const SECONDS: u64 = 20;

/// Files that one Python reads.
const BATCH: usize = 100;

/// What structures start with.
const SIGNATURES: [&[u8; 4]; 21] = [
    b"\x89HDF", b"TREE", b"SNOD", b"HEAP", b"GCOL", b"BTHD", b"BTLF", b"BTIN", b"FRHP", b"FHDB", b"FHIB",
    b"FSHD", b"FSSE", b"OHDR", b"OCHK", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB", b"EADB",
];

/// The longest structure that is looked for.
const LONGEST: usize = 4096;

/// Bytes of metadata that belong together.
struct Structure {
    start: usize,
    length: usize,
    /// A checksum follows.
    checked: bool,
}

/// A file and what it is made of.
struct Seed {
    bytes: Vec<u8>,
    structures: Vec<Structure>,
}

pub fn changed() -> Result<(), Failed> {
    let number = |name: &str, other: u64| match std::env::var(name) {
        Ok(text) => text.parse::<u64>().map_err(|problem| format!("{name}: {problem}")),
        Err(_) => Ok(other),
    };
    let seconds = Duration::from_secs(number("E2COMPRESS_FUZZ_SECONDS", SECONDS)?);
    let seed = number("E2COMPRESS_FUZZ_SEED", 1)?;
    let (seeds, mut places) = (seeds()?, Places::new(seed));
    let names: Vec<&String> = seeds.keys().collect();
    let (start, before) = (Instant::now(), peak());
    let (mut tried, mut alike) = (0, 0);
    while start.elapsed() < seconds {
        let folder = tempfile::tempdir()?;
        for round in 0..BATCH {
            let name = names[places.below(names.len())];
            let bytes = change(&seeds[name], &mut places);
            fs::write(folder.path().join(format!("{round}_{name}.h5")), &bytes)?;
            let begun = Instant::now();
            let _ = everything(&bytes);
            if begun.elapsed() > SLOWEST {
                return Err(kept(folder, &format!("{round}_{name} took {:?}", begun.elapsed())));
            }
        }
        tried += BATCH;
        script("read", folder.path())?;
        let found: Files<Option<Objects>> = expected(folder.path())?;
        let read = found.iter().filter_map(|(name, objects)| Some((name, objects.as_ref()?)));
        let paths = read.clone().map(|(name, _)| (name.as_str(), folder.path().join(name)));
        let compared = each(paths, |name, path| {
            let objects = found[name].as_ref().ok_or("h5py does not read it")?;
            match same_file(path, objects, false) {
                Err(error) if !refusal(error.message().unwrap_or_default()) => Err(error),
                outcome => {
                    alike += usize::from(outcome.is_ok());
                    Ok(())
                }
            }
        });
        if let Err(problem) = compared {
            return Err(kept(folder, problem.message().unwrap_or_default()));
        }
    }
    let grown = peak() - before;
    if grown > MOST_KIB {
        return Err(format!("it took {grown} KiB").into());
    }
    // Most changes are such that both refuse, or neither sees them.
    if alike < tried / 20 { Err(format!("only {alike} of {tried} were read by both").into()) } else { Ok(()) }
}

/// Says what is wrong, and keeps the files for whoever looks into it.
fn kept(folder: tempfile::TempDir, problem: &str) -> Failed {
    format!("{problem}\nthe files are in {}", folder.keep().display()).into()
}

/// Small files of h5py, EMAN2 and this program.
fn seeds() -> Result<BTreeMap<String, Seed>, Failed> {
    const MOST_BYTES: u64 = 40_000;
    let folder = tempfile::tempdir()?;
    script("small", folder.path())?;
    let mut seeds = BTreeMap::new();
    for folder in [folder.path(), &data().join("eman2-hdf")] {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|it| it != "json") && entry.metadata()?.len() < MOST_BYTES
            {
                let name = entry.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
                seeds.insert(name, Seed::new(&fs::read(entry.path())?)?);
            }
        }
    }
    for (input, bits) in [("u8_counts.mrc", 4), ("many_images.mrcs", 12), ("f32_volume.mrc", -1)] {
        let bytes = fs::read(data().join(input))?;
        let (mut made, input_bytes) = (Vec::new(), &bytes[..]);
        let options = Options { stored: PixelEncoding::from_bits(bits)?, ..Options::default() };
        compress(&Mrc::open(&input_bytes, input)?, input, &mut made, &options, &NoProgress)?;
        seeds.insert(
            Path::new(input).file_stem().unwrap_or_default().to_string_lossy().into(),
            Seed::new(&made)?,
        );
    }
    Ok(seeds)
}

impl Seed {
    /// Finds the structures of a file: those with a signature, and object headers without.
    fn new(bytes: &[u8]) -> Result<Self, Failed> {
        let mut structures: Vec<Structure> = (0..bytes.len().saturating_sub(8))
            .filter(|&at| SIGNATURES.iter().any(|signature| bytes[at..].starts_with(*signature)))
            .map(|start| {
                let rest = &bytes[start..bytes.len().min(start + LONGEST)];
                let checked = (8..rest.len().saturating_sub(4))
                    .find(|&length| lookup3(&rest[..length]).to_le_bytes() == rest[length..length + 4]);
                Structure {
                    start,
                    length: checked.unwrap_or(rest.len().min(200)),
                    checked: checked.is_some(),
                }
            })
            .collect();
        let file = File::open(&bytes)?;
        walk(&file, &mut |found| {
            let start = found.object.address() as usize;
            let old = bytes.get(start).is_some_and(|&version| version == 1);
            if let (true, Some(length)) = (old, bytes.get(start + 8..start + 12)) {
                let length = 16 + u32::from_le_bytes(length.try_into().unwrap_or_default()) as usize;
                structures.push(Structure { start, length: length.min(bytes.len() - start), checked: false });
            }
            Ok(())
        })?;
        Ok(Self { bytes: bytes.to_vec(), structures })
    }
}

/// Changes one to three fields of a file.
fn change(seed: &Seed, places: &mut Places) -> Vec<u8> {
    let mut bytes = seed.bytes.clone();
    for _ in 0..=places.below(3) {
        let structure = &seed.structures[places.below(seed.structures.len())];
        let width = [1, 1, 2, 4, 8][places.below(5)];
        let signature = if bytes[structure.start..].starts_with(&[1]) { 0 } else { 4 };
        let Some(room) = structure.length.checked_sub(signature + width) else { continue };
        let at = structure.start + signature + places.below(room + 1);
        let mut old = [0; 8];
        old[..width].copy_from_slice(&bytes[at..at + width]);
        let old = u64::from_le_bytes(old);
        let other = &seed.structures[places.below(seed.structures.len())];
        let new = match places.below(12) {
            0 => 0,
            1 => 1,
            2 => old.wrapping_add(1),
            3 => old.wrapping_sub(1),
            4 => old ^ 1 << places.below(8 * width),
            5 => old.wrapping_mul(2),
            6 => u64::MAX,
            7 => other.start as u64,
            8 => bytes.len() as u64,
            9 => 1 << (8 * width - 1),
            10 => old.wrapping_add(8),
            _ => places.below(256) as u64,
        };
        bytes[at..at + width].copy_from_slice(&new.to_le_bytes()[..width]);
        if structure.checked {
            let end = structure.start + structure.length;
            let checksum = lookup3(&bytes[structure.start..end]).to_le_bytes();
            bytes[end..end + 4].copy_from_slice(&checksum);
        }
    }
    bytes
}
