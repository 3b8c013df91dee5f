"""Times libtiff and imagecodecs for `bench movies`, and measures the command. Asked a line of words with tabs between them:

    version                     answers which libtiff it is: the system's, else the one that imagecodecs brings
    decode PATH                 answers seconds of CPU time for all strips of all pages, and the sum of the last page
    eer PATH LEVEL SUMMED       answers seconds of CPU time of imagecodecs for all frames of 7 + 2 + 2 bits, on a grid 2^LEVEL
                                times as fine, each by itself (SUMMED 0) or summed (1), and the electrons of the last image
    compress PROGRAM PATH OUT   answers seconds of CPU time and the peak of memory in MB
"""

import ctypes
import ctypes.util
import glob
import os
import resource
import subprocess
import sys
import time

import imagecodecs
import numpy
import tifffile


def library():
    found = ctypes.util.find_library("tiff")
    if found:
        return ctypes.CDLL(found), "the system's " + found
    folder = os.path.join(os.path.dirname(imagecodecs.__file__), "..", "imagecodecs.libs")
    path = glob.glob(os.path.join(folder, "libtiff*"))[0]
    return ctypes.CDLL(path), "imagecodecs' " + os.path.basename(path)


tiff, where = library()
tiff.TIFFGetVersion.restype = ctypes.c_char_p
tiff.TIFFOpen.restype = ctypes.c_void_p
tiff.TIFFOpen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
tiff.TIFFClose.argtypes = tiff.TIFFReadDirectory.argtypes = tiff.TIFFNumberOfStrips.argtypes = [ctypes.c_void_p]
tiff.TIFFStripSize64.argtypes = [ctypes.c_void_p]
tiff.TIFFStripSize64.restype = ctypes.c_uint64
tiff.TIFFReadEncodedStrip.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_ssize_t]
tiff.TIFFReadEncodedStrip.restype = ctypes.c_ssize_t
frame = numpy.zeros(11520 * 8184, numpy.uint8)


def decode(path):
    start = time.process_time()
    movie = tiff.TIFFOpen(path.encode(), b"r")
    while True:
        size, at = tiff.TIFFStripSize64(movie), 0
        for strip in range(tiff.TIFFNumberOfStrips(movie)):
            made = tiff.TIFFReadEncodedStrip(movie, strip, frame.ctypes.data + at, min(size, len(frame) - at))
            assert made > 0, "libtiff does not read strip %d" % strip
            at += made
        if not tiff.TIFFReadDirectory(movie):
            break
    tiff.TIFFClose(movie)
    seconds = time.process_time() - start
    assert at == len(frame)
    return seconds, int(frame.sum(dtype=numpy.uint64))


def eer(path, level, summed):
    level, summed = int(level), summed == "1"
    with tifffile.TiffFile(path) as movie, open(path, "rb") as file:
        frames, shape = [], None
        for page in movie.pages:
            strips = []
            for offset, length in zip(page.dataoffsets, page.databytecounts):
                file.seek(offset)
                strips.append(file.read(length))
            frames.append(b"".join(strips))
            shape = page.imagelength << level, page.imagewidth << level
    image, whole = numpy.zeros(shape, numpy.uint8), numpy.zeros(shape, numpy.uint8)
    start = time.process_time()
    for codes in frames:
        image.fill(0)
        imagecodecs.eer_decode(codes, shape, 7, 2, 2, superres=level, out=image)
        if summed:
            whole += image
    seconds = time.process_time() - start
    return seconds, int((whole if summed else image).sum(dtype=numpy.uint64))


def compress(program, path, out):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "--bits", "4", "--threads", "2", "--outpath", out, path], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss // 1000


for line in sys.stdin:
    what, *words = line.rstrip("\n").split("\t")
    if what == "version":
        print(tiff.TIFFGetVersion().decode().split("\n")[0].strip(), "(%s)" % where, flush=True)
    else:
        print(*{"decode": decode, "eer": eer, "compress": compress}[what](*words), flush=True)
