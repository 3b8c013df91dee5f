"""Checks the Python module beside the command: `module.py CHECK`, one of the functions below, or of those that are
imported.

The command is the first e2compress on PATH, E2COMPRESS_DATA the folder of conformance inputs, and the module is
looked for as Python does. Files go to the working folder, which should be empty.
"""

import ast
import json
import os
import pickle
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import h5py
import mrcfile
import numpy as np

import e2compress
from beside import DATA, command, expanded, raises, same
from calls import check_command, check_interrupt, check_notes, check_options, check_said  # noqa: F401, run by name
from odd import check_odd  # noqa: F401

MODULE = Path(e2compress.__file__).parent
FOREIGN = ["eman2-hdf", "eman2-odd", "others"]


def check_expand():
    """Every input under every kind of option."""
    folder = Path("back")
    inputs = sorted(path for path in DATA.iterdir() if path.suffix in (".mrc", ".mrcs", ".st", ".map"))
    compared = 0
    for options in (["2"], ["5"], ["5", "--nooutliers"], ["8", "--sigrange", "2,3.5"], ["12"], ["16"], ["0"], ["-1"]):
        out = Path("out" + "_".join(options))
        command("--outpath", out, "--bits", *options, *inputs, fails=True)
        for hdf in sorted(out.iterdir()):
            same(hdf, e2compress.read(hdf), folder)
            compared += 1
    # Infinite values have no range.
    assert compared >= 8 * (len(inputs) - 4), (compared, len(inputs))


def check_shapes():
    """Two dimensions, three, and one more for several; any one of several."""
    for name, shape in [
        ("u16_small.mrc", (62, 46)),
        ("f32_volume.mrc", (7, 20, 35)),
        ("f32_stack.mrcs", (4, 40, 36)),
        ("one_row.mrc", None),
    ]:
        command("--outpath", ".", "--bits", "6", DATA / name)
        hdf = Path(name).with_suffix(".hdf")
        with mrcfile.open(DATA / name, permissive=True) as mrc:
            expected = mrc.data.shape
        values = e2compress.read(hdf)
        assert values.shape == expected and (shape is None or values.shape == shape), (name, values.shape)
        with e2compress.images(hdf) as images:
            several = len(images) > 1
            for number, image in enumerate(images):
                assert np.array_equal(image, values[number] if several else values)
                assert np.array_equal(image, e2compress.read(hdf, number))
                assert image.shape == images.shape(number) == e2compress.info(hdf)[number].shape
            assert np.array_equal(images[-1], e2compress.read(hdf, len(images) - 1))
            for number in (len(images), -len(images) - 1):
                raises(IndexError, "none of number", images.__getitem__, number)
    again = pickle.loads(pickle.dumps(e2compress.images("f32_stack.hdf")))
    assert np.array_equal(again[2], e2compress.read("f32_stack.hdf", 2))


def check_parts():
    """A part is that part of the whole, and its chunks alone are read."""
    for name in ("u16_micrograph.mrc", "f32_volume.mrc", "one_row.mrc"):
        command("--outpath", ".", "--bits", "5", DATA / name)
        hdf = Path(name).with_suffix(".hdf")
        whole = e2compress.read(hdf)
        with e2compress.images(hdf) as images:
            for index in (np.s_[:], np.s_[0], np.s_[0:1, 3:7], np.s_[0, 2]):
                assert np.array_equal(images.part(0, index), whole[index]), (name, index)
    noise = np.random.default_rng(5).normal(size=(1024, 1024)).astype(np.float32)
    mrcfile.write("large.mrc", noise)
    command("--bits", "5", "large.mrc")
    with h5py.File("large.hdf") as file:
        dataset = file["MDF/images/0/image"]
        damaged = dataset.id.get_chunk_info_by_coord((0, 0))
    whole = e2compress.read("large.hdf")
    with open("large.hdf", "r+b") as file:
        file.seek(damaged.byte_offset + damaged.size // 2)
        file.write(bytes(16))
    with e2compress.images("large.hdf") as images:
        assert np.array_equal(images.part(0, np.s_[600:700, 500:]), whole[600:700, 500:])
        raises(OSError, "", images.__getitem__, 0)


def check_foreign():
    """EMAN2's own files and those of other programs: as `expand` reads them, or refused as it refuses them."""
    compared, refused = 0, 0
    for hdf in sorted(path for folder in FOREIGN for path in (DATA / folder).glob("*.hdf")):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            if expanded(hdf, Path("back"), "--mode", "2") is None:
                raises(e2compress.FormatError, hdf.name, e2compress.read, hdf)
                refused += 1
            else:
                same(hdf, e2compress.read(hdf), Path("back"))
                compared += 1
        assert any("not of what range" in str(one.message) for one in told) == ("no_range" in hdf.name), hdf
    assert compared >= 24 and refused >= 3, (compared, refused)
    # Attributes as EMAN2 writes them, in whatever type another program wrote them again.
    for name in ("big_endian", "int64", "scalar", "serialem", "h5py"):
        [image, *_] = e2compress.info(DATA / f"others/hdf_meta_{name}.hdf")
        assert image.pixel_size == (2 if name == "int64" else 2.5,) * 3, (name, image)
    serial = e2compress.info(DATA / "others/hdf_meta_serialem.hdf")[0]
    assert serial.attributes["Group.IMOD.PixelSpacing"] == 2.5 and serial.attributes["TiltAngle"] == -3, serial
    attributes = e2compress.info(DATA / "eman2-hdf/u16_micrograph__bits16.hdf")[0].attributes
    assert attributes["HostEndian"] == "little" and attributes["is_complex"] == 0, attributes
    assert isinstance(attributes["nx"], int) and isinstance(attributes["apix_x"], float), attributes
    assert e2compress.info(DATA / "others/hdf_kind_bool.hdf")[0].bits is None


def check_mixed():
    """Images of several types, bits and shapes in one file, some of whose codes were kept from before."""
    sources = []
    for name, options in [
        ("u16_micrograph.mrc", ["5"]),
        ("f32_positive.mrc", ["12"]),
        ("f32_volume.mrc", ["0"]),
        ("f32_negative.mrc", ["-1"]),
        ("i16_signed.mrc", ["16"]),
        ("u8_counts.mrc", ["3"]),
    ]:
        command("--outpath", ".", "--bits", *options, DATA / name)
        sources.append(Path(name).with_suffix(".hdf"))
    # Codes of fewer bits than asked for stay as they are.
    command("--outpath", "kept", "--bits", "9", *sources)
    sources += [Path("kept") / source for source in sources]
    with h5py.File("mixed.hdf", "w") as mixed:
        folder = mixed.create_group("MDF/images")
        folder.attrs["imageid_max"] = np.array([len(sources) - 1], np.int32)
        for number, source in enumerate(sources):
            with h5py.File(source) as file:
                file.copy("MDF/images/0", folder, str(number))
    for number, source in enumerate(sources):
        values = e2compress.read("mixed.hdf", number)
        assert values.tobytes() == e2compress.read(source).tobytes()
        same("mixed.hdf", values, Path("back"), "--images", number)
    raises(e2compress.FormatError, "another shape", e2compress.read, "mixed.hdf")
    assert len({image.stored for image in e2compress.info("mixed.hdf")}) == 3


def check_info():
    """What the file says is what the command says that it says."""
    for name, options in [
        ("f32_stack.mrcs", ["--bits", "5", "--nooutliers"]),
        ("u16_micrograph.mrc", ["--bits", "12"]),
        ("f32_volume.mrc", ["--bits", "0"]),
        ("f32_outliers.mrc", ["--bits", "4", "--range", "-1.5,2.25"]),
    ]:
        command("--outpath", ".", *options, DATA / name)
        hdf = Path(name).with_suffix(".hdf")
        for number, image in enumerate(e2compress.info(hdf)):
            said = json.loads(command("info", "--json", "--images", number, hdf))
            assert image.number == number
            assert np.allclose(image.pixel_size, said["pixel_size"]), (image, said)
            sides = [said["nz"], said["ny"], said["nx"]]
            assert image.shape == tuple(sides[sides[0] == 1 :])
            assert (image.bits is None) == (options[1] == "0")
            if image.bits is not None:
                assert [image.bits] * 2 == said["bits"], said
                assert np.allclose(image.range, said["range"]) and np.isclose(image.step, said["step"][0])
                assert image.clipped == said["truncated"]


def check_damage():
    """What is no such file, is not whole, or has its pixels elsewhere, is told and not read."""
    raises(FileNotFoundError, "nowhere.hdf", e2compress.read, "nowhere.hdf")
    raises(e2compress.FormatError, "not an HDF5 file", e2compress.read, DATA / "u16_small.mrc")
    with h5py.File("other.hdf", "w") as file:
        file["data"] = np.zeros(3)
    raises(e2compress.FormatError, "no group /MDF/images", e2compress.info, "other.hdf")
    command("--outpath", ".", DATA / "u16_small.mrc")
    Path("short.hdf").write_bytes(Path("u16_small.hdf").read_bytes()[:-100])
    raises(OSError, "", e2compress.read, "short.hdf")

    def changed(change):
        shutil.copy("u16_small.hdf", "changed.hdf")
        with h5py.File("changed.hdf", "r+") as file:
            change(file["MDF/images"])
        return "changed.hdf"

    def attribute(name, value):
        return lambda images: images["0"].attrs.__setitem__(f"EMAN.{name}", value)

    def elsewhere(images):
        del images["0"]["image"]
        images["0"]["image"] = h5py.ExternalLink("u16_small.hdf", "/MDF/images/0/image")

    def outside(images):
        del images["0"]["image"]
        Path("secret").write_bytes(b"secret" * 100)
        images["0"].create_dataset("image", (10, 10), "u1", external=[("secret", 0, 100)])

    # As a program leaves it that drops the pixels of an image and writes its header alone.
    def unwritten(chunks):
        def change(images):
            del images["0"]["image"]
            images["0"].create_dataset("image", (62, 46), "f4", chunks=chunks)

        return change

    for change, words in [
        (attribute("stored_rendermax", np.array([np.inf], "f4")), "cannot be scaled"),
        (attribute("stored_renderbits", np.array([40], "i4")), "cannot be scaled"),
        (lambda images: images["0"].pop("image"), "missing"),
        (lambda images: images.attrs.__setitem__("imageid_max", np.array([2**31 - 2], "i4")), "image 1 is missing"),
        (elsewhere, "in another file"),
        (outside, "in another file"),
        (unwritten((8, 46)), "8 of the 8 pieces"),
        (unwritten(None), "never written"),
        (attribute("is_complex", np.array([1], "i4")), "Fourier transform"),
    ]:
        raises(e2compress.FormatError, words, e2compress.read, changed(change))


def check_beyond():
    """Images beyond the number that the file states are said."""
    command("--outpath", ".", "--bits", "6", DATA / "f32_stack.mrcs")
    for highest, count in [(0, 1), (2, 3), (3, 4)]:
        with h5py.File("f32_stack.hdf", "r+") as file:
            file["MDF/images"].attrs["imageid_max"] = np.array([highest], np.int32)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert e2compress.read("f32_stack.hdf").shape[: -2] == ((count,) if count > 1 else ())
        assert [one.category for one in told] == [e2compress.FormatWarning] * (count < 4), told
        if told:
            assert f"has {4 - count} more, the first of number {count}" in str(told[0].message), told
            assert told[0].filename == __file__, told[0].filename


def check_hidden():
    """A script beside the command of the original's name finds the package, not that file."""
    folder = Path("bin")
    folder.mkdir()
    shutil.copy(MODULE.parent.parent / "e2compress.py", folder)
    (folder / "script.py").write_text("import e2compress\nprint(e2compress.read.__name__, e2compress.__file__)\n")
    run = subprocess.run([sys.executable, "bin/script.py"], capture_output=True, text=True)
    assert run.stdout.split() == ["read", str(MODULE / "__init__.py")], run
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run([sys.executable, "-S", "bin/script.py"], capture_output=True, text=True, env=environment)
    assert "No module named 'e2compress'" in run.stderr, run


def check_python():
    """It is written for the oldest Python that the wheel names, and does without numpy until something is read."""
    for path in [*MODULE.glob("*.py"), MODULE.parent.parent / "e2compress.py"]:
        ast.parse(path.read_text(), feature_version=(3, 8))
    script = "import sys\nsys.modules['numpy'] = sys.modules['h5py'] = None\nimport e2compress\n"
    script += "e2compress.program()\ntry: e2compress.read('a.hdf')\nexcept ImportError as problem: print(problem)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "pip install e2compress[read]" in run.stdout, run


def check_types():
    """mypy agrees with it, and with a program that uses it."""
    Path("user.py").write_text(
        "import numpy as np\nfrom numpy.typing import NDArray\nimport e2compress\n"
        "def mean(path: str) -> float:\n"
        "    values: NDArray[np.float32] = e2compress.read(path, image=3)\n"
        "    with e2compress.images(path) as images:\n"
        "        return float(values.mean()) + sum(float(image.mean()) for image in images)\n"
        "records = e2compress.compress(['a.mrc'], bits=5, outpath='out', range=(0, 4.5), verify=True)\n"
        "status: str = records[0]['status']\n"
        "e2compress.compress('a.mrc', resume=['a.jsonl', 'b.jsonl'])\n"
        "bits: int | None = e2compress.info('a.hdf')[0].bits\n"
    )
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull]
    for what in ([str(MODULE)], ["user.py"]):
        run = subprocess.run([*words, *what], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
    Path("user.py").write_text("import e2compress\nvalues: str = e2compress.read('a.hdf')\n")
    run = subprocess.run([*words, "user.py"], capture_output=True, text=True)
    assert "Incompatible types" in run.stdout, run


if __name__ == "__main__":
    globals()[f"check_{sys.argv[1]}"]()
