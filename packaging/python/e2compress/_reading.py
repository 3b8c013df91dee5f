"""Files of EMAN2's layout as arrays of densities."""

from __future__ import annotations

import operator
import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple, Union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Path = Union[str, "os.PathLike[str]"]
Index = Union[int, slice, Tuple[Union[int, slice], ...]]

#: Where the images are, and what the names of their attributes start with.
_FOLDER = "/MDF/images"
_PREFIX = "EMAN."

#: How EMAN2 writes truth values: a letter in an 8-bit integer.
_TRUTH = {ord("T"): True, ord("F"): False}

#: Kinds of numpy's types that densities come from: truth values, integers, floats.
_NUMBERS = "biuf"


class FormatError(ValueError):
    """A file that is not of EMAN2's layout, or is damaged, or holds what is no density."""


class FormatWarning(UserWarning):
    """Something the owner of a file should know before its densities are used."""


@dataclass(frozen=True)
class ImageInfo:
    """What a file says of one of its images."""

    #: Number of the image in the file, from 0.
    number: int
    #: Rows and columns or, of a volume, sections, rows and columns.
    shape: Tuple[int, ...]
    #: Name of the stored type, in numpy's words: `uint8` for codes of up to 8 bits.
    stored: str
    #: Bits of a code; `None` where the stored numbers are the values.
    bits: Optional[int]
    #: Values of the first and the last code; `None` where the stored numbers are the values.
    range: Optional[Tuple[float, float]]
    #: What neighbouring codes differ by; `None` where the stored numbers are the values.
    step: Optional[float]
    #: Pixels that lay outside the range when the file was written; `None` where the file does not say.
    clipped: Optional[int]
    #: Angstrom per pixel along x, y and z; `None` where the file does not say.
    pixel_size: Optional[Tuple[float, float, float]]
    #: Every attribute by EMAN2's name, those of all images as `Group.` and the name; but for those of types that h5py
    #: does not read.
    attributes: Dict[str, Any]


def read(path: Path, image: Optional[int] = None) -> NDArray[np.float32]:
    """Reads densities: of one image or, without a number, of the whole file.

    An image has two dimensions (rows, columns), a volume three (sections, rows, columns). The whole of a file with
    several has one more, in front; they must agree in shape. Rows are in the order in which they are stored, as
    `e2compress expand` writes them. Negative numbers count from the end.

    Raises `FormatError` for a file of another layout, `IndexError` for an image that is not there.
    """
    with Images(path) as file:
        if image is not None:
            return file[image]
        if len(file) == 1:
            return file[0]
        import numpy as np

        shape = file.shape(0)
        values = np.empty((len(file), *shape), np.float32)
        for number in range(len(file)):
            if file.shape(number) != shape:
                raise FormatError(
                    f"{os.fspath(path)}: image {number} is of another shape than image 0: {file.shape(number)}, not "
                    f"{shape}; read the images one by one, with images() or a number"
                )
            values[number] = file[number]
        return values


def images(path: Path) -> Images:
    """Opens a file as a sequence of images, each read when it is asked for."""
    return Images(path)


def info(path: Path) -> List[ImageInfo]:
    """Reads what a file says of each of its images; no pixel is read."""
    with Images(path) as file:
        return [file.info(number) for number in range(len(file))]


class Images:
    """The images of a file: `len(file)`, `file[3]`, `for density in file`. Each is read when it is asked for.

    The file is open until `close`, or the end of a `with` statement. It can be pickled, and is then opened anew, as
    worker processes need it; a process that was forked from one that reads must open its own.
    """

    def __init__(self, path: Path) -> None:
        h5py = _h5py()
        self._path = os.fspath(path)
        if os.path.isfile(self._path) and not h5py.is_hdf5(self._path):
            raise FormatError(f"{self._path}: not an HDF5 file; e2compress.compress makes one of an image")
        self._file = h5py.File(self._path, "r")
        try:
            folder = self._file.get(_FOLDER)
            if not isinstance(folder, h5py.Group):
                raise FormatError(f"{self._path}: not a file of EMAN2's layout: there is no group {_FOLDER}")
            self._folder = folder
            self._count = self._counted()
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, image: int) -> NDArray[np.float32]:
        return self.part(image, ())

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for image in range(len(self)):
            yield self[image]

    def __enter__(self) -> Images:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def __reduce__(self) -> Tuple[Any, ...]:
        return (Images, (os.path.abspath(self._path),))

    def __repr__(self) -> str:
        return f"<{len(self)} image{'' if len(self) == 1 else 's'} of {self._path!r}>"

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def shape(self, image: int) -> Tuple[int, ...]:
        """Returns the shape of an image: (rows, columns), of a volume (sections, rows, columns)."""
        _, dataset = self._find(image)
        return self._shape(dataset)

    def part(self, image: int, index: Index) -> NDArray[np.float32]:
        """Reads a part of an image: `file.part(0, numpy.s_[100:200, 50:80])`. Only its chunks are read."""
        import numpy as np

        group, dataset = self._find(image)
        self._written(dataset)
        scale = self._scale(group, dataset)
        index = index if isinstance(index, tuple) else (index,)
        # One section may be stored as a volume of one, a single row without the axis of rows.
        if dataset.ndim == 1:
            stored = dataset[()][np.newaxis][index]
        elif dataset.ndim == 3 and dataset.shape[0] == 1:
            stored = dataset[(0, *index)]
        else:
            stored = dataset[index]
        # Values beyond any 32-bit float become infinite, as they do in EMAN2.
        with np.errstate(over="ignore"):
            values: NDArray[np.float32] = np.asarray(stored).astype(np.float32)
        return values if scale is None else scale.values(values)

    def info(self, image: int) -> ImageInfo:
        """Reads what the file says of an image; no pixel is read."""
        group, dataset = self._find(image)
        scale = self._scale(group, dataset)
        # SerialEM and IMOD say it once for all images.
        common = _number(self._folder, "IMOD.PixelSpacing", prefix="")
        sizes = [common or _number(group, f"apix_{axis}") for axis in "xyz"]
        clipped = _number(group, "stored_truncated")
        return ImageInfo(
            number=range(self._count)[image],
            shape=self._shape(dataset),
            stored=str(dataset.dtype),
            bits=None if scale is None else scale.bits,
            range=None if scale is None else (scale.low, scale.high),
            step=None if scale is None else scale.step,
            clipped=None if clipped is None else int(clipped),
            pixel_size=None if None in sizes else (sizes[0] or 0.0, sizes[1] or 0.0, sizes[2] or 0.0),
            attributes={**dict(_attributes(self._folder, "Group.")), **dict(_attributes(group))},
        )

    def _counted(self) -> int:
        """Counts the images: by EMAN2's attribute or, without it, one by one."""
        highest = _plain(self._folder.attrs.get("imageid_max"))
        numbers = [name for name in self._folder if re.fullmatch("0|[1-9][0-9]*", name)]
        count = int(highest) + 1 if isinstance(highest, (int, float)) else len(numbers)
        if count <= 0:
            raise FormatError(f"{self._path}: no image in {_FOLDER}")
        beyond = sorted(int(number) for number in numbers if int(number) >= count)
        if beyond:
            warnings.warn(
                f"{self._path}: is said to have {count} image{'' if count == 1 else 's'} (imageid_max), but has "
                f"{len(beyond)} more, the first of number {beyond[0]}: as in EMAN2 and e2compress, "
                "they are not read",
                FormatWarning,
                stacklevel=4,
            )
        if count > len(self._folder):
            there = set(numbers)
            missing = [str(number) for number in range(min(count, len(there) + 1)) if str(number) not in there]
            raise FormatError(
                f"{self._path}: should have {count} images, but image {missing[0]} is missing; "
                "e2compress info names all that are"
            )
        return count

    def _find(self, image: int) -> Tuple[Any, Any]:
        """Finds the group and the dataset of an image."""
        h5py = _h5py()
        if not self._file:
            raise ValueError(f"{self._path}: the file is closed")
        try:
            number = range(self._count)[operator.index(image)]
        except IndexError:
            raise IndexError(f"{self._path}: has {self._count} images, none of number {image}") from None
        group = self._folder.get(str(number))
        dataset = group.get("image") if isinstance(group, h5py.Group) else None
        if not isinstance(dataset, h5py.Dataset):
            raise FormatError(f"{self._path}: image {number} is missing")
        # A file from somebody else must not have other files read.
        elsewhere = any(node.file.filename != self._file.filename for node in (group, dataset))
        if elsewhere or dataset.external or dataset.is_virtual:
            raise FormatError(f"{self._path}: image {number} has its pixels in another file, which is not read")
        if dataset.dtype.kind not in _NUMBERS or not 1 <= dataset.ndim <= 3:
            raise FormatError(
                f"{self._path}: image {number} is no image: {dataset.dtype} of shape {dataset.shape}"
            )
        if _number(group, "is_complex"):
            raise FormatError(f"{self._path}: image {number} is a Fourier transform, which has no densities")
        return group, dataset

    def _written(self, dataset: Any) -> None:
        """Raises where pixels were never written: libhdf5 would make them up, mostly as zeros."""
        written, expected = int(dataset.id.get_storage_size() > 0), 1
        if dataset.chunks is not None:
            written = dataset.id.get_num_chunks()
            for side, chunk in zip(dataset.shape, dataset.chunks):
                expected *= -(-side // chunk)
        if written < expected:
            raise FormatError(
                f"{self._path}: {expected - written} of the {expected} pieces that the pixels of {dataset.name} are "
                "stored in were never written: whatever wrote it did not finish, or dropped them"
            )

    @staticmethod
    def _shape(dataset: Any) -> Tuple[int, ...]:
        sides = tuple(int(side) for side in dataset.shape)
        if len(sides) == 3 and sides[0] == 1:
            return sides[1:]
        return (1, *sides) if len(sides) == 1 else sides

    def _scale(self, group: Any, dataset: Any) -> Optional[_Scale]:
        """Reads how codes become values; `None` where the stored numbers are the values."""
        bits = _number(group, "stored_renderbits")
        if not bits or dataset.dtype.kind == "f":
            return None
        low, high = _number(group, "stored_rendermin"), _number(group, "stored_rendermax")
        if low is None or high is None:
            warnings.warn(
                f"{self._path}: {dataset.name} is said to be codes, but not of what range (stored_rendermin, "
                "stored_rendermax): as in EMAN2, they are taken for values",
                FormatWarning,
                stacklevel=4,
            )
            return None
        if not (bits.is_integer() and 1 <= bits <= 32 and abs(high - low) < 3.4028234663852886e38):
            raise FormatError(
                f"{self._path}: {dataset.name} cannot be scaled: stored_renderbits {bits:g}, stored_rendermin "
                f"{low}, stored_rendermax {high}"
            )
        return _Scale(int(bits), low, high)


def _h5py() -> Any:
    """Imports h5py, which has no types; the rest of the package does without it and numpy."""
    try:
        import h5py  # type: ignore[import-untyped,unused-ignore]
    except ImportError as missing:
        raise ImportError(f"reading needs numpy and h5py ({missing}); pip install e2compress[read]") from missing
    return h5py


class _Scale:
    """The way from codes to values: code 0 is the low end of the range, the last one the high end."""

    def __init__(self, bits: int, low: float, high: float) -> None:
        import numpy as np

        self.bits = bits
        # The range is of 32-bit floats, whatever type it is stored in.
        self.low, self.high = float(np.float32(low)), float(np.float32(high))
        self.step = (self.high - self.low) / float(np.float32(2**bits - 1))

    def values(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turns codes into values, in the order of operations of EMAN2 and of e2compress: to the bit the same."""
        import numpy as np

        if self.low.is_integer() and self.step.is_integer():
            # In whole numbers, so that integers come back as integers.
            return np.asarray(codes.astype(np.float64) * self.step + self.low).astype(np.float32)
        low, high = np.float32(self.low), np.float32(self.high)
        codes = codes / np.float32(2**self.bits - 1)
        codes *= high - low
        codes += low
        return codes


def _number(group: Any, name: str, prefix: str = _PREFIX) -> Optional[float]:
    """Reads an attribute that is a number; `None` where there is none."""
    value = _plain(group.attrs.get(prefix + name))
    return float(value) if isinstance(value, (bool, int, float)) else None


def _attributes(group: Any, start: str = "") -> Iterator[Tuple[str, Any]]:
    """Reads all attributes, with what their names are to start with instead of EMAN2's prefix."""
    for name in group.attrs:
        try:
            value = _plain(group.attrs[name])
        except (OSError, TypeError, ValueError):
            # h5py has no type for it.
            continue
        yield start + (name[len(_PREFIX) :] if name.startswith(_PREFIX) else name), value


def _plain(value: Any) -> Any:
    """Turns arrays of one number into the number, and texts of any kind into `str`."""
    import numpy as np

    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode("utf-8", "replace")
    if isinstance(value, (np.ndarray, np.generic)) and value.size == 1 and value.dtype.kind in "biufSO":
        plain = value.reshape(-1)[0]
        plain = plain.item() if isinstance(plain, np.generic) else plain
        if value.dtype == np.int8 and plain in _TRUTH:
            return _TRUTH[plain]
        return _plain(plain)
    return value
