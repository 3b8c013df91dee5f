//! `--bits auto`: what the command says and records of it, and that running it again, resuming and verifying agree with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use e2compress_fixtures::{data, inputs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the command in a folder: status, standard output, standard error.
fn e2compress(folder: &Path, words: &str) -> (Option<i32>, String, String) {
    e2compress_fixtures::told(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

/// Runs the command, which must succeed: standard output, standard error.
fn done(folder: &Path, words: &str) -> (String, String) {
    e2compress_fixtures::done(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

/// Creates a folder with inputs in `raw`; returns their names, too.
fn folder_with(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("raw")).unwrap();
    for name in names {
        fs::copy(data().join("auto-bits").join(name), folder.path().join("raw").join(name)).unwrap();
    }
    folder
}

/// Creates a folder with every input there is.
fn folder_with_all() -> (TempDir, Vec<String>) {
    let names = inputs(&data().join("auto-bits"));
    (folder_with(&names.iter().map(String::as_str).collect::<Vec<_>>()), names)
}

/// Reads the files of a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect()
}

/// Lists the inputs, as words of a command line.
fn raw(names: &[String]) -> String {
    names.iter().map(|name| format!("raw/{name}")).collect::<Vec<_>>().join(" ")
}

/// Lists the files that a run or `verify` found something about, and what.
fn warnings(complaint: &str) -> Vec<String> {
    let all = complaint.lines().filter(|line| !line.starts_with("  "));
    let warnings = all.filter_map(|line| line.split_once(": warning: "));
    let mut found: Vec<String> = warnings
        .map(|(path, words)| format!("{}: {words}", Path::new(path).file_stem().unwrap().to_str().unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn what_auto_made_is_verified_and_resumed() {
    let (folder, names) = folder_with_all();
    let (here, all) = (folder.path(), raw(&names));
    done(here, &format!("--bits auto --outpath out --report r.jsonl {all}"));
    let (said, _) = done(here, "verify out --against raw --bits auto");
    assert_eq!(said.matches(", stored as the options say\n").count(), names.len(), "{said}");
    let (said, _) = done(here, "verify out --against raw --options-of r.jsonl");
    assert_eq!(said.matches(", stored as the options say\n").count(), names.len(), "{said}");
    done(here, "verify out --against raw --bits auto:1%");
    // Another target, limits, or a number of bits is another choice.
    let pair = "verify out/damped.hdf raw/damped.mrc";
    done(here, &format!("{pair} --bits 6"));
    for options in ["--bits auto:0.1%", "--bits auto --sigrange 3,3", "--bits 5", "--bits 0"] {
        let (status, _, complaint) = e2compress(here, &format!("{pair} {options}"));
        assert_eq!(status, Some(1), "{options}");
        assert!(complaint.contains("is stored as 6 bits, range "), "{options}: {complaint}");
    }
    let resume = "--outpath out --report r.jsonl --resume r.jsonl";
    let skipped = |options: &str| {
        let (said, _) = done(here, &format!("{options} {resume} {all}"));
        said.matches("done before").count()
    };
    let first = contents(&here.join("out"));
    assert_eq!(skipped("--bits auto"), names.len());
    assert_eq!(skipped("--bits auto:1%"), names.len(), "it is the target of auto");
    assert_eq!(contents(&here.join("out")), first);
    assert_eq!(skipped("--bits auto:0.1%"), 0);
    done(here, "verify out --against raw --bits auto:0.1%");
    done(here, "verify out --against raw --options-of r.jsonl");
    assert_eq!(skipped("--bits auto"), 0);
    assert_eq!(contents(&here.join("out")), first);
}

/// Values of codes are not what the codes were made of: counts times a gain are none any more.
#[test]
fn codes_are_chosen_once() {
    let (folder, names) = folder_with_all();
    let (here, all) = (folder.path(), raw(&names));
    for options in ["--bits auto", "--bits auto:5%", "--bits 16", "--bits 5", "--bits 0"] {
        done(here, &format!("{options} --overwrite --outpath made {all}"));
        let made = contents(&here.join("made"));
        let of =
            |folder: &str| made.keys().map(|name| format!("{folder}/{name}")).collect::<Vec<_>>().join(" ");
        done(here, &format!("--bits auto --overwrite --outpath once {}", of("made")));
        done(here, "verify once --against made --bits auto");
        done(here, &format!("--bits auto --overwrite --outpath twice {}", of("once")));
        // What they are called is written in them.
        let described = |folder: &str| {
            done(here, &format!("info --json {}", of(folder))).0.replace(&format!("\"{folder}/"), "\"")
        };
        assert_eq!(described("once"), described("twice"), "{options}");
        done(here, "verify twice --against once --bits auto");
        let is_codes = |name: &str| {
            // Floats that were there before.
            let floats = ["hot_pixel_too_far", "nan"].contains(&name);
            !(floats && ["--bits auto", "--bits auto:5%", "--bits 0"].contains(&options))
        };
        for name in &names {
            let (name, _) = name.split_once('.').unwrap();
            let stored = done(here, &format!("info once/{name}.hdf")).0;
            assert_eq!(stored.contains("-bit codes"), is_codes(name), "{options}: {stored}");
        }
        // In place.
        done(here, &format!("--bits auto {}", of("made")));
        let once = contents(&here.join("made"));
        for (name, bytes) in &once {
            assert!(bytes.len() <= made[name].len(), "{options}: {name} has grown");
        }
        let (said, _) = done(here, &format!("--bits auto {}", of("made")));
        assert_eq!(said.matches("kept as it is").count(), names.len(), "{options}: {said}");
        assert_eq!(contents(&here.join("made")), once, "{options}");
        if options.starts_with("--bits auto") {
            assert_eq!(once, made, "{options}");
        }
    }
}

#[test]
fn verify_warns_of_what_a_run_warns_of() {
    let (folder, names) = folder_with_all();
    let (here, all) = (folder.path(), raw(&names));
    // Advice to leave outliers out takes a pass that verifying does not run.
    let without_outliers = |complaint: &str| {
        warnings(complaint)
            .into_iter()
            .map(|words| words.replace("--nooutliers or more bits", "more bits"))
            .collect::<Vec<_>>()
    };
    let mut kinds = BTreeMap::new();
    for options in ["--bits 2", "--bits 3", "--bits 4", "--bits 5", "--bits 9", "--bits auto:5%", "--bits 0"]
    {
        let (_, of_run) = done(here, &format!("{options} --overwrite --outpath out {all}"));
        let (_, of_verify) = done(here, "verify out --against raw");
        // Why images became floats is not in a file.
        let mut of_run = without_outliers(&of_run);
        of_run.retain(|warning| !warning.contains("no number of bits"));
        assert_eq!(of_run, without_outliers(&of_verify), "{options}");
        for kind in ["of the information at the finest detail is lost", "the picture is lost", "NaN"] {
            *kinds.entry(kind).or_insert(0) += of_run.iter().filter(|warning| warning.contains(kind)).count();
        }
    }
    assert!(kinds.values().all(|&count| count > 3), "{kinds:?}");
}

#[test]
fn lost_information_is_told_counted_and_recorded() {
    let folder = folder_with(&["damped.mrc", "white.mrc"]);
    let here = folder.path();
    let warning = "raw/damped.mrc: warning: up to 11 % of the information at the finest detail is lost in the \
                   image; --bits auto keeps it\n";
    let (said, told) = done(here, "--bits 4 --report r.jsonl --outpath out raw/damped.mrc");
    assert!(
        said.contains("step 1.2 of the noise, keeps 89 % of the information at the finest detail"),
        "{said}"
    );
    assert_eq!(told, warning);
    let line: Value = serde_json::from_str(fs::read_to_string(here.join("r.jsonl")).unwrap().trim()).unwrap();
    assert_eq!(line["warning_kinds"], json!(["information_lost"]));
    assert_eq!(line["estimates"][0]["reason"], "asked");
    for command in
        ["--bits 4 --overwrite --outpath out raw/damped.mrc", "verify out/damped.hdf raw/damped.mrc"]
    {
        let (status, _, told) = e2compress(here, &format!("{command} --strict"));
        assert_eq!(status, Some(1), "{command}");
        assert!(told.contains("1 warning about 1 of 1 file, and --strict is given"), "{told}");
    }
    // The file alone does not say it, and what the advice says helps.
    assert_eq!(done(here, "verify --strict out/damped.hdf").1, "");
    assert_eq!(done(here, "--strict --bits auto --overwrite --outpath out raw/damped.mrc").1, "");
    assert_eq!(done(here, "--strict --bits 5 --outpath out raw/white.mrc").1, "");
}

#[test]
fn a_line_says_what_is_kept() {
    let folder =
        folder_with(&["white.mrc", "particles.mrcs", "constant.mrc", "tiny.mrc", "counts_movie.mrcs"]);
    let here = folder.path();
    for (words, parts) in [
        (
            "raw/white.mrc",
            &[
                "5 bits (auto: target), ",
                "step 0.26 of the noise, keeps 99.4 % of the information at the finest detail",
            ][..],
        ),
        (
            "--verbose 1 raw/white.mrc",
            &["keeps 99.4 % of the information", "noise floor 4.427 at 0.25 to 0.375 of Nyquist"],
        ),
        ("raw/particles.mrcs", &["5 bits (auto: target)", "keeps at least 99.4 % of the information"]),
        ("raw/constant.mrc", &["2 bits (auto: constant)", "keeps every pixel as it is"]),
        ("raw/counts_movie.mrcs", &["4 bits (auto: exact)", "keeps every pixel as it is"]),
        ("raw/tiny.mrc", &["16 bits (auto: noise unknown)", "noise unknown"]),
        ("--bits 0 raw/white.mrc", &["32-bit floats"]),
    ] {
        let (said, _) = done(here, &format!("--bits auto --overwrite --outpath out {words}"));
        assert_eq!(said.lines().count(), 1, "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(said.contains("noise floor"), words.contains("verbose"), "{said}");
    }
}

#[test]
fn a_record_has_the_estimate_of_every_image() {
    let folder = folder_with(&["particles.mrcs"]);
    let here = folder.path();
    done(here, "--bits auto --report r.jsonl raw/particles.mrcs");
    let line: Value = serde_json::from_str(fs::read_to_string(here.join("r.jsonl")).unwrap().trim()).unwrap();
    assert_eq!(line["options"]["bits"], "auto");
    let estimates = line["estimates"].as_array().unwrap();
    assert_eq!(estimates.len(), 4);
    for (number, found) in estimates.iter().enumerate() {
        assert_eq!((&found["image"], &found["through"]), (&json!(number), &json!(number)));
        let [floor, step, loss, median, added] =
            ["noise_floor", "step", "loss", "loss_median", "added_noise"]
                .map(|name| found[name].as_f64().unwrap());
        assert!((found["step_over_noise"].as_f64().unwrap() - step / floor).abs() < 1e-12, "{found}");
        let error = step * step / 12.0;
        assert!((loss - error / (floor * floor + error)).abs() < 1e-12, "{found}");
        assert!((added - error.sqrt()).abs() < 1e-12 && median > 0.0 && median <= loss, "{found}");
        assert_eq!(
            (&found["bits"], &found["reason"], &found["target"]),
            (&json!(5), &json!("target"), &json!(0.01))
        );
        assert_eq!(
            (&found["estimated"], &found["signal"], &found["counts_times_gain"]),
            (&json!(true), &json!(false), &json!(false))
        );
        assert!(found["blocks"].as_u64().unwrap() > 100 && found["band"].is_array(), "{found}");
    }
    let predicted: u64 = estimates.iter().map(|found| found["predicted_size"].as_u64().unwrap()).sum();
    let output = line["output"]["bytes"].as_u64().unwrap();
    assert!(predicted.abs_diff(output) < output / 50, "{predicted} {output}");
    let spread = &line["spread"][0];
    assert_eq!(
        (&spread["bits"], &spread["images"], &spread["predicted_size"]),
        (&json!(5), &json!(4), &json!(predicted))
    );
    // What was not chosen has no target, and floats have neither noise nor step.
    done(here, "--bits 0 --overwrite --report 0.jsonl raw/particles.mrcs");
    let line: Value = serde_json::from_str(fs::read_to_string(here.join("0.jsonl")).unwrap().trim()).unwrap();
    let found = &line["estimates"][0];
    assert_eq!(
        (&found["through"], &found["estimated"], &found["step"]),
        (&json!(3), &json!(false), &Value::Null)
    );
}

#[test]
fn limits_that_are_proposed_do_what_is_said() {
    let folder = folder_with(&["hot_pixel_too_far.mrc"]);
    let here = folder.path();
    let (_, told) = done(here, "--bits auto raw/hot_pixel_too_far.mrc");
    let (_, proposal) = told.split_once("32-bit floats; ").unwrap();
    let (option, rest) = proposal.split_once(" would take ").unwrap();
    let (bits, rest) = rest.split_once(" and clip ").unwrap();
    let pixels = rest.lines().next().unwrap();
    assert!(option.starts_with("--range="), "{told}");
    for words in ["plan", "info --strict"] {
        let (said, _) = done(here, &format!("{words} raw/hot_pixel_too_far.mrc"));
        assert!(said.contains(&format!("{option} would take {bits} and clip {pixels}")), "{words}: {said}");
    }
    assert_eq!(e2compress(here, "--bits auto --strict --overwrite raw/hot_pixel_too_far.mrc").0, Some(1));
    let (said, told) =
        done(here, &format!("--strict --bits auto --overwrite {option} raw/hot_pixel_too_far.mrc"));
    assert!(said.contains(&format!(", {bits} (auto: target), ")), "{said}");
    assert!(said.contains(&format!(", {pixels} clipped ")), "{said}");
    assert_eq!(told, "");
}

/// A constant image is smaller as the floats it was.
#[test]
fn a_file_that_would_grow_stays_and_its_record_says_nothing_of_codes() {
    let folder = folder_with(&["constant.mrc"]);
    let here = folder.path();
    done(here, "--bits 0 --outpath . raw/constant.mrc");
    let before = fs::read(here.join("constant.hdf")).unwrap();
    let (said, told) = done(here, "--bits auto --report r.jsonl constant.hdf");
    assert!(said.ends_with("kept as it is: it would not get smaller\n") && told.is_empty(), "{said}{told}");
    assert!(fs::read(here.join("constant.hdf")).unwrap() == before);
    let line: Value = serde_json::from_str(fs::read_to_string(here.join("r.jsonl")).unwrap().trim()).unwrap();
    assert_eq!((&line["estimates"], &line["spread"], &line["range"]), (&json!([]), &json!([]), &Value::Null));
    assert_eq!(line["output"]["sha256"], line["input"]["sha256"]);
    let (said, _) = done(here, "--bits auto --report r.jsonl --resume r.jsonl constant.hdf");
    assert!(said.contains("done before"), "{said}");
    // What is asked for is done.
    assert!(done(here, "--bits 2 constant.hdf").0.contains("2 bits"));
}
