"""Makes the files of tests/data/formats/compressed that are not from elsewhere, and what is expected of them.

    python make_streams.py FOLDER

Python's bz2 and zlib and the C library behind `zstandard` compress; what they cannot write is patched by hand. Needs
numpy and zstandard, which no test needs.
"""
import bz2
import hashlib
import json
import os
import struct
import sys
import zlib

import numpy as np
import zstandard

FOLDER = sys.argv[1]
random = np.random.default_rng(12)
expected = {}


def mrc(pixels, stack, promised=None, extended=b""):
    """An MRC file of unsigned 16-bit pixels (sections, rows, columns)."""
    nz, ny, nx = pixels.shape
    header = bytearray(1024)
    struct.pack_into("<4i", header, 0, nx, ny, promised or nz, 6)
    struct.pack_into("<3i", header, 28, nx, ny, 1 if stack else nz)
    struct.pack_into("<6f", header, 40, nx * 1.5, ny * 1.5, 1.5 * (1 if stack else nz), 90, 90, 90)
    struct.pack_into("<3i", header, 64, 1, 2, 3)
    struct.pack_into("<2i", header, 88, 0 if stack else 1, len(extended))
    header[208:216] = b"MAP \x44\x44\0\0"
    return bytes(header) + extended + pixels.astype("<u2").tobytes()


def add(name, data, pixels=None, words=None):
    """Keeps a file: of these pixels, or refused in these words."""
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    if pixels is None:
        expected[name] = {"accept": False, "message_names": [words]}
        return
    images = pixels[:, None] if ".mrcs" in name else pixels[None]
    sums = [hashlib.sha256(image.astype("<f4").tobytes()).hexdigest() for image in images]
    nz, ny, nx = images[0].shape
    expected[name] = dict(accept=True, images=len(images), nx=nx, ny=ny, nz=nz, apix=[1.5] * 3, sha256_f32=sums)


def member(data, flags=0, fields=b"", level=6, strategy=zlib.Z_DEFAULT_STRATEGY, magic=b"\x1f\x8b\x08"):
    """A member of gzip."""
    head = magic + bytes([flags]) + b"\0\0\0\0\0\xff" + fields
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    body = deflate.compress(data) + deflate.flush()
    return head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def frame(data, **options):
    return zstandard.ZstdCompressor(**options).compress(data)


def flipped(data, bit):
    """The data with one bit changed, counted from the end where it is below 0."""
    bit %= 8 * len(data)
    changed = bytearray(data)
    changed[bit // 8] ^= 128 >> bit % 8
    return bytes(changed)


def skipped(content):
    return b"\x5a\x2a\x4d\x18" + struct.pack("<I", len(content)) + content


stack = random.poisson(3, (3, 90, 100))
plain = mrc(stack, True)
large = random.poisson(1, (5, 130, 120))
volume = random.poisson(2, (9, 33, 70))
flat = np.zeros((2, 1500, 1400), int)
flat[1, 700:] = 7

# bzip2: several blocks in one stream, in many streams, of nothing, of runs; with something behind.
add("blocks.mrcs.bz2", bz2.compress(mrc(large, True), 1), large)
pieces = [plain[at : at + 9000] for at in range(0, len(plain), 9000)]
add("many_streams.mrcs.bz2", b"".join(bz2.compress(piece, 1 + at % 9) for at, piece in enumerate(pieces)), stack)
add("empty_streams.mrc.bz2", bz2.compress(b"") + bz2.compress(mrc(volume, False)) + bz2.compress(b""), volume)
add("runs.mrcs.bz2", bz2.compress(mrc(flat, True)), flat)
add("padded.map.bz2", bz2.compress(mrc(volume, False)) + bytes(100), volume)
add("followed.mrc.bz2", bz2.compress(mrc(volume, False)) + b"behind", volume)
whole = bz2.compress(plain, 1)
add("cut_in_block.mrcs.bz2", whole[: len(whole) // 2], words="cut short")
add("cut_in_checksum.mrcs.bz2", whole[:-2], words="cut short")
add("cut_in_second_header.mrcs.bz2", whole + b"BZ", words="cut short")
add("wrong_block.mrcs.bz2", flipped(whole, 4000), words="damaged")
add("wrong_checksum_of_block.mrcs.bz2", flipped(whole, 8 * 10 + 5), words="checksum of the block")
add("wrong_checksum_of_stream.mrcs.bz2", flipped(whole, -12), words="checksum of the stream")
add("randomised.mrcs.bz2", flipped(whole, 8 * 14), words="randomised")
add("level_too_low.mrcs.bz2", b"BZh1" + bz2.compress(mrc(large, True), 9)[4:], words="longer than its stream says")
add("no_level.mrcs.bz2", bz2.compress(plain[:3000]) + b"BZhx" + whole[4:], words="BZh1 to BZh9")
add("shorter_than_promised.mrcs.bz2", bz2.compress(mrc(stack, True, promised=9)), words="cut short")
add("promises_terabytes.mrcs.bz2", bz2.compress(mrc(stack[:1], True, promised=2**31 - 1)), words="cut short")

# gzip: fields of the header, stored and fixed blocks, many members, and none.
fields = struct.pack("<H", 5) + b"extra" + b"a name.mrcs\0" + b"a comment\0"
add("all_fields.mrcs.gz", member(plain, 2 | 4 | 8 | 16, fields), stack)
add("stored.mrcs.gz", member(plain, level=0), stack)
add("fixed_codes.mrcs.gz", member(plain, strategy=zlib.Z_FIXED), stack)
add("many_members.mrcs.gz", member(b"") + b"".join(member(piece, level=1 + at % 9) for at, piece in enumerate(pieces)), stack)
add("padded.mrc.gz", member(mrc(volume, False)) + bytes(600), volume)
add("extended.mrc.gz", member(mrc(volume, False, extended=bytes(range(256)) * 12)), volume)
add("runs.mrcs.gz", member(mrc(flat, True)), flat)
add("wrong_header_checksum.mrcs.gz", flipped(member(plain, 2 | 8, b"a name\0"), 8 * 12), words="checksum of the header")
add("wrong_length.mrcs.gz", flipped(member(plain), -3), words="checksum of the member")
add("reserved_flags.mrcs.gz", member(plain, 64), words="reserved")
add("wrong_blocks.mrcs.gz", flipped(member(plain), 8 * 10 + 6), words="damaged")
add("cut_in_name.mrcs.gz", member(plain, 8, b"a long name\0")[:15], words="cut short")
add("cut_between_magic.mrcs.gz", member(plain) + b"\x1f", words="cut short")
add("shorter_than_extended.mrc.gz", member(mrc(volume, False, extended=bytes(9000))[:5000]), words="does not fit the file")

# zstd: frames to be skipped, long windows, no length, no checksum, blocks of one byte.
add("skipped.mrcs.zst", skipped(b"") + skipped(b"text" * 9) + frame(plain) + skipped(bytes(300)), stack)
add("many_frames.mrcs.zst", b"".join(frame(piece, level=at % 19 + 1) for at, piece in enumerate(pieces)), stack)
stream = zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compressobj()
add("checksum_without_length.mrcs.zst", stream.compress(plain) + stream.flush(), stack)
add("runs.mrcs.zst", frame(mrc(flat, True), write_checksum=True), flat)
add("padded.mrc.zst", frame(mrc(volume, False)) + bytes(5), volume)
add("followed.mrc.zst", frame(mrc(volume, False)) + b"what is behind", volume)
parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
long = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
add("window_of_128_mib.mrcs.zst", long.compress(plain) + long.flush(), stack)
head = b"\x28\xb5\x2f\xfd"
add("window_of_2_gib.mrcs.zst", head + b"\0" + bytes([21 << 3]) + frame(plain)[6:], words="looks back")
add("dictionary.mrcs.zst", head + b"\x01\0\x07" + frame(plain)[6:], words="dictionary")
add("cut.mrcs.zst", frame(plain)[:-40], words="cut short")
add("cut_in_header.mrcs.zst", head + b"\xa4", words="cut short")
add("wrong_block.mrcs.zst", head + b"\0\0" + b"\x07\0\0", words="damaged")

# What is no MRC inside.
add("hdf5.mrcs.gz", member(b"\x89HDF\r\n\x1a\n" + bytes(2000)), words="does not hold MRC but EMAN2 HDF5; expand it with `gzip -d`")
add("tiff.mrcs.bz2", bz2.compress(b"II*\0\x08\0\0\0" + bytes(2000)), words="does not hold MRC but")
add("gzip.mrcs.zst", frame(member(plain)), words="another compressed stream; expand it with `zstd -d`")
add("tar.mrc.gz", member(b"a.mrc" + bytes(252) + b"ustar\x0000" + bytes(760)), words="tar archive")
add("text.mrc.bz2", bz2.compress(b"nothing but words\n" * 99), words="a text file")
add("empty.mrc.gz", member(b""), words="an empty file")
add("mrcz.mrc.zst", frame(plain[:12] + struct.pack("<i", 5006) + plain[16:]), words="MRCZ")
add("nothing.mrc.zst", skipped(bytes(50)), words="an empty file")

path = os.path.join(FOLDER, "expectations.json")
known = json.load(open(path)) if os.path.exists(path) else {"files": {}}
known["files"].update(expected)
json.dump(known, open(path, "w"), indent=1, sort_keys=True)
