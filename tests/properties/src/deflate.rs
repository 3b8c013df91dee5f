//! Every stream of the encoder inflates to what went in, in two inflaters, also when the encoder has been used before.

use std::cell::RefCell;

use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;

use crate::bytes::Bytes;

/// Bytes that are deflated at once, at most: a chunk of bytes, or less so that more is tried.
const LONGEST: [usize; 4] = [64 << 10, 4 << 10, 1 << 10, 16 << 10];

thread_local! {
    static ENCODER: RefCell<Encoder> = RefCell::new(Encoder::new());
}

/// Deflates and inflates. The first bytes choose level, planes, length, repetitions and a change in each of them.
///
/// # Panics
/// When what comes out is not what went in.
pub fn deflate(data: &[u8]) {
    let mut bytes = Bytes(data);
    let level = Level::new(i64::from(bytes.u8() % 10)).expect("0 to 9");
    let choice = usize::from(bytes.u8());
    let (planes, longest) = (choice % 5, LONGEST[choice / 5 % LONGEST.len()]);
    let (times, step) = (1 + bytes.below(2000) as usize, bytes.u8());
    let period = bytes.0;
    let mut data = period.to_vec();
    for time in 1..times {
        if data.len() + period.len() > longest {
            break;
        }
        let change = step.wrapping_mul(time as u8);
        data.extend(period.iter().map(|byte| byte.wrapping_add(change)));
    }
    let mut stream = vec![0xa5];
    ENCODER.with_borrow_mut(|encoder| encoder.zlib(&data, planes, level, &mut stream));
    let stream = &stream[1..];
    let inflated =
        miniz_oxide::inflate::decompress_to_vec_zlib(stream).expect("miniz_oxide takes the stream");
    assert!(inflated == data, "miniz_oxide gives other bytes");
    let mut inflated = vec![0; data.len()];
    let length = libdeflater::Decompressor::new()
        .zlib_decompress(stream, &mut inflated)
        .expect("libdeflate takes the stream");
    assert!(length == data.len() && inflated == data, "libdeflate gives other bytes");
    // RFC 1951: a stored block holds 65535 bytes and costs 5.
    let most = data.len() + 5 * (data.len() / 65_535 + 1) + 6 + 16;
    assert!(stream.len() <= most, "{} bytes became {}", data.len(), stream.len());
}
