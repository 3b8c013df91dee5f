//! An input that another program changes through a memory map: no clock shows it, reading it again does.

use std::fs::{self, OpenOptions};
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use e2compress_fixtures::complaint;
use e2compress_fixtures::made::Mrc;
use memmap2::MmapMut;
use tempfile::tempdir;

/// Columns and rows of each of two images of floats.
const SIDE: usize = 2000;

#[test]
fn verifying_finds_what_is_changed_through_a_map() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.mrcs");
    let side = SIDE as i32;
    fs::write(&path, Mrc::floats(side, side, 2, (0..2 * SIDE * SIDE).map(|n| (n % 1013) as f32)).bytes)
        .unwrap();
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    #[allow(unsafe_code, reason = "there is no safe way to a shared map")]
    // SAFETY: nothing here relies on the bytes staying as they are; that another program reads them is the point.
    let mut map = unsafe { MmapMut::map_mut(&file) }.unwrap();
    // Pages that were written to before are dirty: writing to them again moves no time.
    map.iter_mut().step_by(512).for_each(|byte| *byte = black_box(*byte));
    thread::sleep(Duration::from_millis(300));
    let mut child = Command::new(env!("CARGO_BIN_EXE_e2compress"))
        .args(["--bits", "0", "--threads", "1", "--verify", "a.mrcs"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let second = Mrc::HEADER + 4 * SIDE * SIDE;
    let mut round = 0u32;
    while child.try_wait().unwrap().is_none() {
        let value = (round % 1000) as f32;
        map[second..].chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&value.to_le_bytes()));
        round += 1;
    }
    let run = child.wait_with_output().unwrap();
    let complaint = complaint(&run);
    assert_eq!(run.status.code(), Some(1), "{round} rounds: {complaint}");
    // Where the system wrote the pages to disk in between, their time did move.
    assert!(
        ["did not pass --verify", "changed while"].iter().any(|found| complaint.contains(found)),
        "{complaint}"
    );
    assert!(!folder.path().join("a.hdf").exists());
}
