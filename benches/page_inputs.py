"""Inputs for the page and the command side by side, made from a seed.

page_inputs.py FOLDER

Writes 3 micrographs of 64 MiB, floats, and a movie of 342 MB, counts in bytes; prints their names, a line a run.
"""

import sys
from pathlib import Path

import numpy as np
from measured import SIDE, counts, densities, write_mrc

MICROGRAPHS = 3
FRAMES, ROWS, COLUMNS = 24, 3838, 3710


def main(folder):
    rng = np.random.default_rng(18)
    names = [f"micrograph{number}.mrc" for number in range(MICROGRAPHS)]
    for name in names:
        write_mrc(folder / name, densities(rng, (SIDE, SIDE)))
    write_mrc(folder / "movie.mrcs", counts(rng, (FRAMES, ROWS, COLUMNS)))
    print(*names)
    print("movie.mrcs")


main(Path(sys.argv[1]))
