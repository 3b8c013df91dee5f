"""What every package is made of: the project's files, what its manifests say, and fixed times."""

import io
import pathlib
import re
import sys
import tarfile

NAME = "e2compress"
ROOT = pathlib.Path(__file__).resolve().parent.parent
LICENSES = ["LICENSE-APACHE", "LICENSE-MIT"]

# The earliest date that a zip archive can hold, and the same in seconds for the rest.
DATE = (1980, 1, 1, 0, 0, 0)
SECONDS = 315532800


def read(name):
    return (ROOT / name).read_bytes()


def stated(manifest, key):
    """Returns what a manifest says of the project, which is said there alone."""
    found = re.search(rf'^{key} = "(.*)"$', (ROOT / manifest).read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit(f"pack.py: {manifest} has no {key}")
    return found[1]


def tar(files, folders=()):
    """Returns a tar archive of files, each a path with content and mode, in the order of their paths.

    Content that is a string is what a symbolic link leads to. Nothing in it depends on the machine.
    """
    entries = {**{path: (None, 0o755) for path in folders}, **files}
    tar_bytes = io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, (content, mode) in sorted(entries.items()):
            entry = tarfile.TarInfo(path)
            entry.mode, entry.mtime = mode, SECONDS
            if content is None:
                entry.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
            else:
                entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content) if isinstance(content, bytes) else None)
    return tar_bytes.getvalue()
