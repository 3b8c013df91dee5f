"""Calls the command."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from typing import Any, Dict, Iterator, List, Sequence, Tuple, Union

Path = Union[str, "os.PathLike[str]"]
Value = Union[None, bool, int, float, str, "os.PathLike[str]", Sequence[Union[int, float]]]
Record = Dict[str, Any]

_NAME = "e2compress" + (".exe" if os.name == "nt" else "")


class CommandNotFound(FileNotFoundError):
    """The command is neither where this Python's commands are nor on PATH."""


class CommandError(RuntimeError):
    """What the command said when it failed."""

    def __init__(self, words: str, status: int, records: List[Record]) -> None:
        super().__init__(words)
        #: The exit status: 1 where a file failed, 2 for a usage error, negative for a signal.
        self.status = status
        #: A record of each file, also of those that did not fail.
        self.records = records

    def __reduce__(self) -> Any:
        return (CommandError, (self.args[0], self.status, self.records))


class CommandWarning(UserWarning):
    """A warning of the command's. Read them before you delete an original."""


class CommandNote(UserWarning):
    """What the command notes but does not warn of: a file that it left for later, what a dry run would do, an input that
    changed just before it was read."""


#: How the command ends the line of a file that it leaves for later, after the file's name.
_LATER = ": left for later: "


def compress(path: Union[Path, Sequence[Path]], **options: Value) -> List[Record]:
    """Compresses a file, or several, by the command; returns a record of each, as `--report` writes them.

    Options are the command's, with underscores: `bits=5, outpath="out", nooutliers=True, range=(0, 4.5)`. `True` is
    an option without a value; `None` and `False` are an option that is not given. `e2compress --help` lists them. A
    record has `input` and `output` (each with `path`, `bytes`, `sha256`), `bits`, `range`, `step`, `error` and
    more. Every output is compared with its input, as `--report` implies, unless `no_verify=True` is given. With
    `report="done.jsonl"` what is returned are the lines that were added to that file meanwhile.

    A file that is left out has no record: one that `resume` proves to be done, one that `settle` leaves for later, and
    all files with `dry_run=True`. What the command says of the latter two becomes `CommandNote`, a line each, unless
    `quiet=True` is given. Warnings about what is in the files become `CommandWarning`, notes `CommandNote`. Raises
    `CommandError` with the command's own words if a file failed, and `CommandNotFound`.
    """
    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    names = [os.fspath(one) for one in paths]
    if not names and "files_from" not in options:
        return []
    words = [program(), *_words(options)]
    with tempfile.TemporaryDirectory(prefix="e2compress-") as folder:
        report = options.get("report")
        if not isinstance(report, (str, os.PathLike)):
            report = os.path.join(folder, "report.jsonl")
            words.append(f"--report={report}")
        before = os.path.getsize(report) if os.path.isfile(report) else 0
        status, told, said = _run([*words, "--", *names])
        records = list(_records(os.fspath(report), before))
    if status != 0:
        raise CommandError(said.strip() or f"e2compress ended with status {status}", status, records)
    for record in records:
        for kind, category in (("warnings", CommandWarning), ("notes", CommandNote)):
            for words_of_it in record.get(kind, []):
                warnings.warn(f"{record['input']['path']}: {words_of_it}", category, stacklevel=2)
    # Of what is on record the records say enough; the rest is said nowhere else.
    is_dry = options.get("dry_run") not in (None, False)
    for line in told.splitlines():
        if is_dry or _LATER in line:
            warnings.warn(line, CommandNote, stacklevel=2)
    # What a dry run warns of, without its own words to people at a terminal.
    for line in said.splitlines() if is_dry else ():
        if not line.startswith((" ", "e2compress: ")):
            warnings.warn(line, CommandWarning, stacklevel=2)
    return records


def program() -> str:
    """Finds the command: beside this Python's other commands, else on PATH."""
    here = os.path.dirname(os.path.abspath(__file__))
    folders = [
        sysconfig.get_path("scripts"),
        os.path.dirname(sys.executable),
        # Of `pip install --user`, and of `pip install --target`.
        os.path.join(site.getuserbase(), "Scripts" if os.name == "nt" else "bin"),
        os.path.join(os.path.dirname(here), "bin"),
    ]
    found = shutil.which(_NAME, path=os.pathsep.join(folders)) or shutil.which(_NAME)
    if found is None:
        raise CommandNotFound(
            "the command e2compress is not beside this Python's commands and not on PATH; install the wheel with "
            "pip, or put the program into a folder of PATH"
        )
    return found


def _words(options: Dict[str, Value]) -> Iterator[str]:
    """Spells options as the command line does; which there are is for the command to say."""
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            yield option
        elif isinstance(value, (list, tuple)):
            yield f"{option}={','.join(str(part) for part in value)}"
        else:
            yield f"{option}={os.fspath(value) if isinstance(value, os.PathLike) else value}"


def _run(words: List[str]) -> Tuple[int, str, str]:
    """Runs a command; returns its status and what it wrote to standard output and standard error."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        told, said = process.communicate()
    except BaseException:
        # Ctrl-C: it is asked to stop, so that it removes what it has not finished, and is waited for.
        process.terminate()
        process.communicate()
        raise
    return process.returncode, told.decode("utf-8", "replace"), said.decode("utf-8", "replace")


def _records(report: str, start: int) -> Iterator[Record]:
    """Reads the lines of a report from a byte on."""
    if not os.path.isfile(report):
        return
    with open(report, "rb") as file:
        file.seek(start)
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                # Cut short, as lines of another program that was killed are.
                continue
            if isinstance(record, dict):
                yield record
