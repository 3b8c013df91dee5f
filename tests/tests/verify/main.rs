//! What verifying finds: nothing in what this program and EMAN2 write, and every kind of damage by its name
//! and place.

mod contents;
mod damage;
mod flips;
mod pair;

use std::fs;

use e2compress_core::verify::{Place, VerifyError};
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{data, inputs};
use e2compress_tests::expected::Table;
use e2compress_tests::stored::{fingerprint, image};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::pair::{ORIGINAL, Pair, checked, fault};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("files of EMAN2 are right", of_eman2),
        Trial::test("images that EMAN2 destroyed are found", destroyed),
        Trial::test("threads change nothing", threads),
    ];
    trials.extend(damage::trials());
    trials.extend(contents::trials());
    trials.extend(flips::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

fn of_eman2() -> Result<(), Failed> {
    let folder = data().join("eman2-hdf");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name")?.to_owned();
        let (stem, _) = name.split_once("__").ok_or("an option set")?;
        let original = inputs(&data()).into_iter().find(|input| input.starts_with(&format!("{stem}.")));
        let original = original.ok_or("an original")?;
        let file = fs::read(&path)?;
        let alone = checked(&file, None).map_err(|problem| format!("{name}: {problem}"))?;
        let bytes = fs::read(data().join(&original))?;
        let beside =
            checked(&file, Some((&bytes, &original))).map_err(|problem| format!("{name}: {problem}"))?;
        assert!(alone.warnings.is_empty() && beside.comparison.is_some(), "{name}");
    }
    Ok(())
}

/// Files as EMAN2 writes them where it loses the image: their codes have its fingerprints.
fn destroyed() -> Result<(), Failed> {
    let table = Table::read(&data().join("expected.json"));
    let inputs = ["f32_positive", "f32_negative", "f32_constant", "f32_min_is_zero", "f32_max_is_zero"];
    for (bits, top) in [(8, 255.0), (10, 1023.0)] {
        for input in inputs {
            let name = format!("{input}.mrc");
            let options = format!("bits{bits}");
            let case = table.cases.iter().find(|case| case.input == name && case.options == options);
            let stored = case.and_then(|case| case.images[0].stored.clone()).ok_or("a case")?;
            assert_eq!((stored.stored_rendermin, stored.stored_rendermax), (Some(0.0), Some(0.0)));
            let pair = Pair::of(&name, &["--bits", &bits.to_string()]);
            let values = pair.original[Mrc::HEADER..].as_chunks().0.iter().copied().map(f32::from_le_bytes);
            let codes: Vec<f32> = values.map(|value| if value > 0.0 { top } else { 0.0 }).collect();
            let file = pair.changed(|file| {
                let group = image(file, 0)?;
                let dataset = group.dataset("image")?;
                if bits <= 8 {
                    dataset.write_raw(&codes.iter().map(|&code| code as u8).collect::<Vec<_>>())?;
                } else {
                    dataset.write_raw(&codes.iter().map(|&code| code as u16).collect::<Vec<_>>())?;
                }
                assert_eq!(fingerprint(&dataset)?.1, stored.sha256, "{input}");
                group.attr("EMAN.stored_rendermin")?.write_raw(&[0f32])?;
                group.attr("EMAN.stored_rendermax")?.write_raw(&[0f32])?;
                let truncated = stored.stored_truncated.unwrap_or_default();
                group.attr("EMAN.stored_truncated")?.write_raw(&[truncated])
            });
            for outcome in [checked(&file, None), pair.beside(&file)] {
                let fault = fault(outcome);
                assert!(matches!(fault, VerifyError::Flat { image: 0, .. }), "{input}: {fault}");
                assert!(fault.to_string().contains("is lost"), "{fault}");
            }
        }
    }
    Ok(())
}

/// The same figures, and the same first fault of two.
fn threads() -> Result<(), Failed> {
    let original = Mrc::floats(1500, 1700, 2, Noise(4).take(1500 * 1700 * 2));
    let pair = Pair::new(&original.bytes, &["--bits", "7"]);
    let mut other = original.clone();
    for pixel in [1_234_567, 4_900_000] {
        other.set(Mrc::HEADER + 4 * pixel, &9f32.to_le_bytes());
    }
    let on = |threads: usize| -> Result<_, Failed> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| {
            let right = pair.beside(&pair.file).map_err(|problem| problem.to_string());
            (right, fault(checked(&pair.file, Some((&other.bytes, ORIGINAL)))))
        }))
    };
    let (one, three) = (on(1)?, on(3)?);
    assert!(one.0.is_ok(), "{one:?}");
    assert_eq!(one, three);
    let place = Place { image: 0, section: 0, row: 1_234_567 / 1500, column: 1_234_567 % 1500 };
    assert!(matches!(one.1, VerifyError::WrongCode { place: found, .. } if found == place), "{}", one.1);
    Ok(())
}
