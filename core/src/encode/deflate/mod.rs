//! A zlib encoder for the pixel codes of electron cryo-microscopy.
//!
//! Such data are mostly noise: no pattern recurs, and all that deflate can win is the entropy of single bytes. The
//! encoder therefore writes Huffman blocks without any search, at memory speed, one for each segment of even
//! statistics. It looks for runs and matches only where a cheap test says that there are some: in masked or smooth
//! volumes and in sparse counts. It knows the exact size of a block before it writes a bit of it.
//!
//! What it is not: a compressor for text or programs, or a stream that takes its input piecemeal.
//!
//! The walk, one module per step: `segment` cuts a chunk into segments. A segment of noise goes `histogram` -> `huffman`,
//! `header`, `block` (codes, form, size) -> `literals` -> `bits`. Any other goes through `flat`, which tries what the
//! level allows, `runs`, `greedy`, `lazy`, or `heads` and `optimal` with `costs`, each of which makes `sequences`; these
//! are sized and written like the literals.
//!
//! All decisions are in integers: every machine writes the same bytes.

#![forbid(unsafe_code)]

mod bits;
mod block;
mod costs;
mod flat;
#[cfg(test)]
mod golden;
mod greedy;
mod header;
mod heads;
mod histogram;
pub(crate) mod huffman;
mod lazy;
mod literals;
mod optimal;
mod run_boundaries;
mod runs;
mod segment;
mod sequences;
mod stored;
mod symbols;

use crate::encode::Level;
use bits::BitSink;
use block::{BlockCode, Form, Frequencies};
use flat::Flat;
use histogram::{Grouping, Histogram};
use literals::LiteralWriter;
use segment::{Kind, Segment};

/// Deflate with a window of 32 KiB (RFC 1950, 2.2).
const METHOD_AND_WINDOW: u8 = 0x78;

/// Bytes of a stream before its blocks (RFC 1950, 2.2).
const HEAD_BYTES: usize = 2;

/// Bytes of the check that ends a stream.
const CHECK_BYTES: usize = 4;

/// Makes zlib streams. Its buffers are reused: after the first few chunks it allocates nothing but the output.
pub struct Encoder {
    histogram: Histogram,
    code: BlockCode,
    literals: LiteralWriter,
    flat: Flat,
    segments: Vec<Segment>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// Creates an encoder with empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            histogram: Histogram::new(),
            code: BlockCode::new(),
            literals: LiteralWriter::new(),
            flat: Flat::new(),
            segments: Vec::new(),
        }
    }

    /// Appends one complete zlib stream (RFC 1950) of `data` to `out`.
    ///
    /// `planes` is the number of equal byte planes that HDF5's shuffle filter left in `data` (1 if it was not applied).
    /// It only hints where blocks should end: any value gives a valid stream.
    pub fn zlib(&mut self, data: &[u8], planes: usize, level: Level, out: &mut Vec<u8>) {
        out.extend_from_slice(&zlib_head(level));
        let mut sink = BitSink::new(out);
        if level == Level::STORED || data.is_empty() {
            stored::write(data, true, &mut sink);
        } else {
            self.deflate(data, planes, level, &mut sink);
        }
        sink.align();
        out.extend_from_slice(&simd_adler32::adler32(&data).to_be_bytes());
    }

    /// Counts the bytes of the stream that [`zlib`](Self::zlib) makes of `data`, without making it: the size of each block
    /// is known before it is written.
    pub fn zlib_size(&mut self, data: &[u8], planes: usize, level: Level) -> usize {
        let mut bits = 0;
        if level == Level::STORED || data.is_empty() {
            bits += stored::bits(data.len(), 0);
        } else {
            let mut segments = std::mem::take(&mut self.segments);
            segment::segments(data, planes, &mut segments);
            for segment in &segments {
                let bytes = &data[segment.start..segment.end];
                bits += if segment.kind == Kind::Noise {
                    self.literal_code(bytes, bits % 8).1
                } else {
                    self.flat_code(bytes, segment.kind, level, bits % 8).1
                };
            }
            self.segments = segments;
        }
        HEAD_BYTES + bits.div_ceil(8) + CHECK_BYTES
    }

    fn deflate(&mut self, data: &[u8], planes: usize, level: Level, sink: &mut BitSink<'_>) {
        let mut segments = std::mem::take(&mut self.segments);
        segment::segments(data, planes, &mut segments);
        for &segment in &segments {
            let last = segment.end == data.len();
            if segment.kind == Kind::Noise {
                self.literal_block(&data[segment.start..segment.end], last, sink);
            } else {
                self.flat_block(data, segment, level, last, sink);
            }
        }
        self.segments = segments;
    }

    /// Writes a segment as sequences.
    fn flat_block(
        &mut self,
        data: &[u8],
        segment: Segment,
        level: Level,
        last: bool,
        sink: &mut BitSink<'_>,
    ) {
        let bytes = &data[segment.start..segment.end];
        let (form, bits) = self.flat_code(bytes, segment.kind, level, sink.offset());
        if form == Form::Stored {
            return stored::write(bytes, last, sink);
        }
        self.literals.set(&self.code.litlen, &self.code.litlen_codes);
        sink.append(bits, |out| {
            self.code.write_head(last, out);
            self.flat.best.write(&self.code, &self.literals.singles, out);
            self.code.write_end(out);
        });
    }

    /// Chooses the sequences of a segment and their code, for a block that starts `offset` bits into a byte; returns its form
    /// and its size in bits.
    fn flat_code(&mut self, bytes: &[u8], kind: Kind, level: Level, offset: usize) -> (Form, usize) {
        let flat = &mut self.flat;
        flat.choose(bytes, kind, level, &mut self.histogram, &mut self.code);
        self.code.choose(&flat.frequencies, bytes.len(), flat.extra, literals::SINGLE_LIMIT, offset)
    }

    /// Chooses the code of literals, for a block that starts `offset` bits into a byte; returns its form and its size in
    /// bits.
    fn literal_code(&mut self, data: &[u8], offset: usize) -> (Form, usize, Grouping) {
        let grouping = Grouping::of(data);
        self.histogram.count(data, grouping);
        let mut frequencies = Frequencies::new();
        frequencies.litlen[..256].copy_from_slice(&self.histogram.all);
        let limit =
            if grouping == Grouping::Singles { literals::SINGLE_LIMIT } else { literals::GROUP_LIMIT };
        let (form, bits) = self.code.choose(&frequencies, data.len(), 0, limit, offset);
        (form, bits, grouping)
    }

    /// Writes a segment as literals only.
    fn literal_block(&mut self, data: &[u8], last: bool, sink: &mut BitSink<'_>) {
        let (form, bits, grouping) = self.literal_code(data, sink.offset());
        if form == Form::Stored {
            return stored::write(data, last, sink);
        }
        let head_bits = huffman::cost(&self.histogram.head, &self.code.litlen);
        self.literals.set(&self.code.litlen, &self.code.litlen_codes);
        sink.append(bits, |out| {
            self.code.write_head(last, out);
            self.literals.write(data, grouping, head_bits, out);
            self.code.write_end(out);
        });
    }
}

/// Returns the two bytes before the deflate stream: method, window, level, and a check so that they are a multiple
/// of 31.
fn zlib_head(level: Level) -> [u8; 2] {
    let flevel: u16 = match level.get() {
        0 | 1 => 0,
        2..=5 => 1,
        6 => 2,
        _ => 3,
    };
    let head = u16::from(METHOD_AND_WINDOW) << 8 | flevel << 6;
    (head + (31 - head % 31)).to_be_bytes()
}
