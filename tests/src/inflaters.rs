//! Inflaters that share no code with the encoder, and hardly any with each other.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Gives the data of a zlib stream, or `None` when it refuses the stream. It is told the length.
type Inflate = Box<dyn FnMut(&[u8], usize) -> Option<Vec<u8>>>;

/// An inflater.
pub struct Inflater {
    /// Of which library.
    pub name: &'static str,
    inflate: Inflate,
}

impl Inflater {
    fn new(name: &'static str, inflate: impl FnMut(&[u8], usize) -> Option<Vec<u8>> + 'static) -> Self {
        Self { name, inflate: Box::new(inflate) }
    }

    /// Whether it accepts a stream as `data`.
    ///
    /// # Panics
    /// When it accepts the stream as something else.
    pub fn accepts(&mut self, stream: &[u8], data: &[u8]) -> bool {
        let read = (self.inflate)(stream, data.len());
        assert!(read.as_deref().is_none_or(|read| read == data), "{} reads other data", self.name);
        read.is_some()
    }
}

/// Those that are libraries of this program.
#[must_use]
pub fn linked() -> Vec<Inflater> {
    vec![
        Inflater::new("zlib", |stream, _| {
            let mut out = Vec::new();
            flate2::read::ZlibDecoder::new(stream).read_to_end(&mut out).ok()?;
            Some(out)
        }),
        Inflater::new("zlib-ng", zlib_ng),
        Inflater::new("libdeflate", |stream, length| {
            let mut out = vec![0; length + 1];
            let size = libdeflater::Decompressor::new().zlib_decompress(stream, &mut out).ok()?;
            out.truncate(size);
            Some(out)
        }),
        Inflater::new("miniz_oxide", |stream, _| miniz_oxide::inflate::decompress_to_vec_zlib(stream).ok()),
        Inflater::new("zlib-rs", |stream, length| {
            let mut out = vec![0; length + 1];
            let config = zlib_rs::InflateConfig::default();
            let (read, code) = zlib_rs::decompress_slice(&mut out, stream, config);
            (code == zlib_rs::ReturnCode::Ok).then(|| read.to_vec())
        }),
        Inflater::new("fdeflate", |stream, _| fdeflate::decompress_to_vec(stream).ok()),
    ]
}

#[allow(unsafe_code, reason = "a safe binding excludes the one to zlib from the same program")]
fn zlib_ng(stream: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length + 1];
    let mut size = out.len();
    // SAFETY: both lengths are those of the buffers, which nothing else uses meanwhile.
    let code =
        unsafe { libz_ng_sys::uncompress(out.as_mut_ptr(), &raw mut size, stream.as_ptr(), stream.len()) };
    out.truncate(size);
    (code == libz_ng_sys::Z_OK).then_some(out)
}

/// The length that stands for a refused stream.
const REFUSED: u32 = u32::MAX;

/// pako, in a process of its own; `folder` is a copy of `tests/readers/pako` with its packages.
///
/// # Errors
/// When node cannot be started.
///
/// # Panics
/// Later, when the process ends early.
pub fn pako(folder: &OsStr) -> io::Result<Inflater> {
    let mut child = Command::new("node")
        .arg(Path::new(folder).join("inflate.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (Some(mut to), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut ask = move |stream: &[u8]| -> io::Result<Option<Vec<u8>>> {
        to.write_all(&(stream.len() as u32).to_le_bytes())?;
        to.write_all(stream)?;
        to.flush()?;
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length == REFUSED {
            return Ok(None);
        }
        let mut data = vec![0; length as usize];
        from.read_exact(&mut data)?;
        Ok(Some(data))
    };
    Ok(Inflater::new("pako", move |stream, _| ask(stream).expect("pako answers")))
}
