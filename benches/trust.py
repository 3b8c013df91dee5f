"""What proofs cost beside the plain run, and the plain run beside a copy and libhdf5; what volumes and small images cost
their readers.

trust.py PROGRAM [quick]

Each line ends in its goal. CPU ratios stand a busy machine, wall times beside `cp` do not.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from measured import SIDE, command, counts, densities, h5py_writer, in_process, interleaved, write_mrc

SMALL = 64


def words(rng, shape):
    return rng.normal(1000, 60, shape).clip(0, 65535).astype(np.uint16)


def masked(rng, side):
    """A map: smooth density within a ball, 0 around it, by which most chunks are flat."""
    noise = rng.normal(0, 1, (side, side, side)).astype("<f4")
    for axis in range(3):
        noise += np.roll(noise, 1, axis)
    z, y, x = np.ogrid[:side, :side, :side]
    middle = (side - 1) / 2
    ball = (z - middle) ** 2 + (y - middle) ** 2 + (x - middle) ** 2 < (side * 0.4) ** 2
    return np.where(ball, noise, np.float32(0)).astype("<f4")


def line(name, ratio, goal, unit="times"):
    print(f"{name:70} {ratio:9.3g} {unit:8} {goal}", flush=True)


class Compressing:
    """Runs of the command on some files, each into an empty folder."""

    def __init__(self, program, folder, inputs, bits):
        self.program, self.folder, self.inputs, self.bits = program, folder, inputs, bits
        self.out, self.record = folder / "out", folder / "record.jsonl"

    def empty(self):
        shutil.rmtree(self.out, ignore_errors=True)
        self.record.unlink(missing_ok=True)

    def run(self, *options, threads=2):
        def run():
            self.empty()
            return command(
                self.program, "--threads", threads, "--bits", self.bits, *options, "--outpath", self.out, *self.inputs)

        return run

    def copy(self):
        def run():
            self.empty()
            self.out.mkdir()
            return command("cp", *self.inputs, self.out)

        return run

    def outputs(self):
        return [self.out / (path.stem + ".hdf") for path in self.inputs]

    def verify(self):
        """The command `verify` beside the originals, of outputs that are there."""

        def run():
            runs = [command(self.program, "verify", "--threads", 2, output, path)
                    for output, path in zip(self.outputs(), self.inputs)]
            return tuple(map(sum, zip(*runs)))

        return run


def make(folder, name, arrays, extension="mrc"):
    paths = []
    for number, array in enumerate(arrays):
        path = folder / f"{name}{number}.{extension}"
        write_mrc(path, array)
        paths.append(path)
    return paths


def proofs(program, folder, rng, rounds):
    """CPU of proofs, and wall time beside `cp`."""
    files = 3
    for name, kind, bits, goals in (
        ("f32, 5 bits", densities, 5, ("1.55", "2.2", "1.0")),
        ("u16, 6 bits", words, 6, ("1.55", "2.2", "1.3")),
        ("u8, 4 bits", counts, 4, ("1.55", "2.2", "1.7")),
    ):
        of_verify, of_report, of_copy = goals
        image = kind(rng, (SIDE, SIDE))
        inputs = make(folder, "a", [np.roll(image, 97 * number) for number in range(files)])
        runs = Compressing(program, folder, inputs, bits)
        best = interleaved(
            [
                *(runs.run(), runs.run("--verify"), runs.run("--report", runs.record)),
                *(runs.run("--report", runs.record, "--no-verify"), runs.copy()),
            ],
            rounds,
        )
        cpu = [cpu for cpu, _ in best]
        line(f"--verify, {name}: CPU beside the plain run", cpu[1] / cpu[0], of_verify)
        line(f"--report, {name}: CPU beside the plain run", cpu[2] / cpu[0], of_report)
        line(f"--report --no-verify, {name}: CPU beside the plain run", cpu[3] / cpu[0], "-")
        line(f"plain run, {name}, two threads: wall time beside cp", best[0][1] / best[4][1], f"{of_copy}, never worse")
        if kind is densities:
            runs.run()()
            (verified, _), = interleaved([runs.verify()], rounds)
            line("verify FILE ORIGINAL, f32, 5 bits: CPU beside the plain run", verified / cpu[0], "2")
        for path in inputs:
            path.unlink()


def tomogram(program, folder, rng, rounds, quick):
    shape = (64 if quick else 128, 512, 1024)
    runs = Compressing(program, folder, make(folder, "t", [densities(rng, shape)]), 6)
    (plain, _), (reported, _) = interleaved([runs.run(), runs.run("--report", runs.record)], rounds)
    line("--report, a tomogram, f32, 6 bits: CPU beside the plain run", reported / plain, "2.4")
    runs.inputs[0].unlink()


def stand_in(program, folder, rng, rounds):
    """EMAN2 deflates by libhdf5 and zlib 1, in chunks of 8 rows; it is given the codes here, and writes nothing else."""
    (path,) = make(folder, "e", [densities(rng, (SIDE, SIDE))])
    runs = Compressing(program, folder, [path], 5)
    runs.run()()
    with h5py.File(runs.outputs()[0]) as file:
        codes = file["MDF/images/0/image"][()]
    peer = folder / "peer.h5"
    writer = h5py_writer(peer, codes, (8, SIDE), False)
    (ours, _), (theirs, _) = interleaved([runs.run(threads=1), writer], rounds)
    line("libhdf5 + zlib 1 on ready codes, f32, 5 bits: CPU beside one thread", theirs / ours, "11 beside EMAN2")
    path.unlink()
    peer.unlink()


def stacks(program, folder, rng, rounds, quick):
    images = 2048 if quick else 8192
    paths = make(folder, "s", [densities(rng, (images, SMALL, SMALL))], "mrcs")
    runs = Compressing(program, folder, paths, 5)
    (plain, _), (verified, _), (unread, _) = interleaved(
        [runs.run(), runs.run("--verify"), runs.run("--no-verify")], rounds)
    name = f"{images} images of {SMALL} x {SMALL}, f32, 5 bits"
    line(f"--verify, {name}: CPU beside the plain run", verified / plain, "1.6")
    line(f"reading back, {name}: share of the plain run", 100 * (1 - unread / plain), "10", "%")
    runs.run()()
    line(f"{name}: bytes per image", runs.outputs()[0].stat().st_size / images, "10450", "B")
    paths[0].unlink()


def volumes(program, folder, rng, rounds):
    """A volume's sections, boxes and whole, by libhdf5, in our chunks and in EMAN2's."""
    side, box = 256, 64
    (path,) = make(folder, "v", [masked(rng, side)])
    runs = Compressing(program, folder, [path], 12)
    runs.run()()
    ours, theirs, name = runs.outputs()[0], folder / "theirs.h5", "MDF/images/0/image"
    with h5py.File(ours) as file:
        codes, chunks = file[name][()], file[name].chunks
    with h5py.File(theirs, "w") as file:
        file.create_dataset(name, data=codes, chunks=(1, 8, side), compression="gzip", compression_opts=1, shuffle=True)
    sums = {hashlib.sha256(h5py.File(path)[name][()].tobytes()).hexdigest() for path in (ours, theirs)}
    assert len(sums) == 1, "the two files hold other codes"
    places = [int(place) for place in np.linspace(20, side - 20, 4)]
    corners = rng.integers(0, side - box, (10, 3))
    patterns = {
        "4 z sections": lambda data: [data[z] for z in places],
        "4 y sections": lambda data: [data[:, y] for y in places],
        "2 x sections": lambda data: [data[:, :, x] for x in places[:2]],
        "ten boxes of 64^3": lambda data: [data[z : z + box, y : y + box, x : x + box] for z, y, x in corners],
        "the whole": lambda data: [data[()]],
    }

    def reading(path, pattern):
        def run():
            with h5py.File(path) as file:
                pattern(file[name])

        return lambda: in_process(run)

    print(f"a masked volume of {side}^3, 12 bits, through libhdf5: chunks of {chunks} beside EMAN2's (1, 8, {side})")
    both = [0.0, 0.0]
    for what, pattern in patterns.items():
        times = [cpu for cpu, _ in interleaved([reading(path, pattern) for path in (ours, theirs)], rounds)]
        both = [sum(pair) for pair in zip(both, times)]
        line(f"    {what}: CPU beside EMAN2's chunks", times[0] / times[1], "6" if " y " in what else "-")
    line("    the five patterns together: CPU beside EMAN2's chunks", both[0] / both[1], "1")
    line("    size beside EMAN2's chunks by zlib", ours.stat().st_size / theirs.stat().st_size, "-")
    path.unlink()
    theirs.unlink()


def main():
    program, quick = Path(sys.argv[1]).resolve(), "quick" in sys.argv[2:]
    rounds = 3 if quick else 7
    rng = np.random.default_rng(11)
    # In memory where that can be: the disk is not what is compared.
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=shared) as name:
        folder = Path(name)
        print(f"{os.cpu_count()} processors, two worker threads where no other number is named")
        print(f"{'':70} {'found':>9} {'':8} goal")
        proofs(program, folder, rng, rounds)
        tomogram(program, folder, rng, rounds, quick)
        stand_in(program, folder, rng, rounds)
        stacks(program, folder, rng, rounds, quick)
        volumes(program, folder, rng, rounds)


main()
