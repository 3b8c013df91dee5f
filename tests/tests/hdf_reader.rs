//! The HDF5 reader against h5py, libhdf5, and damage.
//!
//! `E2COMPRESS_PYTHON` names a Python with h5py, which writes most of the files; `cargo xtask test`
//! installs one.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use e2compress_core::hdf::read::{ChunkIndex, Class, Dataset, File, HdfError, ObjectKind, Target, walk};
use e2compress_core::hdf::{Appender, ObjectHeader, write_group};
use e2compress_core::mrc::Mrc;
use e2compress_core::source::Source;
use e2compress_core::{Options, Stored, Unwatched, compress};
use e2compress_tests::{complaint, data};
use hdf5::dataset::ChunkOpts;
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Elements a test reads at once.
const MOST: u64 = 64 << 20;

fn main() {
    let arguments = Arguments::from_args();
    let ready = std::env::var_os("E2COMPRESS_PYTHON").is_some();
    let python = |name: &'static str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(!ready)
    };
    let trials = vec![
        python("every object of h5py's files is read as h5py and libhdf5 read it", as_others),
        python("damaged files end in an error or in what h5py reads", damaged_as_h5py),
        python("no damage makes the reader panic, hang or take memory", damaged_alone),
        Trial::test("EMAN2's files are read as libhdf5 reads them", eman2),
        Trial::test("chunks at the edge may be bare", bare_edges),
        Trial::test("one name of 100,000 is found without reading the others", one_of_many),
        Trial::test("files of the writer are read as libhdf5 reads them", own),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// Runs the script that writes files and says what h5py reads.
fn script(what: &str, folder: &Path) -> Result<(), Failed> {
    let python = std::env::var_os("E2COMPRESS_PYTHON").ok_or("E2COMPRESS_PYTHON is not set")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("readers/make_hdf.py");
    let run = Command::new(python).arg(script).arg(what).arg(folder).output()?;
    if run.status.success() { Ok(()) } else { Err(complaint(&run).into()) }
}

type Files<T> = BTreeMap<String, T>;

fn expected<T: DeserializeOwned>(folder: &Path) -> Result<Files<T>, Failed> {
    Ok(serde_json::from_slice(&fs::read(folder.join("expected.json"))?)?)
}

/// What h5py found at a path.
#[derive(Deserialize)]
struct Expected {
    attributes: Vec<(String, Value)>,
    links: Option<Vec<String>>,
    shape: Option<Vec<u64>>,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Value {
    /// Integers, or floats in hexadecimal.
    numbers: Option<Vec<serde_json::Value>>,
    texts: Option<Vec<String>>,
}

type Objects = BTreeMap<String, Expected>;

/// Gathers what is wrong with any of the files.
fn each<'f>(
    paths: impl Iterator<Item = (&'f str, PathBuf)>,
    mut check: impl FnMut(&str, &Path) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (name, path) in paths {
        if let Err(error) = check(name, &path) {
            wrong.push(format!("{name}: {}", error.message().unwrap_or_default()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn as_others() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    script("all", folder.path())?;
    let expected: Files<Objects> = expected(folder.path())?;
    let paths = || expected.keys().map(|name| (name.as_str(), folder.path().join(name)));
    each(paths(), |name, path| same_file(path, &expected[name], true))?;
    each(paths(), |_, path| as_libhdf5(path).map(|_| ()))
}

fn eman2() -> Result<(), Failed> {
    let folder = data().join("eman2-hdf");
    let names: Vec<String> = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()?;
    each(names.iter().map(|name| (name.as_str(), folder.join(name))), |_, path| {
        if as_libhdf5(path)? == 0 { Err("no dataset was compared".into()) } else { Ok(()) }
    })
}

/// Chunks that stick out over the end may be stored without filters, which h5py has no switch for.
fn bare_edges() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bare.h5");
    let file = hdf5::File::with_options().with_fapl(|access| access.libver_latest()).create(&path)?;
    let values: Vec<u16> = (0..30 * 41).map(|at| at % 16).collect();
    let shapes: [(&str, hdf5::SimpleExtents); 3] =
        [("one", (30.., 41).into()), ("bounded", (30..=60, 41..=60).into()), ("free", (30.., 41..).into())];
    for (name, shape) in shapes {
        let made = file.new_dataset::<u16>().shape(shape).chunk((8, 9)).shuffle().deflate(6);
        let made = made.chunk_opts(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS);
        made.create(name)?.write_raw(&values)?;
    }
    drop(file);
    if as_libhdf5(&path)? == 3 { Ok(()) } else { Err("not all datasets were compared".into()) }
}

/// Counts what is read.
struct Counted<'b>(&'b [u8], Cell<u64>);

impl Source for Counted<'_> {
    fn len(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        self.1.set(self.1.get() + bytes.len() as u64);
        self.0.read_at(offset, bytes)
    }
}

fn one_of_many() -> Result<(), Failed> {
    const COUNT: usize = 100_000;
    const MOST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let mut out = Appender::new(&mut bytes);
    let member = write_group(&mut out, 0, |_| (String::new(), 0), ObjectHeader::new())?;
    let root =
        write_group(&mut out, COUNT, |index| (format!("{index:06}"), member.header), ObjectHeader::new())?;
    out.finish(root)?;
    let source = Counted(&bytes, Cell::new(0));
    let file = File::open(&source)?;
    let group = file.object(file.root())?.group(&file)?;
    for index in [0, 7, 8, COUNT / 2, COUNT - 1] {
        let found = group.find(&file, &format!("{index:06}"))?;
        if found != Some(Target::Object(member.header)) {
            return Err(format!("name {index} leads to {found:?}").into());
        }
    }
    for other in ["", "000000x", "100000", "~"] {
        if group.find(&file, other)?.is_some() {
            return Err(format!("{other} is found").into());
        }
    }
    if source.1.get() > MOST {
        return Err(format!("{} bytes of {} were read", source.1.get(), bytes.len()).into());
    }
    let links = group.links(&file)?;
    if links.len() == COUNT { Ok(()) } else { Err(format!("{} links", links.len()).into()) }
}

fn own() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let inputs = ["u8_movie.mrcs", "u16_micrograph.mrc", "f32_volume.mrc", "many_images.mrcs"];
    each(inputs.iter().map(|name| (*name, data().join(name))), |name, path| {
        for bits in [-1, 0, 3, 12] {
            let input = fs::read(path)?;
            let input = &input[..];
            let reader = Mrc::open(&input, name)?;
            let mut made = Vec::new();
            let options = Options { stored: Stored::from_bits(bits)?, ..Options::default() };
            compress(&reader, name, &mut made, &options, &Unwatched)?;
            let output = folder.path().join("own.hdf");
            fs::write(&output, made)?;
            if as_libhdf5(&output)? == 0 {
                return Err("no dataset was compared".into());
            }
        }
        Ok(())
    })
}

/// Compares every number libhdf5 reads; returns the datasets compared.
fn as_libhdf5(path: &Path) -> Result<usize, Failed> {
    let bytes = fs::read(path)?;
    let source = &bytes[..];
    let ours = File::open(&source)?;
    let theirs = hdf5::File::open(path)?;
    let mut compared = 0;
    let mut waiting = vec![(String::from("/"), ours.root())];
    let mut seen = BTreeSet::from([ours.root()]);
    while let Some((path, address)) = waiting.pop() {
        let object = ours.object(address)?;
        let located = match object.kind() {
            ObjectKind::Group => theirs.group(&path).map(|group| (*group).clone()),
            ObjectKind::Dataset => theirs.dataset(&path).map(|dataset| (**dataset).clone()),
            _ => continue,
        };
        // Newer forms than this libhdf5 knows are compared with h5py alone.
        let Ok(located) = located else { continue };
        for attribute in object.attributes(&ours)? {
            let (Class::Number(_), Some(found)) = (&attribute.datatype.class, attribute.floats()) else {
                continue;
            };
            let Ok(expected) = located.attr(&attribute.name).and_then(|it| it.read_raw::<f64>()) else {
                continue;
            };
            if found != expected {
                return Err(format!("{path}, {}: {found:?}, not {expected:?}", attribute.name).into());
            }
        }
        if object.kind() == ObjectKind::Dataset {
            let found = object.dataset(&ours).and_then(|dataset| {
                let (number, elements) = (dataset.number()?, dataset.elements(&ours, MOST)?);
                Ok(elements.chunks_exact(number.size.into()).map(|one| number.float(one)).collect::<Vec<_>>())
            });
            let expected = theirs.dataset(&path)?.read_raw::<f64>();
            match (found, expected) {
                (Ok(found), Ok(expected)) if found == expected => compared += 1,
                (Ok(found), Ok(_)) => return Err(format!("{path}: {} elements differ", found.len()).into()),
                // Half floats, and filters that are no part of libhdf5, are its limits; text and
                // scaled offsets are ours.
                (_, Err(_)) | (Err(HdfError::Unsupported { .. }), Ok(_)) => {}
                (Err(error), Ok(_)) => return Err(format!("{path}: {error}").into()),
            }
        }
        if object.kind() == ObjectKind::Group {
            for link in object.group(&ours)?.links(&ours)? {
                if let Target::Object(address) = link.target
                    && seen.insert(address)
                {
                    waiting.push((format!("{}/{}", path.trim_end_matches('/'), link.name), address));
                }
            }
        }
    }
    Ok(compared)
}

fn same_file(path: &Path, expected: &Objects, whole: bool) -> Result<(), Failed> {
    let bytes = fs::read(path)?;
    let source = &bytes[..];
    let file = File::open(&source)?;
    for (path, expected) in expected {
        same_object(&file, path, expected, whole)
            .map_err(|error| Failed::from(format!("{path}: {}", error.message().unwrap_or_default())))?;
    }
    let mut walked = 0;
    walk(&file, &mut |_| {
        walked += 1;
        Ok(())
    })?;
    if walked < expected.len() && whole {
        return Err(format!("the walk met {walked} objects of {}", expected.len()).into());
    }
    Ok(())
}

fn same_object(file: &File<'_>, path: &str, expected: &Expected, whole: bool) -> Result<(), Failed> {
    let object = file.find(path)?.ok_or("it is not found")?;
    let attributes = object.attributes(file)?;
    if attributes.len() != expected.attributes.len() {
        return Err(format!("{} attributes, not {}", attributes.len(), expected.attributes.len()).into());
    }
    for (name, value) in &expected.attributes {
        let found =
            attributes.iter().find(|found| found.name == *name).ok_or(format!("no attribute {name}"))?;
        if let Some(numbers) = &value.numbers {
            let floats = found.floats().ok_or(format!("attribute {name} is not read as numbers"))?;
            let integers = found.integers();
            let same = numbers.len() == floats.len()
                && numbers.iter().enumerate().all(|(index, number)| match number {
                    serde_json::Value::String(text) => hexadecimal(text) == floats[index],
                    _ => {
                        number.as_f64() == Some(floats[index])
                            && integers.as_ref().is_none_or(|found| number.as_i64() == Some(found[index]))
                    }
                });
            if !same {
                return Err(format!("attribute {name} is {floats:?}, not {numbers:?}").into());
            }
        }
        let texts = found.texts(file)?;
        if texts != value.texts {
            return Err(format!("attribute {name} is {texts:?}, not {:?}", value.texts).into());
        }
    }
    if let Some(links) = &expected.links {
        let group = object.group(file)?;
        let found: Vec<String> = group.links(file)?.into_iter().map(|link| link.name).collect();
        if found != *links {
            return Err(format!("links {found:?}, not {links:?}").into());
        }
        for name in links {
            // A damaged key loses names to look-ups, in libhdf5 as well.
            if group.find(file, name)?.is_none() && whole {
                return Err(format!("link {name} is not found").into());
            }
        }
        if group.find(file, "no such name")?.is_some() {
            return Err("a link that is not there is found".into());
        }
    }
    if object.kind() == ObjectKind::Dataset {
        let dataset = match object.dataset(file) {
            Err(HdfError::Unsupported { .. }) if expected.sha256.is_none() => return Ok(()),
            dataset => dataset?,
        };
        if dataset.dataspace.dimensions != expected.shape {
            return Err(format!("shape {:?}, not {:?}", dataset.dataspace.dimensions, expected.shape).into());
        }
        let found = elements(&dataset, file).ok().map(|elements| hash(&elements));
        if found != expected.sha256 {
            elements(&dataset, file)?;
            return Err("its elements differ".into());
        }
    }
    Ok(())
}

/// The elements of a numeric dataset.
fn elements(dataset: &Dataset, file: &File<'_>) -> Result<Vec<u8>, HdfError> {
    dataset.number()?;
    dataset.elements(file, MOST)
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// A float as Python's `float.hex` writes it.
fn hexadecimal(text: &str) -> f64 {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let rest = rest.strip_prefix("0x").expect("0x");
    let (mantissa, exponent) = rest.split_once('p').expect("an exponent");
    let digits = mantissa.replace('.', "");
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
    let whole = u64::from_str_radix(&digits, 16).expect("hexadecimal digits") as f64;
    let value = whole * 2_f64.powi(exponent.parse::<i32>().expect("a number") - 4 * places);
    if negative { -value } else { value }
}

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
struct Places(u64);

impl Places {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize).checked_rem(end).unwrap_or(0)
    }
}

/// Does everything there is to do with a file.
fn everything(bytes: &[u8]) -> Result<(), HdfError> {
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
            let _ = dataset.elements(&file, 1 << 20);
        }
        if let Ok(group) = found.object.group(&file) {
            let _ = group.find(&file, "member7");
        }
        Ok(())
    })
}

/// The most address space this process has had, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn damaged_alone() -> Result<(), Failed> {
    const ROUNDS: usize = 3000;
    const SLOWEST: Duration = Duration::from_secs(5);
    const MOST_KIB: u64 = 512 << 10;
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
/// structures it checks and we don't (free space, reference counts) are none that values depend on.
fn damaged_as_h5py() -> Result<(), Failed> {
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

fn refusal(message: &str) -> bool {
    [
        "it is not found",
        "damaged",
        "cut off",
        "not supported",
        "not an HDF5 file",
        "this reader takes",
        "is no ",
    ]
    .iter()
    .any(|part| message.contains(part))
}
