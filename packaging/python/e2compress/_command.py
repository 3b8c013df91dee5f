"""Calls the command."""

from __future__ import annotations

import decimal
import json
import numbers
import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Type, Union

Path = Union[str, "os.PathLike[str]"]
Value = Union[None, bool, int, float, str, "os.PathLike[str]", Sequence[Union[int, float]], Sequence[Path]]
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
    """What the command notes but does not warn of: a file that it left for later, what a dry run would do, inputs that
    changed just before they were read, a report to resume from that is not there."""


#: Options that the command takes several times.
_REPEATED = ("resume",)

#: How the command ends the line of a file that it leaves for later, after the file's name.
_LATER = re.compile(".+: left for later: it changed less than [0-9]+ seconds? ago")

#: How the command begins a line about the whole run.
_RUN = "e2compress: "

#: How it labels what it says of a file or of the run, after whom it is about.
_LABELLED = re.compile("(.+?): (warning|note): (.*)")

#: What it says of the whole run without a label: warnings of records about what was done before; over all warnings, which
#: are then said once more; and what was done.
_BEFORE = re.compile("[0-9]+ warnings? about .* done before")
_AGAIN = re.compile("[0-9]+ warnings? about .*:")
_TOTAL = re.compile("[0-9]+ files? written, .* failed, ")


def compress(path: Union[Path, Sequence[Path]], **options: Value) -> List[Record]:
    """Compresses a file, or several, by the command; returns a record of each, as `--report` writes them.

    Options are the command's, with underscores: `bits=5, outpath="out", nooutliers=True, range=(0, 4.5)`. `True` is
    an option without a value; `None` and `False` are an option that is not given. `e2compress --help` lists them. A
    record has `input` and `output` (each with `path`, `bytes`, `sha256`), `bits`, `range`, `step`, `error` and
    more. Every output is compared with its input, as `--report` implies, unless `no_verify=True` is given. With
    `report="done.jsonl"` what is returned are the lines that were added to that file meanwhile.

    `range=(0, 4.5)` is one value of several numbers. A list of paths gives an option several times, which `resume` may
    be. An empty list is an option that is not given. Values of other types raise `TypeError`.

    A file that is left out has no record: one that `resume` proves to be done, one that `settle` leaves for later, and
    all files with `dry_run=True`. What the command says of the latter two becomes `CommandNote`, a line each. So does
    each note of the command's, of a file or of all, and each warning becomes `CommandWarning`. With `quiet=True` the
    command notes nothing, and warns all the same. Raises `CommandError` with all that the command said if a file
    failed, and `CommandNotFound`.
    """
    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    names = [_text("path", one) for one in paths]
    if not names and options.get("files_from") in (None, False):
        return []
    words = [program(), *_words(options)]
    with tempfile.TemporaryDirectory(prefix="e2compress-") as folder:
        given = options.get("report")
        report = os.path.join(folder, "report.jsonl") if given is None or given is False else _text("report", given)
        if given is None or given is False:
            words.append(f"--report={report}")
        before = os.path.getsize(report) if os.path.isfile(report) else 0
        status, told, said = _run([*words, "--", *names])
        records = list(_records(report, before))
    if status != 0:
        raise CommandError(said.strip() or f"e2compress ended with status {status}", status, records)
    is_dry = options.get("dry_run") not in (None, False)
    for line in told.split("\n"):
        # Of what is on record the records say enough; the rest is said nowhere else.
        if line and (is_dry or _LATER.fullmatch(line)):
            warnings.warn(line, CommandNote, stacklevel=2)
    for category, line in _said(said):
        warnings.warn(line, category, stacklevel=2)
    return records


def _said(lines: str) -> Iterator[Tuple[Type[UserWarning], str]]:
    """Tells the warnings from the notes that the command writes to standard error, each said once."""
    again = False
    for line in filter(None, lines.split("\n")):
        if again and line.startswith("  "):
            continue
        labelled = _LABELLED.fullmatch(line)
        if labelled is not None:
            about, label, words = labelled.groups()
            about = "" if f"{about}: " == _RUN else f"{about}: "
            yield CommandWarning if label == "warning" else CommandNote, about + words
            continue
        words = line[len(_RUN) :] if line.startswith(_RUN) else line
        again = _AGAIN.fullmatch(words) is not None
        if again or _TOTAL.match(words):
            continue
        # What is not the command's own comes from a library beneath it.
        is_warning = not line.startswith(_RUN) or _BEFORE.match(words) is not None
        yield CommandWarning if is_warning else CommandNote, words


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
        elif isinstance(value, (list, tuple)) and name in _REPEATED:
            for part in value:
                yield f"{option}={_text(name, part)}"
        elif isinstance(value, (list, tuple)):
            # Never texts: the command takes the last of several values of many options, without a word.
            figures = [_number(part) for part in value]
            if None in figures:
                raise TypeError(f"{name} takes one value, or a list of numbers alone, not {value!r}")
            if figures:
                yield f"{option}={','.join(map(str, figures))}"
        else:
            figure = _number(value)
            yield f"{option}={_text(name, value) if figure is None else figure}"


def _text(name: str, value: Any) -> str:
    """Spells a text or a path."""
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    raise TypeError(
        f"{name} takes a text, a number or a path, or a list or tuple of such, not {value!r} of type "
        f"{type(value).__name__}"
    )


def _number(value: Any) -> Optional[str]:
    """Spells a number, numpy's as well; `None` where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return str(int(value))
    return str(float(value)) if isinstance(value, (numbers.Real, decimal.Decimal)) else None


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
