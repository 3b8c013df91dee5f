"""Files of EMAN2's layout as arrays of densities."""

from __future__ import annotations

import operator
import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple, Union

from . import _claims as claims
from ._claims import FormatError, Scale, understood

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Path = Union[str, "os.PathLike[str]"]
Index = Union[int, slice, Tuple[Union[int, slice], ...]]

#: Where the images are.
_FOLDER = "/MDF/images"

#: Every side of an image is below this, as in the command.
_LONGEST = 1 << 20


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
        with understood(self._path):
            self._file = h5py.File(self._path, "r")
        try:
            with understood(self._path):
                folder = self._file.get(_FOLDER)
                if not isinstance(folder, h5py.Group):
                    raise FormatError(f"{self._path}: not a file of EMAN2's layout: there is no group {_FOLDER}")
                self._folder = folder
                self._count, beyond = self._counted()
            if beyond:
                warnings.warn(beyond, FormatWarning, stacklevel=3)
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
        with understood(self._path):
            if claims.number(group, "is_complex"):
                raise FormatError(f"{self._name(image)} is a Fourier transform, which has no densities")
            self._written(dataset)
        scale = self._scale(image, group, dataset)
        with understood(self._path):
            claims.check(self._name(image), group, dataset, self._shape(dataset), scale)
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
        if scale is None:
            return values
        # Signed numbers are not what this program writes: such codes are read as EMAN2 reads them.
        if dataset.dtype.kind == "u":
            claims.check_codes(self._name(image), values, scale)
        return scale.values(values)

    def info(self, image: int) -> ImageInfo:
        """Reads what the file says of an image; no pixel is read."""
        group, dataset = self._find(image)
        scale = self._scale(image, group, dataset)
        with understood(self._path):
            return ImageInfo(
                number=range(self._count)[image],
                shape=self._shape(dataset),
                stored=str(dataset.dtype),
                bits=None if scale is None else scale.bits,
                range=None if scale is None else (scale.low, scale.high),
                step=None if scale is None else abs(scale.step),
                clipped=claims.clipped(group),
                pixel_size=claims.pixel_size(self._folder, group),
                attributes={**claims.attributes(self._folder, "Group."), **claims.attributes(group)},
            )

    def _name(self, image: int) -> str:
        return f"{self._path}: image {range(self._count)[image]}"

    def _counted(self) -> Tuple[int, Optional[str]]:
        """Counts the images: by EMAN2's attribute or, where that is no whole number, one by one. Also says which are
        beyond that number."""
        highest = claims.figure(self._folder, "imageid_max", prefix="")
        numbers = [name for name in self._folder if re.fullmatch("0|[1-9][0-9]{0,9}", name) and int(name) < 1 << 32]
        count = int(highest) + 1 if highest is not None and highest.is_integer() else len(numbers)
        if count <= 0:
            raise FormatError(f"{self._path}: no image in {_FOLDER}")
        if count > len(self._folder):
            there = set(numbers)
            missing = [str(number) for number in range(min(count, len(there) + 1)) if str(number) not in there]
            raise FormatError(
                f"{self._path}: should have {count} images, but image {missing[0]} is missing; "
                "e2compress info names all that are"
            )
        beyond = sorted(int(number) for number in numbers if int(number) >= count)
        if not beyond:
            return count, None
        return count, (
            f"{self._path}: is said to have {count} image{'' if count == 1 else 's'} (imageid_max), but has "
            f"{len(beyond)} more, the first of number {beyond[0]}: as in EMAN2 and e2compress, they are not read"
        )

    def _find(self, image: int) -> Tuple[Any, Any]:
        """Finds the group and the dataset of an image."""
        if not self._file:
            raise ValueError(f"{self._path}: the file is closed")
        try:
            number = range(self._count)[operator.index(image)]
        except IndexError:
            raise IndexError(f"{self._path}: has {self._count} images, none of number {image}") from None
        with understood(self._path):
            return self._found(number)

    def _found(self, number: int) -> Tuple[Any, Any]:
        h5py = _h5py()
        # What is there but cannot be opened is damaged, and HDF5 says how.
        group: Any = self._folder[str(number)] if str(number) in self._folder else None
        dataset: Any = group["image"] if isinstance(group, h5py.Group) and "image" in group else None
        if not isinstance(dataset, h5py.Dataset):
            raise FormatError(f"{self._path}: image {number} is missing, or cannot be opened")
        # A file from somebody else must not have other files read.
        elsewhere = any(node.file.filename != self._file.filename for node in (group, dataset))
        if elsewhere or dataset.external or dataset.is_virtual:
            raise FormatError(f"{self._path}: image {number} has its pixels in another file, which is not read")
        # Without dimensions at all (a null dataspace) there is no shape.
        shape = dataset.shape or ()
        if (
            dataset.dtype.kind not in claims.NUMBERS
            or not 1 <= len(shape) <= 3
            or not all(0 < side < _LONGEST for side in shape)
        ):
            raise FormatError(
                f"{self._path}: image {number} is no image: {dataset.dtype} of shape {dataset.shape}; images have 1 "
                "to 3 dimensions, each from 1 to 2^20"
            )
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

    def _scale(self, image: int, group: Any, dataset: Any) -> Optional[Scale]:
        """Reads how codes become values; `None` where the stored numbers are the values."""
        with understood(self._path):
            bits = claims.figure(group, "stored_renderbits")
            if not bits or dataset.dtype.kind == "f":
                return None
            low, high = claims.figure(group, "stored_rendermin"), claims.figure(group, "stored_rendermax")
            if low is not None and high is not None:
                return Scale.of(self._name(image), bits, low, high)
        warnings.warn(
            f"{self._name(image)} is said to be codes, but not of what range (stored_rendermin, stored_rendermax): as "
            "in EMAN2, its codes are taken for values",
            FormatWarning,
            stacklevel=4,
        )
        return None


def _h5py() -> Any:
    """Imports h5py, which has no types; the rest of the package does without it and numpy."""
    try:
        import h5py  # type: ignore[import-untyped,unused-ignore]
    except ImportError as missing:
        raise ImportError(f"reading needs numpy and h5py ({missing}); pip install e2compress[read]") from missing
    return h5py
