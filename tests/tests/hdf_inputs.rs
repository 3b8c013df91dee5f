//! HDF5 inputs that libhdf5 made, and what the command does with them.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::{complaint, data, run};
use tempfile::tempdir;

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress-tested"), folder, words)
}

#[test]
fn what_only_libhdf5_reads_names_the_feature() {
    let folder = tempdir().unwrap();
    {
        let file = hdf5::File::create(folder.path().join("a.hdf")).unwrap();
        let images = file.create_group("MDF/images").unwrap();
        images.new_attr::<i32>().shape([1]).create("imageid_max").unwrap().write(&[0]).unwrap();
        let group = images.create_group("0").unwrap();
        let image = group.new_dataset::<u16>().shape([4, 4]).chunk([4, 4]).nbit().create("image").unwrap();
        image.write_raw(&[7u16; 16]).unwrap();
    }
    let run = e2compress(folder.path(), &["a.hdf"]);
    assert_eq!(run.status.code(), Some(1));
    for part in ["feature `libhdf5`", "filter"] {
        assert!(complaint(&run).contains(part), "{}", complaint(&run));
    }
}

#[test]
fn an_hdf_file_with_more_in_it_is_not_replaced() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("a.hdf");
    fs::copy(data().join("eman2-hdf/f32_volume__bits8.hdf"), &path).expect("a copy");
    let file = hdf5::File::open_rw(&path).expect("libhdf5 opens it");
    let more = file.new_dataset::<i32>().shape([3]).create("notes").expect("a dataset");
    more.write(&[1, 2, 3]).expect("values");
    drop((more, file));
    let before = fs::read(&path).expect("the file");
    let run = e2compress(folder.path(), &["a.hdf"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("would lose /notes"), "{}", complaint(&run));
    assert!(fs::read(&path).expect("the file") == before);
    let run = e2compress(folder.path(), &["--outpath", "out", "a.hdf"]);
    assert!(
        run.status.success() && complaint(&run).contains("not carried over: /notes"),
        "{}",
        complaint(&run)
    );
}
