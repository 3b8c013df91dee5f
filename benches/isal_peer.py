"""Times ISA-L for the table of codecs: asked `PATH CHUNK` on a line, compresses a file in chunks of so many
bytes as zlib streams at level 1 and answers `SIZE SECONDS`, of CPU time.
"""

import sys
import time

from isal import isal_zlib

held = None
for line in sys.stdin:
    path, size = line.rsplit(" ", 1)
    if path != held:
        with open(path, "rb") as file:
            data = memoryview(file.read())
        held = path
    step = int(size)
    start = time.thread_time()
    length = sum(len(isal_zlib.compress(data[place : place + step], 1)) for place in range(0, len(data), step))
    print(length, time.thread_time() - start, flush=True)
