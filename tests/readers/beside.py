"""What the checks of the Python module share: the command, and what it makes of a file."""

import os
import subprocess
from pathlib import Path

import mrcfile
import numpy as np

DATA = Path(os.environ["E2COMPRESS_DATA"])


def command(*words, fails=False):
    run = subprocess.run(["e2compress", *map(str, words)], capture_output=True, text=True)
    assert fails or run.returncode == 0, (words, run.stderr)
    return run.stdout if run.returncode == 0 else None


def expanded(hdf, folder, *options):
    """What `expand` makes of a file; nothing where it refuses it."""
    if command("expand", "--overwrite", "--outpath", folder, *options, hdf, fails=True) is None:
        return None
    [path] = [folder / (Path(hdf).stem + end) for end in (".mrc", ".mrcs") if (folder / (Path(hdf).stem + end)).exists()]
    with mrcfile.open(path, permissive=True) as mrc:
        values = mrc.data.copy()
    path.unlink()
    return values


def same(hdf, values, folder, *options):
    """To the bit, as floats, and as the integers that are chosen where all of them fit."""
    floats = expanded(hdf, folder, "--mode", "2", *options)
    assert values.dtype == np.float32
    values = values.reshape(floats.shape)
    assert values.tobytes() == floats.tobytes(), (hdf, np.nanmax(np.abs(values - floats)))
    chosen = expanded(hdf, folder, *options)
    if chosen.dtype.kind in "iu":
        # mrcfile takes all bytes for signed.
        chosen = chosen.view(np.uint8) if chosen.dtype == np.int8 and values.min() >= 0 else chosen
        assert np.array_equal(chosen.astype(np.float64), values.astype(np.float64)), hdf


def raises(kind, words, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as problem:
        assert words in str(problem), (words, problem)
        return problem
    raise AssertionError(f"{function.__name__}{arguments} raised nothing; {words} was expected")
