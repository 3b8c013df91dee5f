#!/usr/bin/env python3
"""Packs the built page for any static host.

    page.py FOLDER ARCHIVE.zip

The same files give the same bytes: they are in alphabetical order and carry no time, owner or umask. `cargo xtask
page` builds the page and runs this; it needs nothing but Python's own library.
"""

import pathlib
import sys
import zipfile

# The earliest date that a zip archive can hold.
DATE = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644

# Without these it is no page that a host can serve.
NEEDED = ["_headers", "index.html", "sw.js"]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, target = map(pathlib.Path, sys.argv[1:])
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    missing = [name for name in NEEDED if name not in files]
    if missing:
        sys.exit(f"page.py: {folder} has no {', '.join(missing)}: build the page first, by npm run build in web")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = MODE << 16
            archive.writestr(entry, files[name].read_bytes())
    print(f"{target}  {target.stat().st_size} bytes, {len(files)} files")


if __name__ == "__main__":
    main()
