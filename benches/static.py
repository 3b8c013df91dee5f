"""The static program, as `cargo xtask dist` packs it, beside the ordinary build: many small files, and large images.

static.py PROGRAM STATIC

Each line ends in its goal.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from measured import SIDE, command, counts, densities, interleaved, write_mrc

FILES, SMALL, LARGE = 2000, 64, 4


def compressing(program, folder, inputs, threads):
    def run():
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        return command(program, "--threads", threads, "--bits", 5, "--outpath", out, *inputs)

    return run


def main():
    programs = [Path(word).resolve() for word in sys.argv[1:]]
    ordinary, static = programs
    rng = np.random.default_rng(13)
    # In memory where that can be: the disk is not what is compared.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    kinds = [
        (f"{FILES} files of {SMALL} x {SMALL}, f32", FILES, densities, (SMALL, SMALL)),
        (f"{LARGE} movies of 8 x {SIDE // 2} x {SIDE // 2}, u8", LARGE, counts, (8, SIDE // 2, SIDE // 2)),
    ]
    with tempfile.TemporaryDirectory(dir=shared) as name:
        folder = Path(name)
        print(f"{'':60} {'found':>9} goal")
        for what, number, kind, shape in kinds:
            inputs = [folder / f"{each}.mrc" for each in range(number)]
            for path in inputs:
                write_mrc(path, kind(rng, shape))
            for threads in (1, 2):
                runs = [compressing(program, folder, inputs, threads) for program in (ordinary, static)]
                (by_ordinary, _), (by_static, _) = interleaved(runs, 7)
                line = f"{what}, threads {threads}: CPU beside the ordinary build"
                print(f"{line:60} {by_static / by_ordinary:9.3g} 1.1", flush=True)
            for path in inputs:
                path.unlink()


main()
