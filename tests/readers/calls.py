"""Checks what the Python module makes of calls of the command, and of what the command says."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import mrcfile
import numpy as np

import e2compress
from beside import DATA, command, raises


def check_command():
    """Records of what was done, warnings as warnings, and the command's words where it fails."""
    assert e2compress.program() == shutil.which("e2compress")
    for name in ("u16_small.mrc", "f32_stack.mrcs", "f32_outliers.mrc"):
        shutil.copy(DATA / name, name)
    # Small outputs are larger than their inputs, which is no warning.
    records = e2compress.compress(["u16_small.mrc", Path("f32_stack.mrcs")], bits=np.int64(5), outpath=Path("out"))
    assert [record["status"] for record in records] == ["done", "done"]
    assert all(record["verified"] and Path(record["output"]["path"]).exists() for record in records)
    by_hand = Path("by_hand")
    command("--bits", "5", "--outpath", by_hand, "u16_small.mrc")
    assert (by_hand / "u16_small.hdf").read_bytes() == Path("out/u16_small.hdf").read_bytes()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        [record] = e2compress.compress("f32_outliers.mrc", bits=2, nooutliers=False, range=(-0.01, 0.01))
    def words(kind):
        return [str(one.message).split(": ", 1)[1] for one in told if one.category is kind]

    assert record["warnings"] == words(e2compress.CommandWarning) != [], told
    # It was just copied, which is no warning, and said of all inputs together.
    [note] = [str(one.message) for one in told if one.category is e2compress.CommandNote]
    assert len(record["notes"]) == 1 and "changed less than" in record["notes"][0] and "f32_outliers.mrc" in note, told
    assert record["options"]["bits"] == 2

    # A report of the caller's own is added to; what is returned is what was added.
    command("--report", "own.jsonl", "--outpath", "own", "f32_stack.mrcs")
    [record] = e2compress.compress("u16_small.mrc", report="own.jsonl", outpath="own")
    lines = Path("own.jsonl").read_text().splitlines()
    assert len(lines) == 2 and json.loads(lines[1]) == record
    assert e2compress.compress([]) == []

    problem = raises(e2compress.CommandError, "nowhere.mrc", e2compress.compress, ["u16_small.mrc", "nowhere.mrc"], outpath="x")
    assert problem.status == 1 and {record["status"] for record in problem.records} >= {"done"}, problem.records
    assert str(pickle.loads(pickle.dumps(problem))) == str(problem)
    said = subprocess.run(["e2compress", "--bits=1", "u16_small.mrc"], capture_output=True, text=True).stderr
    problem = raises(e2compress.CommandError, "", e2compress.compress, "u16_small.mrc", bits=1)
    assert str(problem) == said.strip() and problem.status == 2, (str(problem), said)
    raises(e2compress.CommandError, "--no-such-option", e2compress.compress, "u16_small.mrc", no_such_option=True)
    # A name that looks like an option is a name.
    shutil.copy("u16_small.mrc", "--help.mrc")
    [record] = e2compress.compress("--help.mrc")
    assert record["output"]["path"].endswith("--help.hdf")

    path = os.environ["PATH"]
    os.environ["PATH"] = ""
    raises(e2compress.CommandNotFound, "not on PATH", e2compress.compress, "u16_small.mrc")
    os.environ["PATH"] = path


def check_notes():
    """What has no record is said all the same: files left for later, and what a dry run would do and warn of."""
    shutil.copy(DATA / "f32_outliers.mrc", "a.mrc")

    [], [], [words] = told("a.mrc", bits=2, settle=60)
    assert words.startswith("a.mrc: left for later: "), words
    assert told("a.mrc", bits=2, settle=60, quiet=True) == ([], [], [])
    records, lost, notes = told("a.mrc", bits=2, dry_run=True)
    assert records == [] and any("would be written" in words for words in notes), notes
    assert any("the picture is lost" in words for words in lost), lost
    assert os.listdir() == ["a.mrc"]
    problem = raises(e2compress.CommandError, "nowhere.mrc", e2compress.compress, "nowhere.mrc", dry_run=True)
    assert problem.status == 1 and problem.records == []


def check_interrupt():
    """Ctrl-C asks the command to stop, and nothing unfinished stays."""
    import signal

    values = np.random.default_rng(3).normal(size=(6000, 6000)).astype(np.float32)
    mrcfile.write("large.mrc", values)

    def interrupt():
        for _ in range(1000):
            time.sleep(0.01)
            if [path for path in Path("out").glob(".*.part")]:
                break
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    raises(KeyboardInterrupt, "", e2compress.compress, "large.mrc", bits=12, compresslevel=9, outpath="out", threads=1)
    assert list(Path("out").iterdir()) == []


def told(path, **options):
    """Compresses, and returns the records, the warnings and the notes."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        records = e2compress.compress(path, **options)
    of = lambda kind: [str(one.message) for one in told if one.category is kind]
    found = (of(e2compress.CommandWarning), of(e2compress.CommandNote))
    assert len(found[0]) + len(found[1]) == len(told), told
    assert all(one.filename == __file__ for one in told), told
    return (records, *found)


def check_said():
    """Each warning and each note of the command's, of a file or of all, is given once."""
    tree = Path("tree")
    tree.mkdir()
    for name in ("u16_small.mrc", "f32_stack.mrcs", "f32_outliers.mrc"):
        shutil.copy(DATA / name, tree)
    for number in range(4):
        (tree / f"{number}.txt").write_text("of no format")
    odd = ("  two.mrc", "e2compress: note: a.mrc", "a: left for later: b.mrc")
    for name in odd:
        shutil.copy(DATA / "f32_outliers.mrc", name)
    # No input has just changed, which would be one more note.
    time.sleep(6)
    old = {"no_verify": True, "bits": 2}

    records, lost, notes = told(tree, recursive=True, outpath="out", resume="typo.jsonl", report="done.jsonl", **old)
    assert len(records) == 3 and len(lost) == 3 and all("the picture is lost" in words for words in lost), lost
    assert all(words.startswith("tree/") and "warning" not in words for words in lost), lost
    for words in ("there is no report typo.jsonl yet", "4 other files stay behind: ", "outputs are larger than"):
        assert len([note for note in notes if words in note]) == 1, (words, notes)
    assert len(notes) == 3 and not any(note.startswith(("e2compress", "note", " ")) for note in notes), notes
    # All of it is done: what was warned of before is not forgotten.
    records, lost, notes = told(tree, recursive=True, outpath="out", resume="done.jsonl", report="done.jsonl", **old)
    assert records == [] and len(lost) == 1 and lost[0].startswith("3 warnings about 3 files done before"), lost
    assert len(notes) == 1 and "stay behind" in notes[0], notes
    records, lost, notes = told(
        tree, recursive=True, outpath="out", resume=["typo.jsonl", "done.jsonl"], copy_others=True, quiet=True, **old
    )
    assert len(lost) == 1 and notes == [], (lost, notes)

    one = str(tree / "u16_small.mrc")
    for options, words in [
        ({"shard": "2/3"}, "share 2 of 3 is empty|share 2/3 of 1 file is empty"),
        ({"verbose": 1, "threads": 1}, "1 thread"),
        ({"overwrite": True}, "1 name was given again, it is taken once: tree/u16_small.mrc"),
    ]:
        again = [one, one] if "given again" in words else one
        _, lost, notes = told(again, bits=8, outpath="one", **options)
        assert lost == [] and len(notes) == 1 and re.fullmatch(words, notes[0]), (lost, notes)
        _, lost, notes = told(again, bits=8, outpath="one", quiet=True, **options)
        assert lost == notes == [], (lost, notes)
    # Names that look like what the command says.
    for name in odd:
        records, lost, notes = told([name], outpath="names", **old)
        assert [record["status"] for record in records] == ["done"] and len(lost + notes) == 1, (name, lost, notes)


def check_options():
    """A list of paths gives an option several times, numbers are one value, and nothing else is spelt as it may come."""
    for name in ("a.mrc", "b.mrc"):
        shutil.copy(DATA / "u16_small.mrc", name)
    for name in ("a", "b"):
        e2compress.compress(f"{name}.mrc", bits=5, outpath="out", report=f"{name},1.jsonl")
    both = ["a.mrc", "b.mrc"]
    for several in (["a,1.jsonl", Path("b,1.jsonl")], ("a,1.jsonl", "b,1.jsonl")):
        assert told(both, bits=5, outpath="out", resume=several) == ([], [], [])
    assert len(told(both, bits=5, outpath="out", resume=Path("b,1.jsonl"), overwrite=True)[0]) == 1
    assert len(told(both, bits=5, outpath="out", resume=[], overwrite=True)[0]) == 2
    # Which options may be repeated the command says, in its help.
    help = re.split(r"\n {2,6}(?=-)", command("--help"))[1:]
    kinds = {"_SWITCHES": set(), "_VALUED": {"ppid"}, "_PAIRS": set(), "_REPEATED": set()}
    letters = {}
    for words in help:
        letter, option, value = re.match("(?:-(.), )?--([a-z-]+)(?: <(.*?)>)?", words).groups()
        name = option.replace("-", "_")
        if name in e2compress._command._INSTEAD:
            assert letter in e2compress._command._INSTEAD, words
            continue
        if letter:
            letters[letter] = name
        several = "several times" in " ".join(words.split())
        kind = "_REPEATED" if several else "_SWITCHES" if value is None else "_PAIRS" if "," in value else "_VALUED"
        kinds[kind].add(name)
    assert letters == e2compress._command._LETTERS, letters
    for kind, names in kinds.items():
        assert sorted(names) == list(getattr(e2compress._command, kind)), (kind, names)

    for limits in ((0, 20.5), [np.float32(0), np.int16(20)], (np.float64(0), 20)):
        [record] = e2compress.compress("a.mrc", bits=np.int64(5), range=limits, outpath="limits", overwrite=True)
        assert record["options"]["bits"] == 5 and record["range"] is not None, record
        said = json.dumps(record["options"])
        assert f"{float(limits[1]):g}" in said, said
    before = sorted(os.listdir())
    for options in (
        {"resume": {"a,1.jsonl"}},
        {"resume": {"a,1.jsonl": 1}},
        {"resume": (name for name in ("a,1.jsonl",))},
        {"resume": [["a,1.jsonl"]]},
        {"resume": ["a,1.jsonl", None]},
        {"resume": [1]},
        {"resume": b"a,1.jsonl"},
        {"outpath": ["one", "two"]},
        {"outpath": [Path("one")]},
        {"bits": ["4", "5"]},
        {"bits": object()},
        {"bits": 5j},
        {"bits": [5]},
        {"bits": []},
        {"bits": True},
        {"bits": np.True_},
        {"threads": (1,)},
        {"j": (1,)},
        {"j": True},
        {"v": True},
        {"shard": (1, 2)},
        {"outpath": True},
        {"resume": True},
        {"range": True},
        {"overwrite": 1},
        {"overwrite": 0},
        {"overwrite": "yes"},
        {"overwrite": []},
        {"quiet": 1.0},
        {"q": 1},
        {"r": "x"},
        {"help": True},
        {"V": True},
        {"no_such_option": [1]},
        {"range": (0, "4.5")},
        {"range": (0, None)},
        {"range": (True, 2)},
        {"range": {0: 4.5}},
        {"range": np.array([0, 4.5])},
        {"report": ["a", "b"]},
        {"report": True},
        {"report": 7},
    ):
        [name] = options
        raises(TypeError, name, e2compress.compress, "a.mrc", **options)
    for path in (7, [7], [None], [["a.mrc"]], b"a.mrc"):
        raises(TypeError, "", e2compress.compress, path)
    assert sorted(os.listdir()) == before
    # What is spelt in full, and what is for the command to say.
    [record] = e2compress.compress("a.mrc", j=1, q=np.True_, v=2, r=False, bits="6", outpath="letters", overwrite=np.False_)
    assert record["options"]["bits"] == 6, record
    problems = [({"x": 1}, "-x"), ({"x": True}, "-x"), ({"o": "out"}, "--outpath"), ({"bit": True}, "bits"), ({"outp": True}, "outpath")]
    problems += [({"no_such": True, "bits": 5}, "--no-such"), ({"range": (0,)}, "--range"), ({"range": (0, 1, 2)}, "--range")]
    for options, words in problems:
        problem = raises(e2compress.CommandError, words, e2compress.compress, "a.mrc", **options)
        assert problem.status == 2, problem
    assert sorted(os.listdir()) == sorted([*before, "letters"])
    # Reports that are no files: what they get is returned as well.
    for number, report in enumerate(["/dev/null", "/dev/stdout"]):
        code = f"import e2compress, sys; [one] = e2compress.compress('a.mrc', outpath='pipe{number}', report='{report}'); sys.exit(one['status'] != 'done')"
        said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        assert [json.loads(line)["status"] for line in said.splitlines()] == ["done"] * number, said
    assert e2compress.compress([], files_from=None) == []
