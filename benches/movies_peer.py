"""Times libtiff for `bench movies`, and measures the command. Asked a line of words with tabs between them:

    version                     answers which libtiff it is: the system's, else the one that imagecodecs brings
    decode PATH                 answers seconds of CPU time for all strips of all pages, and the sum of the last page
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
        print(*{"decode": decode, "compress": compress}[what](*words), flush=True)
