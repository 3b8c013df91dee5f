"""The README and all that it leads to, so that no link of it leads nowhere where a package is installed."""

import posixpath
import re
import sys

from project import ROOT, read

# The text of a link or picture, and where it leads.
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")

def documents():
    """Returns the README, what it links to, what that links to, and so on, by their paths in the project."""
    found, names = {}, ["README.md"]
    while names:
        name = names.pop()
        if name in found:
            continue
        path = ROOT / name
        if path.is_dir():
            names += [f"{name}/{entry.name}" for entry in path.iterdir()]
            continue
        if not path.is_file():
            sys.exit(f"documents.py: a document links to {name}, which is not there")
        found[name] = read(name)
        if name.endswith(".md"):
            links = [target for _, _, target in LINK.findall(found[name].decode()) if is_relative(target)]
            names += [posixpath.normpath(posixpath.join(posixpath.dirname(name), own(target))) for target in links]
    return found


def description(where):
    """Returns the README for a page that has none of the other files: without pictures and links to them, which `where` says
    where to find."""
    text = LINK.sub(without_link, read("README.md").decode())
    text = re.sub(r"\n{3,}", "\n\n", text)
    return f"{text.rstrip()}\n\n{where}\n".encode()


def without_link(link):
    is_picture, text, target = link.groups()
    if not is_relative(target):
        return link[0]
    return "" if is_picture else text


def is_relative(target):
    return not re.match(r"[a-z]+:|#", target)


def own(target):
    """Leaves out the place within a document."""
    return target.split("#")[0]
