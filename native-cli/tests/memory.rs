//! Memory follows the settings, not the file: 3 GB inputs under an address space of 512 MB.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use e2compress_fixtures::complaint;
use e2compress_fixtures::made::{Mrc, Noise};

/// In the unit of `ulimit -v`, KiB.
const ADDRESS_SPACE: u32 = 512 << 10;

/// A sparse file: zeros but for some noise in the middle.
fn sparse(path: &Path, nx: i32, ny: i32, nz: i32) -> u64 {
    let mrc = Mrc::new(nx, ny, nz, 2);
    let length = mrc.bytes.len() as u64 + 4 * nx as u64 * ny as u64 * nz as u64;
    let mut file = File::create(path).unwrap();
    file.write_all(&mrc.bytes).unwrap();
    file.set_len(length).unwrap();
    file.seek(SeekFrom::Start(length / 8 * 4)).unwrap();
    let noise: Vec<u8> = Noise(3).take(4096).flat_map(f32::to_le_bytes).collect();
    file.write_all(&noise).unwrap();
    length
}

fn compress_under_the_limit(name: &str, [nx, ny, nz]: [i32; 3], verifies: bool) {
    let folder = tempfile::tempdir().unwrap();
    let length = sparse(&folder.path().join(name), nx, ny, nz);
    assert!(length > 3_000_000_000);
    let output = Path::new(name).with_extension("hdf");
    let (output, words) = (output.to_str().unwrap(), ["--bits", "5", "--threads", "4", "--nooutliers", name]);
    under_the_limit(folder.path(), &words);
    assert!(folder.path().join(output).is_file());
    if verifies {
        under_the_limit(folder.path(), &["verify", "--threads", "4", output, name]);
    }
}

fn under_the_limit(folder: &Path, words: &[&str]) {
    let script = format!(r#"ulimit -v {ADDRESS_SPACE} && exec "$0" "$@""#);
    let run = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_e2compress")])
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", complaint(&run));
}

#[test]
fn a_volume() {
    compress_under_the_limit("volume.mrc", [1024, 1024, 768], false);
}

/// Three waves of four whole sections, each of 128 MiB, would not fit.
#[test]
fn a_volume_of_wide_sections() {
    compress_under_the_limit("wide.mrc", [8192, 1024, 128], true);
}

#[test]
fn one_large_image() {
    compress_under_the_limit("image.mrc", [28_000, 27_000, 1], false);
}

#[test]
fn a_movie_of_frames_that_are_held() {
    compress_under_the_limit("movie.mrcs", [5_760, 4_092, 32], false);
}
