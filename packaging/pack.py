#!/usr/bin/env python3
"""Packs a static Linux program: an archive to unpack anywhere, and a wheel for pip.

    pack.py PROGRAM VERSION FOLDER

The same program gives the same bytes: files are in a fixed order and carry no time, owner or umask. `cargo xtask
dist` builds the program and runs this; it needs nothing but Python's own library.
"""

import base64
import gzip
import hashlib
import io
import pathlib
import re
import sys
import tarfile
import zipfile

NAME = "e2compress"
ROOT = pathlib.Path(__file__).resolve().parent.parent
LICENSES = ["LICENSE-APACHE", "LICENSE-MIT"]

# A wheel has to name the C libraries that its programs run with. A static one runs with any: pip takes the first two
# on glibc from 2.17 on, the third on musl from 1.1 on.
PLATFORMS = ["manylinux2014_x86_64", "manylinux_2_17_x86_64", "musllinux_1_1_x86_64"]

# The earliest date that a zip archive can hold, and the same in seconds for the rest.
DATE = (1980, 1, 1, 0, 0, 0)
SECONDS = 315532800


def archive(program, version):
    """Returns the file name and bytes of a .tar.gz with everything in one folder."""
    folder = f"{NAME}-{version}-x86_64-linux-musl"
    files = {NAME: (program, 0o755), "README.md": (read("README.md"), 0o644)}
    files.update((name, (read(name), 0o644)) for name in LICENSES)
    tar_bytes = io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(content), mode, SECONDS
            tar.addfile(entry, io.BytesIO(content))
    return f"{folder}.tar.gz", gzip.compress(tar_bytes.getvalue(), 9, mtime=0)


def wheel(program, version):
    """Returns the file name and bytes of a wheel with two commands, and the module for Python."""
    scripts = f"{NAME}-{version}.data/scripts"
    info = f"{NAME}-{version}.dist-info"
    files = {
        f"{scripts}/{NAME}": (program, 0o755),
        f"{scripts}/{NAME}.py": ((ROOT / "packaging/e2compress.py").read_bytes(), 0o755),
        **{f"{NAME}/{path.name}": (path.read_bytes(), 0o644) for path in module()},
        f"{info}/METADATA": (metadata(version), 0o644),
        f"{info}/WHEEL": (tags(), 0o644),
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
    return f"{NAME}-{version}-py3-none-{'.'.join(PLATFORMS)}.whl", zip_bytes.getvalue()


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
    return "\n".join([*head, "", ""]).encode() + read("README.md")


def module():
    """Lists the files of the Python module: not what Python made of them."""
    files = [path for path in (ROOT / "packaging/python" / NAME).iterdir() if path.is_file()]
    if not files:
        sys.exit("pack.py: packaging/python is empty")
    return sorted(files)


def tags():
    lines = ["Wheel-Version: 1.0", f"Generator: {NAME} pack.py", "Root-Is-Purelib: false"]
    return "\n".join([*lines, *(f"Tag: py3-none-{platform}" for platform in PLATFORMS), ""]).encode()


def digest(content):
    """Returns the hash as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def stated(manifest, key):
    """Returns what a manifest says of the project, which is said there alone."""
    found = re.search(rf'^{key} = "(.*)"$', (ROOT / manifest).read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit(f"pack.py: {manifest} has no {key}")
    return found[1]


def read(name):
    return (ROOT / name).read_bytes()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, version, folder = sys.argv[1:]
    # Python writes other forms in its own way (0.2.0-rc.1 as 0.2.0rc1): no package of such a version yet.
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"pack.py: {version} is not a version such as 1.2.3")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = pathlib.Path(program).read_bytes()
    for pack in (archive, wheel):
        name, packed = pack(content, version)
        (folder / name).write_bytes(packed)
        print(f"{folder / name}  {len(packed)} bytes")


if __name__ == "__main__":
    main()
