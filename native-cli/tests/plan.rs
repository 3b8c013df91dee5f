//! `plan`: what each number of bits would cost, for people and for programs, and how it ends where something is wrong.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{complaint, data, run};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder: status, standard output, standard error.
fn e2compress(folder: &Path, words: &str) -> (Option<i32>, String, String) {
    let words: Vec<&str> = words.split(' ').collect();
    let output = run(PROGRAM, folder, &words);
    (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), complaint(&output))
}

/// Runs the command, which must succeed without a complaint.
fn done(folder: &Path, words: &str) -> String {
    let (status, said, complaint) = e2compress(folder, words);
    assert_eq!((status, complaint.as_str()), (Some(0), ""), "{words}");
    said
}

/// Reads the plans that are printed for programs.
fn plans(folder: &Path, words: &str) -> Vec<Value> {
    let said = done(folder, &format!("plan --json {words}"));
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn inputs() -> std::path::PathBuf {
    data().join("auto-bits")
}

/// Copies inputs to a folder of their own.
fn folder_with(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::copy(inputs().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

#[test]
fn a_plan_is_a_table_and_says_what_auto_takes() {
    let folder = folder_with(&["damped.mrc"]);
    let said = done(folder.path(), "plan damped.mrc");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "damped.mrc: 256x256, sigma 3.968, noise floor 1.835 (highest frequencies)");
    assert_eq!(lines[1], " bits  step        step/noise  information lost  size");
    let row = |bits: usize| lines[bits];
    assert!(row(4).starts_with("    4  2.254       1.228       11 % "), "{said}");
    assert!(row(5).starts_with("    5  1.091       0.594       2.9 % "), "{said}");
    assert!(row(6).starts_with("    6* 0.5367      0.292       0.71 % "), "{said}");
    assert_eq!(said.matches('*').count(), 2, "{said}");
    assert_eq!(lines.last(), Some(&" * what auto takes: loses at most 1 % at any frequency"));
    // Nothing is written.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // The last lines tell why.
    for (name, words) in [
        ("counts_movie.mrcs", " * what auto takes: every pixel comes back as it was"),
        ("constant.mrc", " * what auto takes: all pixels are the same"),
        ("nan.mrc", " auto: some pixels are not finite: 32-bit floats"),
        ("tiny.mrc", " * what auto takes: nothing is known of the noise"),
        ("map_like.mrc", " * what auto takes: loses at most 0.25 % at any frequency"),
        ("counts_times_gain.mrc", " * what auto takes: loses at most 0.25 % at any frequency"),
        ("hot_pixel_too_far.mrc", " auto: no number of bits keeps enough: 32-bit floats; --range="),
    ] {
        let said = done(&inputs(), &format!("plan {name}"));
        assert!(said.lines().any(|line| line.starts_with(words)), "{name}: {said}");
    }
    let codes = folder.path();
    done(codes, "--bits auto damped.mrc");
    let said = done(codes, "plan damped.hdf");
    assert!(said.contains("    6* 0.5367      -           none: exact "), "{said}");
    assert!(said.ends_with("codes that stay as they are; fewer bits would cost too much\n"), "{said}");
}

#[test]
fn programs_get_every_field() {
    let names = ["white.mrc", "particles.mrcs", "counts_movie.mrcs", "map_like.mrc", "nan.mrc", "tiny.mrc"];
    let found = plans(&inputs(), &names.join(" "));
    assert_eq!(found.len(), 10, "a line for each image");
    for plan in &found {
        let reason = plan["reason"].as_str().unwrap();
        for name in [
            "file",
            "nx",
            "ny",
            "nz",
            "image",
            "bits",
            "reason",
            "noise_floor",
            "step",
            "step_over_noise",
            "loss",
            "loss_median",
            "band",
            "blocks",
            "signal",
            "counts_times_gain",
            "target",
            "predicted_size",
            "estimated",
            "table",
        ] {
            assert!(plan.get(name).is_some(), "{name}: {plan}");
        }
        assert_eq!((&plan["estimated"], &plan["target"]), (&json!(true), &json!(0.01)));
        let table = plan["table"].as_array().unwrap();
        let bits: Vec<u64> = table.iter().map(|row| row["bits"].as_u64().unwrap()).collect();
        assert_eq!(bits, (2..=16).collect::<Vec<_>>(), "{plan}");
        let chosen: Vec<&Value> = table.iter().filter(|row| row["chosen"] == true).collect();
        if plan["bits"] == 0 {
            assert_eq!((reason, chosen.len(), &plan["step"]), ("not finite", 0, &Value::Null));
            continue;
        }
        assert_eq!(chosen.len(), 1, "{plan}");
        for name in ["bits", "step", "step_over_noise", "loss", "predicted_size"] {
            assert_eq!(chosen[0][name], plan[name], "{name} of {plan}");
        }
        assert_eq!(chosen[0]["exact"], reason == "exact" || reason == "constant", "{plan}");
        assert_eq!(plan["noise_floor"].is_null(), ["noise unknown", "constant"].contains(&reason), "{plan}");
        // The codes span from one end to the other in steps.
        for row in table {
            let [low, high, step] = ["low", "high", "step"].map(|name| row[name].as_f64().unwrap());
            let codes = f64::from((1u32 << row["bits"].as_u64().unwrap()) - 1);
            assert!((high - low - step * codes).abs() <= 1e-5 * (high - low), "{row}");
        }
        // A smaller step never costs more.
        let steps: Vec<f64> = table.iter().map(|row| row["step"].as_f64().unwrap()).collect();
        assert!(steps.is_sorted_by(|a, b| a >= b), "{plan}");
    }
    let kinds: Vec<&str> = found.iter().map(|plan| plan["reason"].as_str().unwrap()).collect();
    assert!(
        ["target", "exact", "not finite", "noise unknown"].iter().all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
}

#[test]
fn stacks_are_summed_up_and_images_shown_one_by_one() {
    let here = inputs();
    let said = done(&here, "plan particles.mrcs");
    assert_eq!(said.matches("particles.mrcs, image 0: ").count(), 1, "{said}");
    assert!(!said.contains("image 1:"), "{said}");
    assert!(said.contains("\n  auto: 5 bits for 4 of 4 images (target, at most 0.62 % lost), "), "{said}");
    let said = done(&here, "plan --images 1,3 particles.mrcs");
    let shown: Vec<&str> = said.lines().filter(|line| line.contains("particles.mrcs")).collect();
    assert_eq!(shown.len(), 2, "{said}");
    assert!(
        shown[0].starts_with("particles.mrcs, image 1: ")
            && shown[1].starts_with("particles.mrcs, image 3: ")
    );
    assert!(!said.contains("auto: 5 bits for"), "{said}");
    let all = plans(&here, "particles.mrcs");
    assert_eq!(plans(&here, "--images all particles.mrcs"), all);
    // An image has the same plan alone and among others; the file around them is counted with the first.
    assert_eq!(plans(&here, "--images 1,3 particles.mrcs"), [all[1].clone(), all[3].clone()]);
    let (status, said, complaint) = e2compress(&here, "plan --images 4 particles.mrcs");
    assert_eq!((status, said.as_str()), (Some(1), ""));
    assert!(complaint.starts_with("e2compress: particles.mrcs: "), "{complaint}");
}

#[test]
fn a_target_and_limits_are_those_of_a_run() {
    let folder = folder_with(&["damped.mrc", "hot_pixels.mrc"]);
    let here = folder.path();
    for (name, target, limits) in [
        ("damped", "5%", ""),
        ("damped", "1%", ""),
        ("damped", "0.1%", ""),
        ("damped", "0.01%", ""),
        ("hot_pixels", "1%", "--nooutliers "),
        ("hot_pixels", "1%", "--sigrange 2,2 "),
    ] {
        let plan = plans(here, &format!("--target {target} {limits}{name}.mrc")).remove(0);
        done(here, &format!("--bits auto:{target} {limits}--overwrite --report r.jsonl {name}.mrc"));
        let record = fs::read_to_string(here.join("r.jsonl")).unwrap();
        let line: Value = serde_json::from_str(record.lines().last().unwrap()).unwrap();
        let made = &line["estimates"][0];
        for field in ["bits", "reason", "step", "loss", "target"] {
            assert_eq!(made[field], plan[field], "{field} of {name} at {target} {limits}");
        }
        // A plan measures what is around the pixels, a record knows about how much that is.
        let [made, planned] = [made, &plan].map(|found| found["predicted_size"].as_f64().unwrap());
        assert!((made / planned - 1.0).abs() < 0.02, "{made} {planned} of {name}");
        let real = line["output"]["bytes"].as_f64().unwrap();
        assert!((planned / real - 1.0).abs() < 0.03, "{planned} {real} of {name}");
    }
    for target in ["0.001%", "6%", "1", "x"] {
        assert_eq!(e2compress(here, &format!("plan --target {target} damped.mrc")).0, Some(2), "{target}");
    }
}

#[test]
fn where_most_pixels_are_clipped_nothing_is_said_to_be_kept() {
    let folder = folder_with(&["damped.mrc"]);
    let here = folder.path();
    fs::copy(data().join("u16_micrograph.mrc"), here.join("integers.mrc")).unwrap();
    let values = done(here, "info --json damped.mrc");
    let values: Value = serde_json::from_str(values.lines().next().unwrap()).unwrap();
    let figure = |name: &str| values[name].as_f64().unwrap();
    let (low, mean) = (figure("minimum"), figure("mean"));
    // All pixels, nearly all, and more than half of them.
    let far = (low - 20.0, low - 10.0);
    let near = (low - 10.0, low + 0.5 * (mean - low));
    let half = (low - 10.0, mean - 0.2 * figure("sigma"));
    for ((low, high), is_lost) in [(far, true), (near, false), (half, false)] {
        let limits = format!("--range={low},{high}");
        let words = if is_lost { "the picture is lost" } else { "what is kept is not known" };
        let said = done(here, &format!("plan {limits} damped.mrc"));
        let last = said.lines().last().unwrap();
        assert!(last.starts_with(&format!(" * what auto takes: {words}")), "{said}");
        assert!(last.contains("of the pixels clipped") && !last.contains("loses"), "{said}");
        let chosen = said.lines().find(|line| line.contains('*')).unwrap();
        assert!(chosen.contains(if is_lost { "picture lost" } else { "unknown" }), "{said}");
        for bits in ["auto", "5", "12"] {
            let line = format!("--bits {bits} {limits} --overwrite --outpath out damped.mrc");
            let (status, said, complaint) = e2compress(here, &line);
            assert!(status == Some(0) && said.contains(words) && !said.contains("keeps"), "{line}: {said}");
            assert_eq!(complaint.contains("the picture is lost"), is_lost, "{complaint}");
        }
    }
    // Limits that hold no pixel, and a range that holds all: integers go on from the clipped minimum.
    let line = "--range=0,1 --bits 16 --outpath out integers.mrc";
    for dry in ["", " --dry-run"] {
        let (status, said, complaint) = e2compress(here, &format!("{line}{dry}"));
        assert!(status == Some(0) && !complaint.contains("lost"), "{said}{complaint}");
        assert!(!dry.is_empty() || said.contains("range 1 to 65536, step 1, no pixels clipped"), "{said}");
    }
}

#[test]
fn info_names_the_noise_and_what_auto_takes() {
    let folder = folder_with(&["white.mrc", "tiny.mrc", "counts_times_gain.mrc"]);
    let here = folder.path();
    let said = done(here, "info white.mrc");
    assert!(said.contains("\n  Noise:      floor 4.427 (highest frequencies)\n"), "{said}");
    let auto = "\n  Auto:       5 bits (target), step 0.26 of the noise, keeps 99.4 % of the information at the finest \
                detail, ";
    assert!(said.contains(auto), "{said}");
    assert!(done(here, "info tiny.mrc").contains("\n  Noise:      unknown\n"));
    assert!(done(here, "info counts_times_gain.mrc").contains("counts times a gain, so that more is kept"));
    done(here, "--bits auto white.mrc");
    let said = done(here, "info white.hdf");
    assert!(said.contains("of the stored values; step 0.26 of it\n") && !said.contains("Auto:"), "{said}");
}

#[test]
fn files_that_cannot_be_read_are_named_and_the_others_shown() {
    let folder = folder_with(&["white.mrc", "damped.mrc"]);
    let here = folder.path();
    let bytes = fs::read(here.join("white.mrc")).unwrap();
    fs::write(here.join("short.mrc"), &bytes[..bytes.len() - 3000]).unwrap();
    for json in ["", "--json "] {
        let (status, said, complaint) =
            e2compress(here, &format!("plan {json}white.mrc none.mrc short.mrc damped.mrc"));
        assert_eq!(status, Some(1), "{complaint}");
        assert_eq!(complaint.lines().count(), 2, "{complaint}");
        assert!(
            complaint.starts_with("e2compress: none.mrc: ")
                && complaint.contains("\ne2compress: short.mrc: ")
        );
        assert!(
            said.contains("white.mrc") && said.contains("damped.mrc") && !said.contains("short"),
            "{said}"
        );
    }
    assert_eq!(e2compress(here, "plan").0, Some(2));
}

/// Once the first file is shown, the second takes long enough: it is 4 GiB, all of them a hole.
#[cfg(target_os = "linux")]
#[test]
fn it_stops_when_asked_to() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    const SIDE: u32 = 32768;
    let folder = folder_with(&["white.mrc"]);
    let mut header = fs::read(folder.path().join("white.mrc")).unwrap();
    header.truncate(1024);
    for place in [0, 4, 28, 32] {
        header[place..place + 4].copy_from_slice(&SIDE.to_le_bytes());
    }
    let path = folder.path().join("large.mrc");
    fs::write(&path, header).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(1024 + 4 * u64::from(SIDE) * u64::from(SIDE)).unwrap();
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let mut child = e2compress_fixtures::heeding(PROGRAM)
            .args(["plan", "white.mrc", "large.mrc"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut all = String::new();
        said.read_line(&mut all).unwrap();
        let kill =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        assert_eq!(child.wait().unwrap().code(), Some(status));
        said.read_to_string(&mut all).unwrap();
        assert!(all.starts_with("white.mrc: ") && !all.contains("large.mrc"), "{all}");
    }
}
