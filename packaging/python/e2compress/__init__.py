"""Reads the densities of EMAN2's HDF5 files, and calls e2compress.

    import e2compress

    e2compress.compress("a.mrc", bits=5, outpath="out")   # as the command does; raises where a file fails
    density = e2compress.read("out/a.hdf")                # an array of 32-bit floats
    for frame in e2compress.images("movie.hdf"):          # one at a time
        print(frame.mean())
    e2compress.info("out/a.hdf")[0].pixel_size            # what the file says of itself

Bit-reduced images are stored as codes. Programs other than EMAN's see these; the functions here give values, the
same as `e2compress expand`. Reading needs numpy and h5py: `pip install e2compress[read]`. `compress` needs neither.
"""

from ._claims import FormatError
from ._command import CommandError, CommandNotFound, CommandNote, CommandWarning, compress, program
from ._reading import FormatWarning, ImageInfo, Images, images, info, read

__all__ = [
    "CommandError",
    "CommandNotFound",
    "CommandNote",
    "CommandWarning",
    "FormatError",
    "FormatWarning",
    "ImageInfo",
    "Images",
    "compress",
    "images",
    "info",
    "program",
    "read",
]
