//! The HDF5 reader against h5py, libhdf5, and damage.
//!
//! `E2COMPRESS_PYTHON` names a Python with h5py, which writes most of the files; `cargo xtask test`
//! installs one.

mod damage;
mod expected;
mod fields;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2compress_core::formats::hdf5::read::{Class, File, HdfError, ObjectKind, Target};
use e2compress_core::formats::hdf5::{Appender, ObjectHeader, write_group};
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::io::source::Source;
use e2compress_core::{NoProgress, Options, PixelEncoding, compress};
use e2compress_fixtures::data;
use e2compress_properties::objects::elements;
use hdf5::dataset::ChunkOpts;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::damage::{damaged_alone, damaged_as_h5py};
use crate::expected::{Files, MOST, Objects, each, expected, same_file, script};

fn main() {
    // One after the other, those that measure memory first: it is the process's.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let ready = std::env::var_os("E2COMPRESS_PYTHON").is_some();
    let python = |name: &'static str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(!ready)
    };
    let trials = vec![
        python("no damage makes the reader panic, hang or take memory", damaged_alone),
        python("changed fields end in an error or in what h5py reads", fields::changed),
        python("every object of h5py's files is read as h5py and libhdf5 read it", as_others),
        python("damaged files end in an error or in what h5py reads", damaged_as_h5py),
        Trial::test("EMAN2's files are read as libhdf5 reads them", eman2),
        Trial::test("chunks at the edge may be bare", bare_edges),
        Trial::test("one name of 100,000 is found without reading the others", one_of_many),
        Trial::test("files of the writer are read as libhdf5 reads them", own),
    ];
    libtest_mimic::run(&arguments, trials).exit();
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
            let options = Options { stored: PixelEncoding::from_bits(bits)?, ..Options::default() };
            compress(&reader, name, &mut made, &options, &NoProgress)?;
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
                let (number, elements) = (dataset.number()?, elements(&dataset, &ours, MOST)?);
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
