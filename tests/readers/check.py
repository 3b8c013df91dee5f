"""Opens outputs with readers nobody here wrote, the way their users do.

check.py h5py FILE...       as EMAN3: attributes as one-element arrays, codes scaled back to values
check.py pytables FILE...   as UCSF ChimeraX: EMAN.apix_x must index
check.py h5dump FILE...     h5dump's bytes of each image are h5py's
check.py mrc MRC HDF        values scaled back are within half a step of what mrcfile reads
check.py valid FILE...      mrcfile calls MRC files valid
check.py same MRC MRC...    mrcfile finds the same pixels and pixel size in both of each pair
check.py list FILE COUNT    lists a stack of COUNT images and opens some of them
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np


def images(file):
    group = file["MDF/images"]
    assert group.attrs["imageid_max"].dtype == np.int32
    count = int(group.attrs["imageid_max"][0]) + 1
    assert sorted(group, key=int) == [str(n) for n in range(count)]
    return [group[str(n)] for n in range(count)]


def decoded(image):
    """What EMAN2 makes of the codes, in float32; the step between codes; the range."""
    attributes, codes = image.attrs, image["image"][()]
    if "EMAN.stored_renderbits" not in attributes:
        return codes, np.float32(0), (-np.inf, np.inf)
    top = np.float32(2 ** int(attributes["EMAN.stored_renderbits"][0]) - 1)
    low = attributes["EMAN.stored_rendermin"][0]
    high = attributes["EMAN.stored_rendermax"][0]
    return codes.astype(np.float32) / top * (high - low) + low, (high - low) / top, (low, high)


def check_h5py(paths):
    for path in paths:
        with h5py.File(path) as file:
            for image in images(file):
                sides = [int(image.attrs[f"EMAN.n{axis}"][0]) for axis in "zyx"]
                values, _, _ = decoded(image)
                assert values.shape == tuple(sides[sides[0] == 1 :]), (path, values.shape)
                assert isinstance(image.attrs["EMAN.HostEndian"], (bytes, str))
                assert image["image"].fillvalue == 0


def check_pytables(paths):
    import tables

    for path in paths:
        with tables.open_file(str(path)) as file:
            for node in file.walk_nodes("/MDF/images", "Array"):
                attributes = node._v_parent._v_attrs
                assert attributes["EMAN.apix_x"][0] > 0
                assert attributes["EMAN.nx"][0] == node.shape[-1]
                node.read()


def check_h5dump(paths):
    for path in paths:
        with h5py.File(path) as file, tempfile.TemporaryDirectory() as folder:
            for image in images(file)[:3]:
                raw = Path(folder) / "raw"
                name = image["image"].name
                command = ["h5dump", "-d", name, "-b", "LE", "-o", str(raw), str(path)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                assert raw.read_bytes() == image["image"][()].tobytes(), (path, name)
        for words in (["-H"], ["-A"]):
            subprocess.run(["h5dump", *words, str(path)], check=True, stdout=subprocess.DEVNULL)


def in_order(mrc):
    """Values with x fastest: columns, rows and sections run along mapc, mapr, maps."""
    values, header = mrc.data.astype(np.float32), mrc.header
    axes = [int(header.maps), int(header.mapr), int(header.mapc)]
    if values.ndim == 3 and sorted(axes) == [1, 2, 3]:
        values = values.transpose([axes.index(axis) for axis in (3, 2, 1)])
    return values


def check_mrc(mrc, hdf):
    import mrcfile

    with mrcfile.open(mrc, permissive=True) as original, h5py.File(hdf) as file:
        values = in_order(original)
        found = images(file)
        sections = values if len(found) > 1 else [values]
        for image, section in zip(found, sections, strict=True):
            back, step, (low, high) = decoded(image)
            outside = (section < low) | (section > high)
            if "EMAN.stored_truncated" in image.attrs:
                assert image.attrs["EMAN.stored_truncated"][0] == np.count_nonzero(outside)
            slack = np.spacing(np.abs(section).max()) * 4
            error = np.abs(back.reshape(section.shape).astype(float) - section)
            worst = error[~outside].max(initial=0)
            assert worst <= step / 2 + slack, (mrc, worst, step)
            nearer = np.where(section < low, low, high)
            assert np.all(back.reshape(section.shape)[outside] == nearer[outside])


def check_valid(paths):
    import mrcfile

    for path in paths:
        said = io.StringIO()
        assert mrcfile.validate(path, said), said.getvalue()


def complaints(path):
    import mrcfile

    said = io.StringIO()
    valid = mrcfile.validate(path, said)
    return set() if valid else set(said.getvalue().splitlines()[1:])


def check_no_worse(paths):
    """What came back has no fault that its original, whose header comes back with it, has not."""
    for original, back in zip(paths[::2], paths[1::2], strict=True):
        added = complaints(back) - complaints(original)
        assert not added, (original, added)


def check_same(paths):
    import mrcfile

    for first, second in zip(paths[::2], paths[1::2], strict=True):
        with mrcfile.open(first, permissive=True) as a, mrcfile.open(second) as b:
            values, back = in_order(a), b.data.astype(np.float32)
            if values.ndim == 2 and (a.header.mapc, a.header.mapr) == (2, 1):
                values = np.swapaxes(values, -1, -2)
            # A stack of one section may have lost or gained a dimension.
            assert np.array_equal(values.squeeze(), back.squeeze(), equal_nan=True), (first, second)
            # One section has no distance to the next.
            axes = "xyz" if a.header.nz > 1 else "xy"
            sizes = [[float(mrc.voxel_size[axis]) for axis in axes] for mrc in (a, b)]
            assert np.allclose(*sizes, rtol=1e-5), (first, sizes)


def check_list(path, count):
    with h5py.File(path) as file:
        group = file["MDF/images"]
        assert len(group) == count and len(list(group.keys())) == count
        for number in (0, 1, count // 2, count - 1):
            assert group[f"{number}/image"][()].size == int(group[str(number)].attrs["EMAN.nx"][0]) ** 2
    listed = subprocess.run(["h5ls", f"{path}/MDF/images"], check=True, capture_output=True, text=True)
    assert len(listed.stdout.splitlines()) == count


def main():
    what, *rest = sys.argv[1:]
    if what == "mrc":
        check_mrc(*rest)
    elif what == "list":
        check_list(rest[0], int(rest[1]))
    else:
        checks = {
            "h5py": check_h5py,
            "pytables": check_pytables,
            "h5dump": check_h5dump,
            "valid": check_valid,
            "no_worse": check_no_worse,
            "same": check_same,
        }
        checks[what](rest)


main()
