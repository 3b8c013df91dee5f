"""Whole programs side by side: e2compress and what a user would run instead, on data made from a seed.

whole.py PROGRAM [quick | memory]

CPU seconds and wall seconds are the least of interleaved rounds, inputs are in the page cache. Ratios
compare CPU seconds in the same run. Peers that are libraries are timed without starting Python.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import blosc
import h5py
import imagecodecs  # noqa: F401  (tifffile's codecs)
import mrcz
import numpy as np
import tifffile
from isal import isal_zlib
from measured import SIDE, afresh, command, counts, densities, h5py_writer, header, in_process, interleaved, write_mrc


def signed(array):
    """mrcz takes bytes as signed only; the counts fit."""
    return array.view(np.int8) if array.dtype == np.uint8 else array


def isal_writer(path, codes, chunks):
    """ISA-L level 1 on each chunk, written one after the other: no container at all."""

    def run():
        rows = chunks[-2]
        with open(path, "wb") as file:
            for row in range(0, codes.shape[0], rows):
                file.write(isal_zlib.compress(codes[row : row + rows], 1))

    return lambda: in_process(run)


def peers(program, folder, name, array, bits):
    mrc, out, peer = folder / f"{name}.mrc", folder / "out", folder / "peer"
    peer.mkdir(exist_ok=True)
    write_mrc(mrc, array)
    ours = lambda: command(program, "--threads", 1, "--bits", bits, "--overwrite", "--outpath", out, mrc)  # noqa: E731
    ours()
    hdf = out / f"{name}.hdf"
    with h5py.File(hdf) as file:
        image = file["MDF/images/0/image"]
        codes, chunks = image[()], image.chunks
    plain = peer / f"{name}.h5"
    with h5py.File(plain, "w") as file:
        file["image"] = codes
    files = {
        "e2compress": (hdf, ours),
        "libhdf5 + zlib 1": (peer / "a.h5", h5py_writer(peer / "a.h5", codes, chunks, False)),
        "libhdf5 + shuffle + zlib 1": (peer / "b.h5", h5py_writer(peer / "b.h5", codes, chunks, True)),
        "libhdf5 + zlib 1, chunks of 8 rows": (peer / "c.h5", h5py_writer(peer / "c.h5", codes, (8, codes.shape[-1]), False)),
        "h5repack -f GZIP=1": (peer / "d.h5", lambda: command("h5repack", "-f", "GZIP=1", plain, peer / "d.h5")),
        "ISA-L 1, chunks alone": (peer / "e", isal_writer(peer / "e", codes, chunks)),
        "mrcz, zstd 1, all values": (peer / "f.mrcz", lambda: in_process(
            lambda: mrcz.writeMRC(signed(array), str(peer / "f.mrcz"), compressor="zstd", clevel=1, n_threads=1))),
        "TIFF LZW, codes": (peer / "g.tif", lambda: in_process(
            lambda: tifffile.imwrite(peer / "g.tif", codes, compression="lzw"))),
        "TIFF deflate 6, codes": (peer / "h.tif", lambda: in_process(
            lambda: tifffile.imwrite(peer / "h.tif", codes, compression="zlib"))),
    }
    best = interleaved([run for _, run in files.values()])
    base = best[0][0]
    size = hdf.stat().st_size
    print(f"\n{name}: {array.shape[0]} x {array.shape[1]} {array.dtype}, {bits} bits, one thread")
    print(f"{'':36} {'CPU s':>8} {'wall s':>8} {'MB':>8} {'CPU/ours':>9} {'ours/size':>9}")
    for (tool, (path, _)), (cpu, wall) in zip(files.items(), best):
        bytes_ = path.stat().st_size
        print(f"{tool:36} {cpu:8.3f} {wall:8.3f} {bytes_ / 1e6:8.2f} {cpu / base:9.2f} {size / bytes_:9.3f}")


def shapes(folder, rng):
    """What a chunk's shape costs: size, a whole read, and particles boxed out, by libhdf5."""
    box, particles = 256, 100
    codes = np.round(rng.normal(16, 4, (SIDE, SIDE))).clip(0, 31).astype(np.uint8)
    corners = rng.integers(0, SIDE - box, (particles, 2))
    print(f"\nchunk shapes: 5-bit micrograph, zlib 1; whole read, and {particles} boxes of {box} x {box}")
    print(f"{'chunk':>12} {'MB':>8} {'whole s':>8} {'boxes s':>8} {'in one open file':>18}")
    for chunk in ((8, SIDE), (16, SIDE), (32, SIDE), (64, SIDE), (128, 128), (256, 256), (512, 512)):
        path = folder / "shape.h5"
        h5py_writer(path, codes, chunk, False)()

        def whole():
            with h5py.File(path) as file:
                file["image"][()]

        def boxes():
            for y, x in corners:
                with h5py.File(path) as file:
                    file["image"][y : y + box, x : x + box]

        def sorted_boxes():
            with h5py.File(path) as file:
                for y, x in sorted(map(tuple, corners)):
                    file["image"][y : y + box, x : x + box]

        runs = [lambda run=run: in_process(run) for run in (whole, boxes, sorted_boxes)]
        times = [cpu for cpu, _ in interleaved(runs)]
        name = f"{chunk[0]} x {chunk[1]}"
        print(f"{name:>12} {path.stat().st_size / 1e6:8.3f} {times[0]:8.3f} {times[1]:8.3f} {times[2]:18.3f}")


def volumes(program, folder, rng):
    """What the shape of a volume's chunks costs who reads it by libhdf5, and what a small image takes."""
    side, box = 256, 64
    mrc, out = folder / "volume.mrc", folder / "out"
    z, y, x = (axis - side / 2 for axis in np.ogrid[:side, :side, :side])
    inside = z * z + y * y + x * x < 90 * 90
    write_mrc(mrc, densities(rng, (side, side, side)) * inside.astype("<f4"))
    command(program, "--bits", 12, "--outpath", out, mrc)
    name = "MDF/images/0/image"
    with h5py.File(out / "volume.hdf") as file:
        codes, ours = file[name][()], file[name].chunks
    shapes = {"e2compress": ours, "tiles of a section": (1, side, side), "EMAN2": (1, 8, side)}
    paths = {what: folder / f"{place}.h5" for place, what in enumerate(shapes)}
    paths["e2compress"] = out / "volume.hdf"
    for what, chunk in list(shapes.items())[1:]:
        with h5py.File(paths[what], "w") as file:
            file.create_dataset(name, data=codes, chunks=chunk, compression="gzip", compression_opts=1, shuffle=True)
    corners = rng.integers(0, side - box, (10, 3))
    patterns = {
        "4 z": [np.s_[place] for place in (51, 85, 128, 247)],
        "4 y": [np.s_[:, place] for place in (51, 85, 128, 247)],
        "2 x": [np.s_[:, :, place] for place in (85, 128)],
        f"10 x {box}^3": [np.s_[z : z + box, y : y + box, x : x + box] for z, y, x in corners],
        "all": [np.s_[()]],
    }

    def reader(path, parts):
        def run():
            for part in parts:
                with h5py.File(path) as file:
                    file[name][part]

        return lambda: in_process(run)

    print(f"\nchunks of a volume: masked, {side}^3, 12 bits, read by libhdf5; CPU milliseconds")
    print(f"{'':36} {'MB':>6}" + "".join(f" {pattern:>9}" for pattern in [*patterns, "together"]))
    runs = [reader(path, parts) for path in paths.values() for parts in patterns.values()]
    times = np.array([cpu for cpu, _ in interleaved(runs)]).reshape(len(paths), -1) * 1e3
    for (what, path), row in zip(paths.items(), times):
        words = f"{what}, {' x '.join(map(str, shapes[what]))}"
        print(f"{words:36} {path.stat().st_size / 1e6:6.2f}" + "".join(f" {time:9.1f}" for time in [*row, row.sum()]))
    images = 4000
    mrcs = folder / "small.mrcs"
    write_mrc(mrcs, densities(rng, (images, 64, 64)))
    command(program, "--bits", 5, "--outpath", out, mrcs)
    size = (out / "small.hdf").stat().st_size
    print(f"\nsmall images: 64 x 64 floats in 5 bits take {size / images:,.0f} bytes per image")


def reading_back(program, folder, rng):
    """What it costs to read outputs back before they get their names."""
    print("\nreading outputs back: CPU seconds, one thread, counts in 4 bits")
    print(f"{'':24} {'with':>8} {'--no-verify':>12} {'cost':>7}")
    for side in (4096, 1024, 64):
        mrcs = folder / "sizes.mrcs"
        images = SIDE * SIDE // side // side
        write_mrc(mrcs, counts(rng, (images, side, side)))
        run = lambda *options: lambda: afresh(  # noqa: E731
            folder / "out" / "sizes.hdf", program, "--threads", 1, "--bits", 4, *options, "--outpath", folder / "out", mrcs)
        (with_, _), (without, _) = interleaved([run(), run("--no-verify")], 21)
        name = f"{images} of {side} x {side}"
        print(f"{name:24} {with_:8.3f} {without:12.3f} {with_ / without - 1:6.1%}")


def growth(program, folder, rng, quick):
    out = folder / "out"
    print("\ngrowth: float movies, 5 bits; wall and CPU seconds")
    print(f"{'frames of 4096 x 4096':>24} {'1 thread':>16} {'2 threads':>16} {'1 / 2':>7}")
    frame = densities(rng, (SIDE, SIDE))
    for frames in (1, 2, 4, 8)[: 2 if quick else 4]:
        mrcs = folder / "movie.mrcs"
        write_mrc(mrcs, np.broadcast_to(frame, (frames, SIDE, SIDE)))
        run = lambda threads: lambda: afresh(  # noqa: E731
            out / "movie.hdf", program, "--threads", threads, "--bits", 5, "--outpath", out, mrcs)
        (cpu1, wall1), (cpu2, wall2) = interleaved([run(1), run(2)])
        print(f"{frames:24} {wall1:8.3f} {cpu1:7.3f} {wall2:8.3f} {cpu2:7.3f} {wall1 / wall2:7.2f}")
    print("\ngrowth: counts in images of one size, 4 bits; CPU nanoseconds a pixel, wall seconds")
    print(f"{'side':>8} {'images':>8} {'1 thread':>16} {'2 threads':>16} {'1 / 2':>7} {'MB out':>8}")
    for side in (64, 256, 1024, 4096, 16384)[: 4 if quick else 5]:
        images = max(1, SIDE * SIDE // side // side)
        mrcs = folder / "sizes.mrcs"
        write_mrc(mrcs, counts(rng, (images, side, side)))
        run = lambda threads: lambda: afresh(  # noqa: E731
            out / "sizes.hdf", program, "--threads", threads, "--bits", 4, "--outpath", out, mrcs)
        (cpu1, wall1), (cpu2, wall2) = interleaved([run(1), run(2)])
        size = (out / "sizes.hdf").stat().st_size
        cpu1, cpu2 = (cpu * 1e9 / (images * side * side) for cpu in (cpu1, cpu2))
        print(f"{side:8} {images:8} {cpu1:8.2f} {wall1:7.3f} {cpu2:8.2f} {wall2:7.3f} {wall1 / wall2:7.2f} {size / 1e6:8.2f}")


def peak(*words):
    """The most memory a command had at once, in MB, and its wall seconds."""
    start = time.perf_counter()
    child = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"{words}: {status}")
    return usage.ru_maxrss * 1024 / 1e6, time.perf_counter() - start


def memory(program, folder, rng):
    """Noise in a volume and in a movie, written to disk; the page cache is not the program's."""
    print(f"{'8.6 GB of floats, 5 bits':>28} {'threads':>8} {'peak MB':>8} {'wall s':>8} {'GB out':>8}")
    side, sections = 2048, 512
    slab = densities(rng, (8, side, side)).tobytes()
    for name, nx, ny, nz in (("volume.mrc", side, side, sections), ("movie.mrcs", 2 * side, 2 * side, sections // 4)):
        path = folder / name
        with open(path, "wb") as file:
            file.write(header(nx, ny, nz, 2))
            for _ in range(sections // 8):
                file.write(slab)
        for threads in (1, 2):
            most, wall = peak(program, "--threads", threads, "--bits", 5, "--nooutliers", "--outpath", folder, path)
            out = path.with_suffix(".hdf").stat().st_size
            print(f"{f'{name} {nx} x {ny} x {nz}':>28} {threads:8} {most:8.0f} {wall:8.1f} {out / 1e9:8.2f}", flush=True)
        path.unlink()


def main():
    program = Path(sys.argv[1]).resolve()
    quick = "quick" in sys.argv[2:]
    blosc.set_nthreads(1)
    rng = np.random.default_rng(7)
    if "memory" in sys.argv[2:]:
        with tempfile.TemporaryDirectory(dir="target") as name:
            return memory(program, Path(name), rng)
    # In memory where that can be: the disk is not what is compared.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=shared) as name:
        folder = Path(name)
        print(f"{os.cpu_count()} processors; h5py {h5py.__version__} on libhdf5 {h5py.version.hdf5_version}")
        for kind, make, bits in (("counts", counts, 4), ("densities5", densities, 5), ("densities10", densities, 10)):
            peers(program, folder, kind, make(rng, (SIDE, SIDE)), bits)
        shapes(folder, rng)
        volumes(program, folder, rng)
        reading_back(program, folder, rng)
        growth(program, folder, rng, quick)


main()
