//! MRC in a compressed stream: gzip, bzip2 or zstd, told by their first bytes.
//!
//! A stream is decoded forward only, and every checksum in it is compared. [`Stream`] gives its bytes at any place;
//! what is inside is read by [`crate::formats::mrc`], which learns from the end of the stream how long the file is.

mod bzip2;
mod error;
mod gzip;
mod input;
#[cfg(test)]
#[path = "tests.rs"]
mod reading;
mod stream;
mod zstd;

pub use error::{StreamError, StreamFault};
pub use stream::Stream;

use super::{FORMATS, Format, mrc, unrecognised};
use crate::error::Error;
use crate::image::Images;
use crate::io::source::Source;

/// MRC in a compressed stream.
pub const FORMAT: Format = Format {
    name: "compressed MRC",
    extensions: &EXTENSIONS,
    recognises: |start| Kind::of(start.bytes).is_some(),
    open: |source, name, options| open(source, name, options.keep_packed),
};

/// Bytes of the file inside by which its format is found out.
const START_BYTES: usize = 1024;

/// The part of a stream, or of a member, that comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Header,
    Blocks,
    End,
}

/// The formats of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RFC 1952.
    Gzip,
    /// Of bzip2 0.9.0 and later.
    Bzip2,
    /// RFC 8878.
    Zstd,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Gzip, Self::Bzip2, Self::Zstd];

    /// Tells the format of a stream by its first bytes.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if bzip2::begins(rest) => Some(Self::Bzip2),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the last part of its files' names.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Bzip2 => "bz2",
            Self::Zstd => "zst",
        }
    }

    /// Returns the name of MRC in such a stream.
    #[must_use]
    pub fn of_mrc(self) -> &'static str {
        match self {
            Self::Gzip => "MRC in gzip",
            Self::Bzip2 => "MRC in bzip2",
            Self::Zstd => "MRC in zstd",
        }
    }

    /// Returns the command that expands such a stream.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -d",
            Self::Bzip2 => "bzip2 -d",
            Self::Zstd => "zstd -d",
        }
    }

    /// Returns the bytes that so many compressed ones can make, at most.
    #[must_use]
    pub fn most(self, compressed: u64) -> u64 {
        let each = match self {
            // A symbol of 258 bytes takes two bits at least.
            Self::Gzip => 1032,
            // A block of at least 25 bytes makes 900,000 bytes of runs, which stand for 259/5 as many.
            Self::Bzip2 => 2_000_000,
            // A run of 128 KiB takes 4 bytes.
            Self::Zstd => 32 << 10,
        };
        compressed.saturating_mul(each)
    }
}

/// Extensions of MRC files, each with the suffix of a stream.
#[rustfmt::skip]
const EXTENSIONS: [&str; 30] = [
    "mrc.gz", "mrcs.gz", "st.gz", "map.gz", "ccp4.gz", "rec.gz", "ali.gz", "preali.gz", "alst.gz", "alist.gz",
    "mrc.bz2", "mrcs.bz2", "st.bz2", "map.bz2", "ccp4.bz2", "rec.bz2", "ali.bz2", "preali.bz2", "alst.bz2", "alist.bz2",
    "mrc.zst", "mrcs.zst", "st.zst", "map.zst", "ccp4.zst", "rec.zst", "ali.zst", "preali.zst", "alst.zst", "alist.zst",
];

/// Returns a name without the suffix of its stream: that of the file inside.
pub(crate) fn name_inside(name: &str) -> &str {
    let suffix = |kind: &Kind| {
        let dot = name.len().checked_sub(kind.suffix().len() + 1)?;
        let (inside, end) = name.split_at_checked(dot)?;
        end.strip_prefix('.')?.eq_ignore_ascii_case(kind.suffix()).then_some(inside)
    };
    Kind::ALL.iter().find_map(suffix).unwrap_or(name)
}

/// Opens what is in a stream, if it is MRC.
fn open<'s>(source: &'s dyn Source, name: &str, keep_packed: bool) -> Result<Box<dyn Images + 's>, Error> {
    let stream = Stream::open(source)?;
    let kind = stream.kind();
    let mut start = [0; START_BYTES];
    let length = stream.read(0, &mut start)?;
    let start = &start[..length];
    let name = name_inside(name);
    let unlike_mrc = |format: &&Format| format.name != mrc::FORMAT.name;
    let other = FORMATS.iter().filter(unlike_mrc).find(|format| {
        // The name says MRC or nothing: what is inside tells by its bytes.
        (format.recognises)(&super::Start { bytes: start, name: "", source: &start })
    });
    if let Some(format) = other {
        let contents = if Kind::of(start).is_some() { "another compressed stream" } else { format.name };
        return Err(StreamError::new(kind, StreamFault::Contents(contents.into())).into());
    }
    if let Some(contents) = unrecognised::looks_like(start) {
        return Err(StreamError::new(kind, StreamFault::Contents(contents)).into());
    }
    let opened = mrc::Mrc::open_stream(stream, name, !keep_packed);
    let mrc = opened.map_err(|problem| match problem {
        Error::Mrc(problem) => StreamError::new(kind, StreamFault::Inside(problem)).into(),
        problem => problem,
    })?;
    Ok(Box::new(mrc))
}

/// A decoder of one format.
trait Decoder {
    /// Appends the next bytes to `out`, some at least unless the stream is at its end; tells whether it is not.
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<bool, Error>;

    /// Counts the bytes of the file after the end of the stream, if they are no padding.
    fn rest(&self) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_extension_of_mrc_may_have_every_suffix() {
        let joined = |kind: Kind| {
            mrc::FORMAT.extensions.iter().map(move |extension| format!("{extension}.{}", kind.suffix()))
        };
        let expected: Vec<String> = Kind::ALL.into_iter().flat_map(joined).collect();
        assert_eq!(FORMAT.extensions, expected);
    }

    #[test]
    fn names_lose_one_suffix() {
        for (name, inside) in [
            ("a/b.mrcs.gz", "a/b.mrcs"),
            ("b.MRC.BZ2", "b.MRC"),
            ("b.zst", "b"),
            ("b.mrc.gz.gz", "b.mrc.gz"),
            ("b.mrc", "b.mrc"),
            ("gz", "gz"),
            ("bgz", "bgz"),
            ("é.gz", "é"),
            ("", ""),
        ] {
            assert_eq!(name_inside(name), inside, "{name}");
        }
    }

    #[test]
    fn streams_are_told_by_their_first_bytes() {
        assert_eq!(Kind::of(&[0x1f, 0x8b, 8, 0]), Some(Kind::Gzip));
        assert_eq!(Kind::of(b"BZh91AY&SY"), Some(Kind::Bzip2));
        assert_eq!(Kind::of(b"BZh9\x17\x72\x45\x38\x50\x90"), Some(Kind::Bzip2), "of nothing");
        assert_eq!(Kind::of(&[0x53, 0x2a, 0x4d, 0x18]), Some(Kind::Zstd), "a skippable frame");
        for other in [&b"BZh0"[..], b"BZh9 is text", &[0x1f, 0x8b, 7], &[0x60, 0x2a, 0x4d, 0x18], b""] {
            assert_eq!(Kind::of(other), None);
        }
    }
}
