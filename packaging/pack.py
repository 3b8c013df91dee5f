#!/usr/bin/env python3
"""Packs a static Linux program: an archive to unpack anywhere, a wheel for pip, a package for Debian.

    pack.py PROGRAM VERSION ARCHITECTURE MANUALS FOLDER archive|wheel|deb...

ARCHITECTURE is x86_64 or aarch64; MANUALS has the completions and manual pages. The same program gives the same bytes:
files are in a fixed order and carry no time, owner or umask. `cargo xtask dist` builds all and runs this; it needs
nothing but Python's own library.
"""

import base64
import gzip
import hashlib
import io
import pathlib
import re
import sys
import zipfile

from deb import deb
from documents import description, documents
from project import DATE, LICENSES, NAME, ROOT, read, stated, tar

# A wheel has to name the C libraries that its programs run with. A static one runs with any: pip takes the first two
# on glibc from 2.17 on, the third on musl from 1.1 on.
PLATFORMS = ["manylinux2014", "manylinux_2_17", "musllinux_1_1"]

# Where pip puts what the README leads to, below the folder of the environment.
DOCUMENTS = f"share/doc/{NAME}"

def archive(program, version, architecture, manuals):
    """Returns the file name and bytes of a .tar.gz with everything in one folder."""
    folder = f"{NAME}-{version}-{architecture}-linux-musl"
    files = {NAME: (program, 0o755), **{name: (text, 0o644) for name, text in documents().items()}}
    files.update((name, (read(name), 0o644)) for name in LICENSES)
    # `man` finds pages in folders of their section.
    files.update((name.replace("man/", "man/man1/"), (text, 0o644)) for name, text in manuals.items())
    packed = tar({f"{folder}/{name}": entry for name, entry in files.items()})
    return f"{folder}.tar.gz", gzip.compress(packed, 9, mtime=0)


def wheel(program, version, architecture, _manuals):
    """Returns the file name and bytes of a wheel with two commands, and the module for Python."""
    platforms = [f"{platform}_{architecture}" for platform in PLATFORMS]
    scripts = f"{NAME}-{version}.data/scripts"
    info = f"{NAME}-{version}.dist-info"
    files = {
        f"{scripts}/{NAME}": (program, 0o755),
        f"{scripts}/{NAME}.py": ((ROOT / "packaging/e2compress.py").read_bytes(), 0o755),
        **{f"{NAME}/{path.name}": (path.read_bytes(), 0o644) for path in module()},
        **{f"{NAME}-{version}.data/data/{DOCUMENTS}/{name}": (text, 0o644) for name, text in documents().items()},
        f"{info}/METADATA": (metadata(version), 0o644),
        f"{info}/WHEEL": (tags(platforms), 0o644),
    }
    files.update((f"{info}/licenses/{name}", (read(name), 0o644)) for name in LICENSES)
    record = "".join(
        f"{path},sha256={digest(content)},{len(content)}\n" for path, (content, _) in sorted(files.items())
    )
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    # The specification asks for .dist-info at the end, so that it can be read without the rest.
    order = sorted(files, key=lambda path: (path.startswith(info), path))
    zip_bytes = io.BytesIO()
    with zipfile.ZipFile(zip_bytes, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in order:
            content, mode = files[path]
            entry = zipfile.ZipInfo(path, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)
    return f"{NAME}-{version}-py3-none-{'.'.join(platforms)}.whl", zip_bytes.getvalue()


def metadata(version):
    head = [
        "Metadata-Version: 2.4",
        f"Name: {NAME}",
        f"Version: {version}",
        f"Summary: {stated('native-cli/Cargo.toml', 'description')}",
        f"License-Expression: {stated('Cargo.toml', 'license')}",
        *(f"License-File: {name}" for name in LICENSES),
        "Keywords: cryo-EM,EMAN2,MRC,HDF5,compression",
        "Requires-Python: >=3.8",
        "Provides-Extra: read",
        'Requires-Dist: numpy; extra == "read"',
        'Requires-Dist: h5py>=3; extra == "read"',
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join([*head, "", ""]).encode() + description(f"The files that are named here are installed in `{DOCUMENTS}`, below the folder of the Python environment.")


def module():
    """Lists the files of the Python module: not what Python made of them."""
    files = [path for path in (ROOT / "packaging/python" / NAME).iterdir() if path.is_file()]
    if not files:
        sys.exit("pack.py: packaging/python is empty")
    return sorted(files)


def tags(platforms):
    lines = ["Wheel-Version: 1.0", f"Generator: {NAME} pack.py", "Root-Is-Purelib: false"]
    return "\n".join([*lines, *(f"Tag: py3-none-{platform}" for platform in platforms), ""]).encode()


def digest(content):
    """Returns the hash as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def manual_files(folder):
    """Returns the completions and manual pages by their paths in that folder."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("*/*")}
    if not files:
        sys.exit(f"pack.py: {folder} has no completions and no manual pages")
    return files


def main():
    packers = {"archive": archive, "wheel": wheel, "deb": deb}
    if len(sys.argv) < 7 or not packers.keys() >= set(sys.argv[6:]):
        sys.exit(__doc__)
    program, version, architecture, manuals, folder, *kinds = sys.argv[1:]
    # Python writes other forms in its own way (0.2.0-rc.1 as 0.2.0rc1): no package of such a version yet.
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"pack.py: {version} is not a version such as 1.2.3")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content, manuals = pathlib.Path(program).read_bytes(), manual_files(pathlib.Path(manuals))
    for kind in kinds:
        name, packed = packers[kind](content, version, architecture, manuals)
        (folder / name).write_bytes(packed)
        print(f"{folder / name}  {len(packed)} bytes")


if __name__ == "__main__":
    main()
