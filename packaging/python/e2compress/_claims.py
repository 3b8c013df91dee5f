"""What a file says of its images, and whether that can be, by the rules of the command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Tuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What the names of EMAN2's attributes start with.
PREFIX = "EMAN."

#: How EMAN2 writes truth values: a letter in an 8-bit integer.
_TRUTH = {ord("T"): True, ord("F"): False}

#: Kinds of numpy's types that are numbers: truth values, integers, floats.
NUMBERS = "biuf"

#: Pixel types by EMAN2's numbers of them (`datatype`), in numpy's words.
_DATATYPES = {"int8": 1, "uint8": 2, "int16": 3, "uint16": 4, "int32": 5, "uint32": 6, "float32": 7, "float64": 8}

#: The largest 32-bit float.
_LARGEST = 3.4028234663852886e38

#: Where whoever knows better than the file goes on.
_ANYHOW = "e2compress verify says more of the file, and e2compress expand --force takes it as it is"


class FormatError(ValueError):
    """A file that is not of EMAN2's layout, or is damaged, or holds what is no density."""


@contextmanager
def understood(path: str) -> Iterator[None]:
    """Makes `FormatError` of what h5py raises, besides `OSError`, where a file is damaged."""
    try:
        yield
    except FormatError:
        raise
    except (AttributeError, KeyError, OverflowError, RuntimeError, TypeError, ValueError) as problem:
        raise FormatError(f"{path}: damaged, or of a form that is not read: {problem}") from problem


def figure(group: Any, name: str, prefix: str = PREFIX) -> Optional[float]:
    """Reads an attribute that is one number of any type; `None` where there is none."""
    value = _stored(group, prefix + name)
    if getattr(value, "size", 0) != 1 or value.dtype.kind not in NUMBERS or value.dtype.itemsize > 8:
        return None
    return float(value.reshape(-1)[0])


def number(group: Any, name: str) -> Optional[float]:
    """Reads an attribute that is one number, and no truth value."""
    return None if isinstance(plain(_stored(group, PREFIX + name)), bool) else figure(group, name)


def pixel_size(folder: Any, group: Any) -> Optional[Tuple[float, float, float]]:
    """Reads Angstrom per pixel along x, y and z; `None` where one of them is not there or not finite."""
    import numpy as np

    # SerialEM and IMOD say it once for all images.
    common = figure(folder, "IMOD.PixelSpacing", prefix="")
    found = [common if common is not None and common > 0 else number(group, f"apix_{axis}") for axis in "xyz"]
    with np.errstate(over="ignore"):
        sizes = [float(np.float32(np.nan if size is None else size)) for size in found]
    return (sizes[0], sizes[1], sizes[2]) if np.isfinite(sizes).all() else None


def clipped(group: Any) -> Optional[int]:
    """Reads how many pixels lay outside the range; `None` where that is no count."""
    count = figure(group, "stored_truncated")
    # Infinitely many are as many as the command can count.
    return int(min(count, 2**64 - 1)) if count is not None and count >= 0 else None


def attributes(group: Any, start: str = "") -> Dict[str, Any]:
    """Reads all attributes, with what their names are to start with instead of EMAN2's prefix."""
    found = {}
    for name in group.attrs:
        try:
            value = plain(group.attrs[name])
        except (KeyError, OSError, RuntimeError, TypeError, ValueError):
            # h5py has no type for it.
            continue
        if isinstance(name, bytes):
            # Of a name that is not UTF-8.
            name = name.decode("utf-8", "replace")
        found[start + (name[len(PREFIX) :] if name.startswith(PREFIX) else name)] = value
    return found


def plain(value: Any) -> Any:
    """Turns arrays of one number into the number, and texts of any kind into `str`."""
    import numpy as np

    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode("utf-8", "replace")
    if isinstance(value, (np.ndarray, np.generic)) and value.size == 1 and value.dtype.kind in "biufSO":
        one = value.reshape(-1)[0]
        one = one.item() if isinstance(one, np.generic) else one
        if value.dtype == np.int8 and one in _TRUTH:
            return _TRUTH[one]
        return plain(one)
    return value


def _stored(group: Any, name: str) -> Any:
    """Reads an attribute as it is; `None` where there is none, or one of a type that h5py has not."""
    import numpy as np

    try:
        value = group.attrs.get(name)
    except (TypeError, ValueError):
        return None
    return value if isinstance(value, (np.ndarray, np.generic)) else None


class Scale:
    """The way from codes to values: code 0 is the low end of the range, the last one the high end."""

    def __init__(self, bits: int, low: float, high: float) -> None:
        import numpy as np

        self.bits = bits
        # The range is of 32-bit floats, whatever type it is stored in.
        with np.errstate(over="ignore"):
            self.low, self.high = float(np.float32(low)), float(np.float32(high))
        self.most = float(np.float32(2**bits - 1))
        self.step = (self.high - self.low) / self.most

    @classmethod
    def of(cls, name: str, bits: float, low: float, high: float) -> Scale:
        """Makes one of what a file says, if that can be; `name` is the image's."""
        if not (bits.is_integer() and 1 <= bits <= 32 and abs(high - low) < _LARGEST):
            raise FormatError(
                f"{name} cannot be scaled: stored_renderbits {bits:g}, stored_rendermin {low}, stored_rendermax {high}"
            )
        return cls(int(bits), low, high)

    def values(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turns codes into values, in the order of operations of EMAN2 and of e2compress: to the bit the same."""
        import numpy as np

        if self.low.is_integer() and self.step.is_integer():
            # In whole numbers, so that integers come back as integers.
            return np.asarray(codes.astype(np.float64) * self.step + self.low).astype(np.float32)
        low, high = np.float32(self.low), np.float32(self.high)
        codes = codes / np.float32(self.most)
        codes *= high - low
        codes += low
        return codes


def check(name: str, group: Any, dataset: Any, shape: Tuple[int, ...], scale: Optional[Scale]) -> None:
    """Raises where what a file says of an image is not so, or cannot be."""
    sections, rows, columns = (1, *shape)[-3:]
    facts = [("nx", columns), ("ny", rows), ("nz", sections), ("datatype", _DATATYPES.get(dataset.dtype.name))]
    for fact, found in facts:
        said = figure(group, fact)
        if said is not None and found is not None and said != found:
            raise FormatError(f"{name}: {fact} is said to be {said:g}, but is {found}; {_ANYHOW}")
    truncated = figure(group, "stored_truncated")
    if scale is None:
        if dataset.dtype.kind != "f" and truncated is not None and figure(group, "stored_renderbits") is None:
            raise FormatError(f"{name}: its codes cannot be scaled, as stored_renderbits is missing; {_ANYHOW}")
        return
    elements = 8 * dataset.dtype.itemsize
    if scale.bits > elements:
        raise FormatError(
            f"{name}: its codes are said to have {scale.bits} bits, its elements have {elements}; {_ANYHOW}"
        )
    if scale.low > scale.high:
        raise FormatError(
            f"{name}: its codes span {scale.low:g} to {scale.high:g}: the low end is above the high end; {_ANYHOW}"
        )
    least, largest = figure(group, "minimum"), figure(group, "maximum")
    if least is None or largest is None:
        return
    is_flat = scale.low == scale.high and not scale.low == least == largest
    is_outside = truncated == 0 and not (least >= scale.low and largest <= scale.high)
    if is_flat or is_outside:
        raise FormatError(
            f"{name}: its codes span {scale.low:g} to {scale.high:g}, but its values {least:g} to {largest:g}, and "
            f"{'all codes are one value' if is_flat else 'none is said to be clipped'}; {_ANYHOW}"
        )


def check_codes(name: str, codes: NDArray[np.float32], scale: Scale) -> None:
    """Raises where a code is above the highest that its bits have."""
    highest = codes.max(initial=0)
    if highest > scale.most:
        raise FormatError(
            f"{name}: the code is {highest:.0f}, the highest is {scale.most:.0f} (stored_renderbits {scale.bits}); "
            f"{_ANYHOW}"
        )
