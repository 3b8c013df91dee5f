#!/usr/bin/env python3
"""Writes SHA256SUMS for everything in a folder, as `sha256sum --check` reads it: sums.py FOLDER"""

import hashlib
import pathlib
import sys

NAME = "SHA256SUMS"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / NAME).write_text("".join(lines))


if __name__ == "__main__":
    main()
