//! What a file holds beside pixels.

#![allow(clippy::unnecessary_wraps, reason = "every test of the list has the same form")]

use e2compress_core::Error;
use e2compress_core::verify::VerifyError;
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_tests::stored::image;
use libtest_mimic::{Failed, Trial};

use crate::pair::{Pair, checked, fault};

pub fn trials() -> Vec<Trial> {
    let test = |name: &str, run: fn() -> Result<(), Failed>| Trial::test(name, run);
    vec![
        test("every attribute is checked against the original", attributes),
        test("what another program does to a file is no damage", other_programs),
        test("what nobody reads is found", out_of_reach),
        test("what compressing warned of is repeated", losses),
    ]
}

fn pair() -> Pair {
    Pair::new(&Mrc::floats(30, 20, 1, Noise(6).take(600)).bytes, &["--bits", "7"])
}

fn attributes() -> Result<(), Failed> {
    let pair = pair();
    let mut names = Vec::new();
    pair.changed(|file| image(file, 0)?.attr_names().map(|found| names = found));
    assert!(names.len() > 30);
    for name in &names {
        let file = pair.changed(|file| image(file, 0)?.delete_attr(name));
        let found = pair.beside(&file).err().ok_or(format!("{name} is not missed"))?.to_string();
        assert!(found.contains("image 0"), "{name}: {found}");
    }
    for (name, value) in [("EMAN.apix_x", 9.9f32), ("EMAN.origin_y", 77.0), ("EMAN.MRC.xlen", 3.0)] {
        let found = fault(pair.beside(&pair.said(name, value)));
        assert!(matches!(&found, VerifyError::Differs { name: found, .. } if found == name), "{found}");
    }
    let found = fault(pair.beside(&pair.said("EMAN.is_complex", 1)));
    assert!(matches!(found, VerifyError::Differs { .. }), "{found}");
    pair.beside(&pair.said("EMAN.changecount", 3))?;
    Ok(())
}

/// What libhdf5 does to a file.
type Change = fn(&hdf5::File) -> hdf5::Result<()>;

fn other_programs() -> Result<(), Failed> {
    let pair = pair();
    let changes: [(Change, Option<&str>); 4] = [
        (
            |file| image(file, 0)?.new_attr::<i32>().shape([1]).create("EMAN.more")?.write(&[1]),
            Some("EMAN.more"),
        ),
        (|file| file.create_group("other").map(|_| ()), None),
        (|file| image(file, 0)?.attr("EMAN.changecount")?.write(&[1]), None),
        (
            |file| {
                let group = image(file, 0)?;
                group.new_attr::<i32>().shape([1]).create("EMAN.more")?.write(&[1])?;
                group.delete_attr("EMAN.more")
            },
            None,
        ),
    ];
    for (change, line) in changes {
        let file = pair.changed(change);
        checked(&file, None)?;
        let notes =
            pair.beside(&file)?.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert_eq!(notes.contains("the original does not give"), line.is_some(), "{notes}");
        assert!(notes.contains(line.unwrap_or_default()), "{notes}");
    }
    // A byte that means nothing to anybody, in a file that nobody else wrote to.
    let mut file = pair.file.clone();
    let reserved = 11;
    file[reserved] ^= 1;
    for outcome in [checked(&file, None), pair.beside(&file)] {
        assert_eq!(fault(outcome), VerifyError::Structure { offset: reserved as u64 });
    }
    Ok(())
}

fn out_of_reach() -> Result<(), Failed> {
    let pair = pair();
    let more = pair.changed(|file| {
        let images = file.group("MDF/images")?;
        images.create_group("7")?;
        images.create_group("8").map(|_| ())
    });
    assert_eq!(fault(pair.beside(&more)), VerifyError::Beyond { images: 2 });
    let longer = [pair.file.as_slice(), b"more"].concat();
    assert_eq!(fault(pair.beside(&longer)), VerifyError::Trailing { bytes: 4 });
    let mut other = pair.original.clone();
    other[230] ^= 1; // in a label
    let found = checked(&pair.file, Some((&other, pair.name)));
    assert!(matches!(found, Err(Error::Verify(_))), "{found:?}");
    Ok(())
}

fn losses() -> Result<(), Failed> {
    let original = Mrc::floats(30, 20, 1, Noise(6).take(600));
    let clipped = Pair::new(&original.bytes, &["--bits", "7", "--sigrange", "1,1"]);
    for report in [checked(&clipped.file, None)?, clipped.beside(&clipped.file)?] {
        assert!(
            report.warnings.iter().any(|line| line.to_string().contains("clipped")),
            "{:?}",
            report.warnings
        );
    }
    let outlier = Mrc::floats(30, 20, 1, Noise(6).take(599).chain([1e6]));
    let lost = Pair::new(&outlier.bytes, &["--bits", "2"]);
    for report in [checked(&lost.file, None)?, lost.beside(&lost.file)?] {
        assert!(
            report.warnings.iter().any(|line| line.to_string().contains("the picture is lost")),
            "{:?}",
            report.warnings
        );
    }
    Ok(())
}
