"""What the benchmarks of whole programs share: data from a seed, written as MRC, and interleaved rounds.

CPU seconds and wall seconds are the least of interleaved rounds, inputs are in the page cache. Ratios compare
figures of the same run.
"""

import resource
import subprocess
import time

import h5py
import numpy as np

ROUNDS = 3
SIDE = 4096


def header(nx, ny, nz, mode):
    words = np.zeros(256, "<i4")
    words[:10] = [nx, ny, nz, mode, 0, 0, 0, nx, ny, nz]
    words[10:16] = np.array([nx, ny, nz, 90, 90, 90], "<f4").view("<i4")
    words[16:19] = [1, 2, 3]
    out = bytearray(words.tobytes())
    out[208:216] = b"MAP DD\0\0"
    return bytes(out)


def counts(rng, shape):
    return rng.poisson(1.2, shape).clip(0, 15).astype(np.uint8)


def densities(rng, shape):
    noise = rng.normal(0, 1, shape).astype("<f4")
    return noise + np.float32(0.5) * np.roll(noise, 1, -1) + np.float32(12)


def write_mrc(path, array):
    mode = {"uint8": 0, "float32": 2, "uint16": 6}[array.dtype.name]
    nz = 1 if array.ndim == 2 else array.shape[0]
    path.write_bytes(header(array.shape[-1], array.shape[-2], nz, mode) + array.tobytes())


def in_process(run):
    """CPU and wall seconds of a call."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


def command(*words):
    """CPU and wall seconds of a command, its start included."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, time.perf_counter() - wall


def afresh(output, *words):
    """The same of a command that finds no earlier output, which it would compare with."""
    output.unlink(missing_ok=True)
    return command(*words)


def interleaved(runs, rounds=ROUNDS):
    """The least (CPU, wall) of each run."""
    best = [(np.inf, np.inf)] * len(runs)
    for _ in range(rounds):
        for place, run in enumerate(runs):
            best[place] = tuple(map(min, best[place], run()))
    return best


def h5py_writer(path, codes, chunks, shuffle):
    def run():
        with h5py.File(path, "w") as file:
            file.create_dataset("image", data=codes, chunks=chunks, compression="gzip", compression_opts=1, shuffle=shuffle)

    return lambda: in_process(run)
