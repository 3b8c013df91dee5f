//! HDF5 inputs that libhdf5 made, and what the command does with them.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::{alone, complaint, data, run};
use tempfile::tempdir;

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress-tested"), folder, words)
}

#[test]
fn what_only_libhdf5_reads_names_the_feature() {
    let _alone = alone();
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
    let _alone = alone();
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

#[test]
fn numbers_that_no_float_is_are_counted_and_not_replaced() {
    let _alone = alone();
    let folder = tempdir().expect("a folder");
    let made = |name: &str| {
        let file = hdf5::File::create(folder.path().join(name)).expect("a file");
        let images = file.create_group("MDF/images").expect("groups");
        images.new_attr::<i32>().shape([1]).create("imageid_max").unwrap().write(&[0]).expect("a number");
        images.create_group("0").expect("a group")
    };
    let group = made("a.hdf");
    let image = group.new_dataset::<f64>().shape([20, 30]).create("image").expect("a dataset");
    let values: Vec<f64> = (0..600).map(|pixel| 1000.0 + 0.1 * f64::from(pixel)).collect();
    image.write_raw(&values).expect("values");
    drop((image, group));
    let group = made("b.hdf");
    let image = group.new_dataset::<i32>().shape([20, 30]).create("image").expect("a dataset");
    let values: Vec<i32> = (0..600).map(|pixel| (1 << 24) + pixel).collect();
    image.write_raw(&values).expect("values");
    drop((image, group));
    let words = "numbers that no 32-bit float is";
    for (name, count) in [("a.hdf", None), ("b.hdf", Some("300 of 600 pixels are "))] {
        let before = fs::read(folder.path().join(name)).expect("the file");
        let run = e2compress(folder.path(), &["--bits", "0", name]);
        assert_eq!(run.status.code(), Some(1), "{}", complaint(&run));
        assert!(
            complaint(&run).contains(words) && complaint(&run).contains("--force"),
            "{}",
            complaint(&run)
        );
        assert!(count.is_none_or(|count| complaint(&run).contains(count)), "{}", complaint(&run));
        assert!(fs::read(folder.path().join(name)).expect("the file") == before);
        let run = e2compress(folder.path(), &["--bits", "0", "--verify", "--outpath", "out", name]);
        assert!(run.status.success() && complaint(&run).contains(words), "{}", complaint(&run));
        let line = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(line.contains("every pixel is the nearest 32-bit float, largest difference "), "{line}");
        let run = e2compress(folder.path(), &["expand", "--outpath", "out", name]);
        assert!(run.status.success() && complaint(&run).contains(words), "{}", complaint(&run));
        let run = e2compress(folder.path(), &["--force", "--bits", "8", name]);
        assert!(run.status.success(), "{}", complaint(&run));
    }
}

#[test]
#[allow(deprecated, reason = "files have comments all the same")]
fn a_file_with_a_comment_is_not_replaced() {
    let _alone = alone();
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("a.hdf");
    fs::copy(data().join("eman2-hdf/f32_volume__bits8.hdf"), &path).expect("a copy");
    let file = hdf5::File::open_rw(&path).expect("libhdf5 opens it");
    file.group("MDF/images/0").expect("a group").set_comment("of somebody").expect("a comment");
    drop(file);
    let run = e2compress(folder.path(), &["--bits", "4", "a.hdf"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("the comment of /MDF/images/0"), "{}", complaint(&run));
}
