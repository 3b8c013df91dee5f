//! TIFF's LZW against weezl, which nobody here wrote: whole strips, and strips with changed bytes.

use e2compress_bench::kinds::Random;
use e2compress_core::formats::tiff::codec::{Codec, Damage};
use weezl::BitOrder;
use weezl::decode::Configuration;
use weezl::encode::Encoder;

/// Counts of electrons, `below` 256 at most: many zeros, few others.
fn counts(length: usize, below: u64, random: &mut Random) -> Vec<u8> {
    (0..length).map(|_| random.below(below).saturating_sub(below / 2) as u8).collect()
}

fn encoded(pixels: &[u8]) -> Vec<u8> {
    Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(pixels).expect("memory is there")
}

/// What weezl makes of a strip, `None` when it finds it invalid or too short.
fn by_weezl(stored: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut decoder =
        Configuration::with_tiff_size_switch(BitOrder::Msb, 8).with_yield_on_full_buffer(true).build();
    let mut out = vec![0; length];
    let (mut taken, mut made) = (0, 0);
    while made < length {
        let step = decoder.decode_bytes(&stored[taken..], &mut out[made..]);
        taken += step.consumed_in;
        made += step.consumed_out;
        if step.status.is_err() || step.consumed_in == 0 && step.consumed_out == 0 {
            return None;
        }
    }
    Some(out)
}

#[test]
fn strips_of_every_kind_come_out_as_they_went_in() {
    let mut random = Random::new(3);
    for below in [1, 2, 3, 6, 40, 256] {
        for length in [1, 2, 15, 16, 17, 300, 4000, 70_000, 400_000] {
            let pixels = counts(length, below, &mut random);
            let stored = encoded(&pixels);
            let mut out = vec![0; length];
            assert_eq!(Codec::Lzw.decode(&stored, &mut out), Ok(()), "{length} pixels below {below}");
            assert!(out == pixels, "{length} pixels below {below}");
            // One pixel more than there is.
            let mut out = vec![0; length + 1];
            assert_eq!(Codec::Lzw.decode(&stored, &mut out), Err(Damage::Short));
        }
    }
}

#[test]
fn damaged_strips_are_what_weezl_makes_of_them() {
    let mut random = Random::new(4);
    let strips: Vec<Vec<u8>> =
        [1, 3, 12, 256].iter().map(|&below| encoded(&counts(9000, below, &mut random))).collect();
    let (mut whole, mut refused) = (0, 0);
    for _ in 0..30_000 {
        let strip = &strips[random.below(strips.len() as u64) as usize];
        let mut stored = strip[..strip.len().min(2500)].to_vec();
        for _ in 0..random.below(4) {
            let place = random.below(stored.len() as u64) as usize;
            stored[place] = random.draw() as u8;
        }
        let length = random.below(4000) as usize;
        let mut out = vec![0; length];
        if Codec::Lzw.decode(&stored, &mut out).is_ok() {
            // weezl refuses some streams that do not begin with a clear code; libtiff does not.
            assert!(by_weezl(&stored, length).is_none_or(|theirs| theirs == out));
            whole += 1;
        } else {
            assert_eq!(by_weezl(&stored, length), None, "weezl reads what is refused");
            refused += 1;
        }
    }
    assert!(whole > 5000 && refused > 500, "{whole} whole, {refused} refused");
}
