//! A file and its original.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_core::formats::hdf5::read::{Chunk, ChunkIndex, File};
use e2compress_core::verify::VerifyError;
use e2compress_core::{Error, NoProgress, VerifyOptions, VerifyReport, open, verify};
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data, run};
use e2compress_tests::stored::image;
use tempfile::{TempDir, tempdir};

/// Runs the command in a folder.
pub fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress-tested"), folder, words)
}

pub fn checked(file: &[u8], original: Option<(&[u8], &str)>) -> Result<VerifyReport, Error> {
    let input = open(&file, "file.hdf")?;
    let original = original.as_ref().map(|(bytes, name)| open(bytes, name)).transpose()?;
    verify(&*input, original.as_deref(), &VerifyOptions::default(), &NoProgress)
}

pub fn fault(outcome: Result<VerifyReport, Error>) -> VerifyError {
    match outcome {
        Err(Error::Verify(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A file with its original, made under some options.
pub struct Pair {
    pub folder: TempDir,
    pub name: &'static str,
    pub original: Vec<u8>,
    pub file: Vec<u8>,
}

pub const ORIGINAL: &str = "a.mrc";
pub const FILE: &str = "a.hdf";

impl Pair {
    pub fn new(original: &[u8], options: &[&str]) -> Self {
        Self::named(ORIGINAL, original, options)
    }

    /// Makes one of an original whose extension says that it is a stack.
    pub fn of_stack(original: &[u8], options: &[&str]) -> Self {
        Self::named("a.mrcs", original, options)
    }

    fn named(name: &'static str, original: &[u8], options: &[&str]) -> Self {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join(name), original).unwrap();
        let run = e2compress(folder.path(), &[options, &[name]].concat());
        assert!(run.status.success(), "{}", complaint(&run));
        let file = fs::read(folder.path().join(FILE)).unwrap();
        Self { folder, name, original: original.to_vec(), file }
    }

    /// Of several chunks of equal size.
    pub fn stored() -> Self {
        let values = Noise(3).take(600 * 512);
        Self::new(&Mrc::floats(600, 512, 1, values).bytes, &["--bits", "8", "--compresslevel", "0"])
    }

    pub fn of(input: &str, options: &[&str]) -> Self {
        Self::new(&fs::read(data().join(input)).unwrap(), options)
    }

    pub fn beside(&self, file: &[u8]) -> Result<VerifyReport, Error> {
        checked(file, Some((&self.original, self.name)))
    }

    /// The chunks of an image.
    pub fn chunks(&self) -> Vec<Chunk> {
        let source = self.file.as_slice();
        let file = File::open(&source).unwrap();
        let dataset = file.find("MDF/images/0/image").unwrap().unwrap().dataset(&file).unwrap();
        ChunkIndex::read(&dataset, &file).unwrap().chunks().to_vec()
    }

    /// The file after libhdf5 did something to it.
    pub fn changed(&self, change: impl FnOnce(&hdf5::File) -> hdf5::Result<()>) -> Vec<u8> {
        let path = self.folder.path().join("changed.hdf");
        // A new file each time: programs that other tests start inherit the lock that libhdf5 had on the last one.
        let _ = fs::remove_file(&path);
        fs::write(&path, &self.file).unwrap();
        let file = hdf5::File::open_rw(&path).unwrap();
        change(&file).unwrap();
        file.close().unwrap();
        fs::read(path).unwrap()
    }

    /// The file with a number changed.
    pub fn said<T: hdf5::H5Type>(&self, name: &str, value: T) -> Vec<u8> {
        self.changed(|file| image(file, 0)?.attr(name)?.write_raw(&[value]))
    }
}
