//! Damaged files end in an error, or in what libhdf5 reads.

use std::fs;
use std::time::{Duration, Instant};

use e2compress_core::formats::hdf5::read::{ChunkIndex, File, HdfError};
use e2compress_properties::objects::{elements, walk};
use libtest_mimic::Failed;

use crate::expected::{Files, Objects, each, expected, same_file, script};

/// A damaged copy: cut off, or with a few bits turned.
fn damage(bytes: &[u8], round: usize, noise: &mut Places) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if round.is_multiple_of(4) {
        bytes.truncate(noise.below(bytes.len()));
        return bytes;
    }
    // Metadata is at both ends of small files, and among zeros: half of the hits are on non-zero bytes.
    for _ in 0..=noise.below(3) {
        let mut at = noise.below(bytes.len());
        if round.is_multiple_of(2) {
            at = (at..bytes.len()).find(|&at| bytes[at] != 0).unwrap_or(at);
        }
        bytes[at] ^= match round % 3 {
            0 => 1 << noise.below(8),
            1 => 0xff,
            _ => noise.below(256) as u8,
        };
    }
    bytes
}

/// Seeded places.
pub struct Places(u64);

impl Places {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize).checked_rem(end).unwrap_or(0)
    }
}

/// What reading any file may take.
pub const SLOWEST: Duration = Duration::from_secs(5);
pub const MOST_KIB: u64 = 512 << 10;

/// Does everything there is to do with a file.
pub fn everything(bytes: &[u8]) -> Result<(), HdfError> {
    let source = bytes;
    let file = File::open(&source)?;
    walk(&file, &mut |found| {
        // Damage to one thing does not keep the others from being read.
        if let Ok(attributes) = found.object.attributes(&file) {
            for attribute in attributes {
                let _ = (attribute.floats(), attribute.integers(), attribute.text(&file));
            }
        }
        if let Ok(dataset) = found.object.dataset(&file) {
            let _ = ChunkIndex::read(&dataset, &file);
            let _ = elements(&dataset, &file, 1 << 20);
        }
        if let Ok(group) = found.object.group(&file) {
            let _ = group.find(&file, "member7");
        }
        Ok(())
    })
}

/// The most memory this process has had, in KiB. Not address space: of that, each thread takes 64 MiB ahead.
pub fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

pub fn damaged_alone() -> Result<(), Failed> {
    const ROUNDS: usize = 3000;
    let folder = tempfile::tempdir()?;
    script("small", folder.path())?;
    let files: Files<Objects> = expected(folder.path())?;
    let mut places = Places(1);
    let before = peak();
    for name in files.keys() {
        let bytes = fs::read(folder.path().join(name))?;
        for round in 0..ROUNDS {
            let damaged = damage(&bytes, round, &mut places);
            let start = Instant::now();
            let _ = everything(&damaged);
            if start.elapsed() > SLOWEST {
                return Err(format!("{name}, round {round}, took {:?}", start.elapsed()).into());
            }
        }
    }
    let grown = peak() - before;
    if grown > MOST_KIB { Err(format!("it took {grown} KiB").into()) } else { Ok(()) }
}

/// Where h5py reads a damaged file, we read the same or refuse; where it refuses, we may read: the
/// structures it checks and we do not (free space, reference counts) are none that values depend on.
pub fn damaged_as_h5py() -> Result<(), Failed> {
    const ROUNDS: usize = 60;
    let folder = tempfile::tempdir()?;
    script("small", folder.path())?;
    let files: Files<Objects> = expected(folder.path())?;
    let copies = tempfile::tempdir()?;
    let mut places = Places(2);
    for name in files.keys() {
        let bytes = fs::read(folder.path().join(name))?;
        for round in 0..ROUNDS {
            fs::write(copies.path().join(format!("{round}_{name}")), damage(&bytes, round, &mut places))?;
        }
    }
    script("read", copies.path())?;
    let found: Files<Option<Objects>> = expected(copies.path())?;
    let read = found.iter().filter_map(|(name, objects)| Some((name, objects.as_ref()?)));
    let paths = read.clone().map(|(name, _)| (name.as_str(), copies.path().join(name)));
    let mut alike = 0;
    each(paths, |name, path| {
        let objects = found[name].as_ref().ok_or("h5py does not read it")?;
        match same_file(path, objects, false) {
            Ok(()) => alike += 1,
            // A refusal of ours says so; anything else is a difference.
            Err(error) if refusal(error.message().unwrap_or_default()) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    })?;
    if alike < found.len() / 10 {
        Err(format!("only {alike} files were read by both").into())
    } else {
        Ok(())
    }
}

pub fn refusal(message: &str) -> bool {
    [
        "it is not found",
        "damaged",
        "cut off",
        "not supported",
        "not an HDF5 file",
        "this reader accepts",
        "is not a ",
    ]
    .iter()
    .any(|part| message.contains(part))
}
