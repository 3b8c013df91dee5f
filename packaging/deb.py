"""The package for Debian and its relatives: an `ar` archive of a version, a description and the files."""

import gzip
import hashlib
import pathlib
import re
import sys

from documents import documents
from project import NAME, ROOT, SECONDS, read, stated, tar

# Debian's names of the architectures.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# Where Debian's shells look for completions.
COMPLETIONS = {
    f"{NAME}.bash": f"usr/share/bash-completion/completions/{NAME}",
    f"{NAME}.fish": f"usr/share/fish/vendor_completions.d/{NAME}.fish",
    f"{NAME}.py.fish": f"usr/share/fish/vendor_completions.d/{NAME}.py.fish",
    f"_{NAME}": f"usr/share/zsh/vendor-completions/_{NAME}",
}


def deb(program, version, architecture, manuals):
    """Returns the file name and bytes of a package that asks for no other, as a static program does."""
    files = contents(program, manuals)
    # The revision of the package, which other packagers count for themselves.
    version = f"{version}-1"
    architecture = ARCHITECTURES[architecture]
    size = sum(len(content) for content, _ in files.values() if isinstance(content, bytes))
    sums = "".join(
        f"{hashlib.md5(content).hexdigest()}  {path}\n"
        for path, (content, _) in sorted(files.items())
        if isinstance(content, bytes)
    )
    control = {"control": description(version, architecture, size), "md5sums": sums.encode()}
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": packed(tar({f"./{name}": (text, 0o644) for name, text in control.items()}, ["./"])),
        "data.tar.gz": packed(tar({f"./{path}": entry for path, entry in files.items()}, folders(files))),
    }
    return f"{NAME}_{version}_{architecture}.deb", ar(members)


def contents(program, manuals):
    """Returns content and mode of every file, by its path from the root."""
    docs = f"usr/share/doc/{NAME}"
    # Debian has the text of the one licence, and asks packages not to bring it again.
    choice = f"{NAME} is licensed under {stated('Cargo.toml', 'license')}, at your choice.\n\n"
    apache = "Apache-2.0: see /usr/share/common-licenses/Apache-2.0\n\n"
    files = {
        f"usr/bin/{NAME}": (program, 0o755),
        # EMAN2's name of the command, for scripts that call it.
        f"usr/bin/{NAME}.py": (NAME, 0o777),
        f"{docs}/copyright": ((choice + apache).encode() + read("LICENSE-MIT"), 0o644),
        **{f"{docs}/{name}": (text, 0o644) for name, text in documents().items()},
        f"{docs}/LICENSE-APACHE": ("../../common-licenses/Apache-2.0", 0o777),
    }
    for name, text in manuals.items():
        folder, file = name.split("/")
        if folder == "man":
            files[f"usr/share/man/man1/{file}.gz"] = (packed(text), 0o644)
        else:
            files[COMPLETIONS[file]] = (text, 0o644)
    # Both are looked for by the command's name.
    files[f"usr/share/bash-completion/completions/{NAME}.py"] = (NAME, 0o777)
    files[f"usr/share/man/man1/{NAME}.py.1.gz"] = (f"{NAME}.1.gz", 0o777)
    return files


def folders(files):
    """Returns every folder that a file is in, as Debian names them."""
    parents = {str(parent) for path in files for parent in pathlib.PurePosixPath(path).parents}
    return {f"./{parent}/" if parent != "." else "./" for parent in parents}


def description(version, architecture, size):
    lines = [
        f"Package: {NAME}",
        f"Version: {version}",
        f"Architecture: {architecture}",
        f"Maintainer: {maintainer()}",
        f"Installed-Size: {-(-size // 1024)}",
        "Section: science",
        "Priority: optional",
        f"Description: {stated('native-cli/Cargo.toml', 'description')}",
        " It takes the options of EMAN2's e2compress.py, and its name as well; EMAN2",
        " programs read the outputs as ordinary images. Also expands them to MRC,",
        " checks them, and reports what is in them.",
    ]
    return ("\n".join(lines) + "\n").encode()


def maintainer():
    """Returns the authors, as they ask to be cited."""
    found = re.search(r'^authors:\n  - name: "(.*)"$', (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    if not found:
        sys.exit("deb.py: CITATION.cff names no authors")
    return found[1]


def packed(content):
    return gzip.compress(content, 9, mtime=0)


def ar(members):
    """Returns an archive of members in the order given, each at an even offset."""
    archive = b"!<arch>\n"
    for name, content in members.items():
        head = f"{name:<16}{SECONDS:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
        archive += head.encode() + content + b"\n" * (len(content) % 2)
    return archive
