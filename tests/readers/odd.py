"""Files that say odd things of themselves: the Python module describes and reads what the command does, and refuses the rest."""

import json
import warnings
from pathlib import Path

import h5py
import numpy as np

import e2compress
from beside import command, raises, same

#: What either raises of a file, as the documents promise.
REFUSED = (e2compress.FormatError, OSError)

CODES = np.arange(12, dtype=np.uint8).reshape(3, 4)


def one(value, kind="i4"):
    return np.array([value], kind)


def file(path, codes=CODES, folder=(), **attributes):
    """Writes a file of one image: codes of 4 bits, with these attributes instead of the usual ones."""
    usual = {
        "stored_renderbits": one(4),
        "stored_rendermin": one(0, "f4"),
        "stored_rendermax": one(7.5, "f4"),
        "stored_truncated": one(3),
        **{f"apix_{axis}": one(2.5, "f4") for axis in "xyz"},
    }
    with h5py.File(path, "w") as hdf:
        images = hdf.create_group("MDF/images")
        for name, value in {"imageid_max": one(0), **dict(folder)}.items():
            images.attrs[name] = value
        image = images.create_group("0")
        image.create_dataset("image", data=codes)
        for name, value in {**usual, **attributes}.items():
            if value is not None:
                image.attrs[f"EMAN.{name}"] = value
    return path


def odd_files():
    """Names files, says what is to become of them, and has what makes them.

    `both`: described and read; `info`: described, not read; `none`: neither."""
    yield "usual", "both", {}
    nan, inf = float("nan"), float("inf")
    for value, end in [(nan, "both"), (inf, "both"), (-inf, "both"), (0.5, "both"), (1e300, "none"), (-1, "none")]:
        yield f"highest {value}", end, {"folder": {"imageid_max": one(value, "f8")}}
    yield "highest as text", "both", {"folder": {"imageid_max": "many"}}
    yield "highest of three", "both", {"folder": {"imageid_max": np.zeros(3, "i4")}}
    yield "a name that is no text", "both", {"folder": {b"EMAN.\xff": one(1)}}
    yield "highest T", "none", {"folder": {"imageid_max": one(84, "i1")}}
    for value in (nan, inf, -inf, -1, 1e300, 2.7):
        yield f"truncated {value}", "both", {"stored_truncated": one(value, "f8")}
    yield "truncated T", "both", {"stored_truncated": one(84, "i1")}
    yield "truncated as text", "both", {"stored_truncated": "some"}
    for value in (nan, inf, -inf, 1e300, 0, -2):
        yield f"pixel size {value}", "both", {"apix_x": one(value, "f8")}
        yield f"pixel spacing {value}", "both", {"folder": {"IMOD.PixelSpacing": one(value, "f8")}}
    for name, value in [("as text", "2.5"), ("T", one(84, "i1")), ("of two", one(1).repeat(2)), ("nothing", None)]:
        yield f"pixel size {name}", "both", {"apix_y": value}
    yield "pixel size as double", "both", {"apix_z": one(2.1, "f8")}
    yield "pixel size as whole number", "both", {"apix_z": one(3, "u1")}
    for value, kind in [(84, "i1"), (70, "i1"), (nan, "f4"), (inf, "f8"), (4.5, "f4"), (-4, "i4"), (33, "i4"), (2**64 - 1, "u8")]:
        yield f"bits {value} as {kind}", "none", {"stored_renderbits": one(value, kind)}
    for value, kind in [(4, "i1"), (4, "u8"), (4, "f8"), (4, ">i2"), (5, "f2")]:
        yield f"bits {value} as {kind}", "both", {"stored_renderbits": one(value, kind)}
    yield "bits 0", "both", {"stored_renderbits": one(0)}
    yield "bits True", "info", {"stored_renderbits": one(True, bool)}
    yield "bits as text", "info", {"stored_renderbits": "four"}
    yield "bits nowhere", "info", {"stored_renderbits": None}
    yield "bits and count nowhere", "both", {"stored_renderbits": None, "stored_truncated": None}
    yield "bits beyond the elements", "info", {"stored_renderbits": one(12)}
    for bits in (1, 2, 3):
        yield f"codes beyond {bits} bits", "info", {"stored_renderbits": one(bits)}
    for kind in ("u2", "u4", "u8", ">u2"):
        codes = CODES.astype(kind)
        yield f"codes as {kind}", "both", {"codes": codes}
        codes = codes.copy()
        codes[2, 1] = 16
        yield f"codes beyond as {kind}", "info", {"codes": codes}
    yield "codes far beyond", "info", {"codes": np.full((2, 2), 2**64 - 1, "u8"), "stored_renderbits": one(16)}
    yield "signed codes", "both", {"codes": CODES.astype("i2") - 20}
    yield "codes in a volume", "info", {"codes": np.full((2, 3, 4), 16, "u1")}
    yield "codes in a row", "info", {"codes": np.full(4, 16, "u1")}
    for name, low, high, end in [
        ("falls", 7.5, 0, "info"),
        ("is flat", 2, 2, "both"),
        ("is NaN", nan, 1, "none"),
        ("is infinite", inf, inf, "none"),
        ("ends nowhere", 0, inf, "none"),
        ("is too wide", -3e38, 3e38, "none"),
        ("is far out", 1e300, 1e300, "both"),
    ]:
        yield f"range {name}", end, {"stored_rendermin": one(low, "f8"), "stored_rendermax": one(high, "f8")}
    yield "range nowhere", "both", {"stored_rendermin": None}
    yield "range as text", "both", {"stored_rendermax": "7.5"}
    clean = {"stored_truncated": one(0)}
    yield "values beyond the range", "info", {**clean, "minimum": one(-1, "f4"), "maximum": one(5.5, "f4")}
    for name, value in [("nx", 5), ("ny", 4), ("nz", 2), ("datatype", 7)]:
        yield f"{name} wrong", "info", {name: one(value)}
        yield f"{name} as text", "both", {name: "some"}
    for value, kind, end in [(1, "i4", "info"), (0, "i4", "both"), (nan, "f4", "info"), (84, "i1", "both"), (True, bool, "both")]:
        yield f"complex {value} as {kind}", end, {"is_complex": one(value, kind)}
    for shape in [(0, 10), (10, 0), (0,), (0, 3, 4), (1, 1, 3, 4), ()]:
        yield f"shape {shape}", "none", {"codes": np.zeros(shape, "u1")}
    yield "shape 1 x 2^20", "none", {"codes": np.zeros((1, 2**20), "u1")}
    yield "no dataspace", "none", {"codes": h5py.Empty("u1")}
    yield "texts", "none", {"codes": np.array([[b"a", b"b"]])}
    yield "complex numbers", "none", {"codes": np.zeros((3, 4), "c8")}
    yield "compounds", "none", {"codes": np.zeros((3, 4), [("a", "u1")])}
    yield "floats said to be codes", "both", {"codes": np.linspace(0, 1, 12, dtype="f4").reshape(3, 4)}


def check_odd():
    """Described and read as the command does, or refused as it refuses them."""
    found = {"both": 0, "info": 0, "none": 0}
    for name, end, contents in odd_files():
        hdf = file("odd.hdf", **contents)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", e2compress.FormatWarning)
                compare(hdf, end)
        except Exception as problem:
            raise AssertionError(f"{name}: {problem!r}") from problem
        found[end] += 1
    assert min(found.values()) > 15, found


def compare(hdf, end):
    said = command("info", "--json", hdf, fails=True)
    assert (said is None) == (end == "none"), said
    if said is None:
        raises(REFUSED, "", e2compress.info, hdf)
    else:
        [image] = e2compress.info(hdf)
        described(image, json.loads(said))
    back = command("expand", "--overwrite", "--mode", "2", "--outpath", "back", hdf, fails=True)
    assert (back is not None) == (end == "both"), back
    if back is None:
        raises(REFUSED, "", e2compress.read, hdf)
    else:
        same(hdf, e2compress.read(hdf), Path("back"))


def described(image, said):
    """What the module says of an image is what the command says."""
    sides = (said["nz"], said["ny"], said["nx"])
    assert image.shape == sides[sides[0] == 1 :], (image, said)
    pixel_size = None if image.pixel_size is None else list(np.float32(image.pixel_size))
    assert pixel_size == (said["pixel_size"] and list(np.float32(said["pixel_size"]))), (image, said)
    assert image.clipped == said["truncated"], (image, said)
    if image.bits is None:
        assert said["bits"] is None and image.range is None and image.step is None, (image, said)
        return
    assert [image.bits] * 2 == said["bits"], (image, said)
    for ours, theirs in [(image.range, said["range"]), ([image.step], said["step"][:1])]:
        # JSON has no infinity and no NaN.
        theirs = [np.nan if value is None else value for value in theirs]
        ours = [value if np.isfinite(value) else np.nan for value in ours]
        assert np.allclose(ours, theirs, equal_nan=True), (image, said)
