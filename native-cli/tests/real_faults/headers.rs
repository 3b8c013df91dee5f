//! Headers that lie: told in one line, at once, in little memory.

use std::time::{Duration, Instant};

use e2compress_fixtures::complaint;
use e2compress_fixtures::made::Mrc;
use libtest_mimic::Trial;

use crate::place::{Outcome, Place, hold, small, trial};

/// Far more than the program itself, far less than any of the headers promise, in KiB.
const ADDRESS_SPACE: u32 = 256 << 10;

/// The machine may be busy; a program that believes one of these headers takes minutes.
const AT_ONCE: Duration = Duration::from_secs(10);

pub fn trials() -> Vec<Trial> {
    vec![trial("headers that lie", true, lies), trial("headers that are odd but true", true, oddities)]
}

const NX: usize = 0;
const NY: usize = 4;
const NZ: usize = 8;
const MODE: usize = 12;
const NSYMBT: usize = 92;
const EXTTYP: usize = 104;
const STAMP: usize = 212;
const LABELS: usize = 220;

const SIDE: i32 = (1 << 20) - 1;
const FEI1: i32 = i32::from_le_bytes(*b"FEI1");

type Words = &'static [(usize, i32)];

fn lies() -> Outcome {
    let cases: &[(Words, &str)] = &[
        (&[(NX, 0)], "dimensions"),
        (&[(NY, 0)], "dimensions"),
        (&[(NZ, 0)], "dimensions"),
        (&[(NX, -1)], "dimensions"),
        (&[(NX, i32::MIN), (NY, i32::MIN), (NZ, i32::MIN)], "dimensions"),
        (&[(NX, i32::MAX)], "dimensions"),
        (&[(NX, i32::MAX), (NY, i32::MAX), (NZ, i32::MAX)], "dimensions"),
        (&[(NX, 65_536), (NY, 65_536), (NZ, 65_536)], "cut short"),
        // 2^64 bytes and a few, were it computed in 64 bits.
        (&[(NX, 1 << 19), (NY, 1 << 19), (NZ, 1 << 19)], "cut short"),
        (&[(NX, SIDE), (NY, SIDE), (NZ, SIDE)], "cut short"),
        (&[(NX, SIDE), (NY, SIDE), (NZ, SIDE), (MODE, 0)], "cut short"),
        (&[(NX, SIDE), (NY, SIDE), (NZ, SIDE), (MODE, 101)], "cut short"),
        (&[(NY, 31)], "cut short"),
        (&[(NZ, 2)], "cut short"),
        (&[(NSYMBT, 1)], "short by exactly"),
        (&[(NSYMBT, 4800)], "short by exactly"),
        (&[(NSYMBT, 4801)], "extended header"),
        (&[(NSYMBT, -1)], "extended header"),
        (&[(NSYMBT, i32::MIN)], "extended header"),
        (&[(NSYMBT, i32::MAX)], "extended header"),
        (&[(NSYMBT, i32::MAX), (EXTTYP, FEI1)], "extended header"),
        (&[(MODE, 3)], "complex"),
        (&[(MODE, 4)], "complex"),
        (&[(MODE, -1)], "mode"),
        (&[(MODE, i32::MAX)], "mode"),
    ];
    for name in ["a.mrc", "a.mrcs"] {
        for (words, complaint_part) in cases {
            let (run, time) = run(name, words, &[]);
            let what = format!("{name} {words:?}: {} after {time:?}: {}", run.status, complaint(&run));
            let said = complaint(&run).to_lowercase();
            hold(run.status.code() == Some(1) && said.lines().count() == 1, || what.clone())?;
            // A number of sections that a volume may not have, a stack may.
            let part = complaint_part.to_lowercase();
            hold(said.contains(&part) || said.contains("dimensions"), || format!("not {part}: {what}"))?;
            hold(time < AT_ONCE, || what.clone())?;
        }
    }
    // A stack of 2^31 - 1 images, of which one is there.
    let (run, time) = run("a.mrcs", &[(NX, 40), (NY, 30), (NZ, i32::MAX)], &[]);
    hold(run.status.code() == Some(1) && complaint(&run).contains("cut short") && time < AT_ONCE, || {
        format!("{} after {time:?}: {}", run.status, complaint(&run))
    })
}

/// What no pixel depends on may be anything.
fn oddities() -> Outcome {
    let fei = |size: u32| [&size.to_le_bytes()[..], &[255; 1020]].concat();
    let cases: &[(Words, Vec<u8>)] = &[
        // Marked as big-endian, but the numbers make sense in the other order alone.
        (&[(STAMP, 0x1111)], vec![]),
        (&[(LABELS, i32::MAX)], vec![]),
        (&[(LABELS, i32::MIN)], vec![]),
        (&[(28, 0), (32, -1), (36, i32::MAX)], vec![]),
        (&[(40, -1), (44, 0x7f80_0000), (48, 0x7fc0_0000)], vec![]),
        (&[(64, i32::MAX), (68, i32::MIN), (72, 0)], vec![]),
        (&[(64, 2), (68, 1), (72, 3)], vec![]),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(0)),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(7)),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(8)),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(1024)),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(1025)),
        (&[(NSYMBT, 1024), (EXTTYP, FEI1)], fei(u32::MAX)),
    ];
    for name in ["a.mrc", "a.mrcs"] {
        for (words, extended) in cases {
            let (run, time) = run(name, words, extended);
            let what = || format!("{name} {words:?}: {} after {time:?}: {}", run.status, complaint(&run));
            hold(run.status.success() && time < AT_ONCE, what)?;
        }
    }
    Ok(())
}

fn run(name: &str, words: &[(usize, i32)], extended: &[u8]) -> (std::process::Output, Duration) {
    let mut mrc = Mrc { bytes: small() };
    for (offset, value) in words {
        mrc.int(*offset, *value);
    }
    mrc.bytes.splice(Mrc::HEADER..Mrc::HEADER, extended.iter().copied());
    let place = Place::new();
    place.file(name, &mrc.bytes);
    let start = Instant::now();
    let run = place.script(&format!(r#"ulimit -v {ADDRESS_SPACE} && exec "$0" --threads 2 {name}"#));
    let left = place.names("");
    assert!(run.status.success() || left == [name], "{left:?}");
    (run, start.elapsed())
}
