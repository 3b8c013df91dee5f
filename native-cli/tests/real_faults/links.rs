//! Links. An output is a name: it replaces a link of that name, never what the link leads to.

use std::fs;
use std::os::unix::fs::symlink;

use libtest_mimic::Trial;

use crate::place::{Outcome, Place, SIGNATURE, ended, hold, small, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("inputs that are links", true, inputs),
        trial("outputs that are links", true, outputs),
        trial("folders that are links", true, folders),
        trial("links from an output to an input", true, to_the_input),
        trial("links that lead nowhere", true, nowhere),
        trial("one file named twice", true, named_twice),
    ]
}

fn is_link(place: &Place, name: &str) -> bool {
    fs::symlink_metadata(place.path(name)).is_ok_and(|metadata| metadata.is_symlink())
}

fn new(place: &Place, name: &str) -> Outcome {
    let whole = !is_link(place, name) && place.bytes(name).starts_with(SIGNATURE);
    hold(whole, || format!("{name} is no new output"))
}

/// The output lies beside the link and has its name.
fn inputs() -> Outcome {
    let place = Place::new();
    fs::create_dir(place.path("data"))?;
    place.file("data/a.mrc", small());
    symlink("data/a.mrc", place.path("b.mrc"))?;
    fs::hard_link(place.path("data/a.mrc"), place.path("c.mrc"))?;
    ended(&place.run(&["b.mrc", "c.mrc"]), 0, "")?;
    new(&place, "b.hdf")?;
    new(&place, "c.hdf")?;
    hold(place.names("data") == ["a.mrc"] && place.bytes("data/a.mrc") == small(), || "touched".into())?;
    hold(is_link(&place, "b.mrc"), || "the link is gone".into())
}

fn outputs() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    for kind in ["symbolic", "hard", "dangling"] {
        let other = place.file("other", "precious");
        match kind {
            "symbolic" => symlink("other", place.path("a.hdf"))?,
            "hard" => fs::hard_link(other, place.path("a.hdf"))?,
            _ => symlink("missing", place.path("a.hdf"))?,
        }
        ended(&place.run(&["a.mrc"]), 1, "--overwrite")?;
        ended(&place.run(&["--overwrite", "a.mrc"]), 0, "")?;
        new(&place, "a.hdf")?;
        hold(place.bytes("other") == b"precious", || format!("{kind}: what the link led to was written"))?;
        place.holds(&["a.hdf", "a.mrc", "other"])?;
        fs::remove_file(place.path("a.hdf"))?;
    }
    Ok(())
}

fn folders() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    fs::create_dir(place.path("real"))?;
    symlink("real", place.path("link"))?;
    ended(&place.run(&["--outpath", "link", "a.mrc"]), 0, "")?;
    new(&place, "real/a.hdf")?;
    hold(is_link(&place, "link"), || "the link is gone".into())?;
    place.file("real/b.mrc", small());
    ended(&place.run(&["real/b.mrc", "link/b.mrc"]), 2, "Nothing was written")?;
    hold(!place.path("real/b.hdf").exists(), || "something was written".into())
}

/// An MRC file named `a.hdf` and a link `a.mrc` to it: the output would replace the only copy.
fn to_the_input() -> Outcome {
    let place = Place::new();
    place.file("a.hdf", small());
    symlink("a.hdf", place.path("a.mrc"))?;
    ended(&place.run(&["a.mrc"]), 2, "would be overwritten")?;
    fs::remove_file(place.path("a.mrc"))?;
    fs::hard_link(place.path("a.hdf"), place.path("a.mrc"))?;
    ended(&place.run(&["a.mrc"]), 2, "would be overwritten")?;
    hold(place.bytes("a.hdf") == small() && place.bytes("a.mrc") == small(), || "the input is gone".into())?;
    // The other way round nothing is lost: the link is replaced, the file stays.
    fs::remove_file(place.path("a.hdf"))?;
    symlink("a.mrc", place.path("a.hdf"))?;
    ended(&place.run(&["--overwrite", "a.mrc"]), 0, "")?;
    new(&place, "a.hdf")?;
    hold(place.bytes("a.mrc") == small(), || "the input is gone".into())
}

fn nowhere() -> Outcome {
    let place = Place::new();
    symlink("missing", place.path("a.mrc"))?;
    symlink("loop.mrc", place.path("loop.mrc"))?;
    symlink("missing", place.path("out"))?;
    ended(&place.run(&["a.mrc"]), 1, "No such file")?;
    ended(&place.run(&["loop.mrc"]), 1, "Too many levels of symbolic links")?;
    place.file("b.mrc", small());
    ended(&place.run(&["--outpath", "out", "b.mrc"]), 2, "cannot create the folder out")?;
    place.holds(&["a.mrc", "b.mrc", "loop.mrc", "out"])
}

fn named_twice() -> Outcome {
    let place = Place::new();
    fs::create_dir(place.path("sub"))?;
    place.file("x.mrc", small());
    place.file("x.mrcs", small());
    let whole = place.path("x.mrc");
    for inputs in [["x.mrc", "sub/../x.mrc"], ["x.mrc", "x.mrcs"]] {
        ended(&place.run(&inputs), 2, "Nothing was written")?;
        place.holds(&["sub", "x.mrc", "x.mrcs"])?;
    }
    for again in ["x.mrc", "./x.mrc", crate::place::text(&whole)] {
        ended(&place.run(&["x.mrc", again]), 0, "given again")?;
        place.holds(&["sub", "x.hdf", "x.mrc", "x.mrcs"])?;
    }
    Ok(())
}
