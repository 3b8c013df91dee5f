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


#: The command's options by what they take: nothing, one value, two numbers that are one value, or values each of which gives
#: the option once more. Its help says the same.
_SWITCHES = (
    "allow_external",
    "copy_others",
    "dry_run",
    "fail_fast",
    "force",
    "keep_going",
    "no_unpack",
    "no_verify",
    "nooutliers",
    "null",
    "overwrite",
    "quick",
    "quiet",
    "recursive",
    "strict",
    "verify",
)
_VALUED = (
    "bits",
    "compresslevel",
    "eer_fractions",
    "eer_grouping",
    "eer_upsampling",
    "files_from",
    "outpath",
    "ppid",
    "report",
    "settle",
    "shard",
    "threads",
    "verbose",
)
_PAIRS = ("range", "sigrange")
_REPEATED = ("resume",)

#: Options that have a letter as well.
_LETTERS = {"0": "null", "j": "threads", "q": "quiet", "r": "recursive", "v": "verbose"}

#: Options in place of which the command says something and compresses nothing.
_INSTEAD = ("help", "h", "version", "V")

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

    Options are the command's, with underscores: `bits=5, outpath="out", nooutliers=True, range=(0, 4.5), j=4`. `True` is
    an option without a value; `None` and `False` are an option that is not given. `e2compress --help` lists them. A
    record has `input` and `output` (each with `path`, `bytes`, `sha256`), `bits`, `range`, `step`, `error` and
    more. Every output is compared with its input, as `--report` implies, unless `no_verify=True` is given. With
    `report="done.jsonl"` what is returned are the lines that were added to that file meanwhile.

    `range=(0, 4.5)` is one value of two numbers, as of `sigrange`. A list of paths gives `resume` several times. An empty
    list of either is an option that is not given. Other options take no list, those without a value nothing but `True`, and
    those with one no `True`: all that, and values of other types, raise `TypeError`.

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
        asked = None if given is None or given is False else _text("report", given)
        # What cannot be read again, such as a terminal or a pipe, gets the lines from a file that can.
        is_passed_on = asked is not None and os.path.exists(asked) and not (os.path.isfile(asked) or os.path.isdir(asked))
        report = os.path.join(folder, "report.jsonl") if asked is None or is_passed_on else asked
        if report != asked:
            # The command writes to one report, the last that is named.
            words = [word for word in words if not word.startswith("--report=")]
            words.append(f"--report={report}")
        before = os.path.getsize(report) if os.path.isfile(report) else 0
        try:
            status, told, said = _run([*words, "--", *names])
        finally:
            if is_passed_on and asked is not None and os.path.isfile(report):
                _pass_on(report, asked)
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


def _words(options: Dict[str, Value]) -> List[str]:
    """Spells options as the command line does; which there are is for the command to say."""
    valued, switches = [], []
    for name, value in options.items():
        known = _LETTERS.get(name, name)
        option = "-" + name if len(name) == 1 else "--" + name.replace("_", "-")
        if name in _INSTEAD:
            raise TypeError(f"{name} is no option of compressing: call the command, {option}")
        flag = _flag(value)
        if known in _SWITCHES and value is not None and flag is None:
            raise TypeError(f"{name} takes no value, so it is True or False, not {value!r}")
        if value is None or flag is False:
            continue
        if flag:
            if known in (*_VALUED, *_PAIRS, *_REPEATED):
                raise TypeError(f"{name} takes a value, which True is not")
            switches.append(option)
        elif isinstance(value, (list, tuple)) and known in _REPEATED:
            valued += [f"{option}={_text(name, part)}" for part in value]
        elif isinstance(value, (list, tuple)):
            # The command takes the last of several values of many options, without a word.
            figures = [_number(part) for part in value]
            if known not in _PAIRS or None in figures:
                takes = "one value, or two numbers" if known in _PAIRS else "one value"
                raise TypeError(f"{name} takes {takes}, not {value!r}")
            if figures:
                valued.append(f"{option}={','.join(map(str, figures))}")
        else:
            figure = None if known in _REPEATED else _number(value)
            valued.append(f"{option}={_text(name, value) if figure is None else figure}")
    # An option that is not known here may take a value after all: what follows it is none of the others.
    return valued + switches


def _flag(value: Any) -> Optional[bool]:
    """Reads a truth value, numpy's as well; `None` where it is none."""
    if isinstance(value, bool):
        return value
    return bool(value) if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_") else None


def _text(name: str, value: Any) -> str:
    """Spells a text or a path."""
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    raise TypeError(f"{name} does not take {value!r} of type {type(value).__name__}: give a text, a number or a path")


def _pass_on(report: str, to: str) -> None:
    """Writes the lines of a report to what is no file."""
    with open(report, "rb") as lines, open(to, "ab", buffering=0) as out:
        shutil.copyfileobj(lines, out)


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
