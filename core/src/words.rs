//! Words for figures, names and warnings, the same in the command, its reports and the page.

mod attributes;
mod escaped;
mod plan;
mod prediction;
mod recorded;
mod totals;
mod verified;
mod warnings;

pub use attributes::attributes;
pub use escaped::{Escaped, is_unfit};
pub use plan::{BitsWords, cost, floor, kept, proposal};
pub use prediction::chosen;
pub use recorded::{
    done_before, left_out_of_list, no_line, no_record, skipped_lines, strict_status, uncompared,
    warned_before, warnings_in,
};
pub use totals::{just_changed, no_files_stay, span, total, unforeseen};
pub use warnings::warnings;

use std::fmt::Debug;

use crate::compress::report::Report;
use crate::image::{Images, PixelType};
use crate::info::Info;
use crate::quantise::PixelEncoding;

/// Words a number of things.
#[must_use]
pub fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Names listed of many.
const MOST_NAMES: usize = 8;

/// Lists names, the first few of many.
#[must_use]
pub fn listed(names: &[String]) -> String {
    let few = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len() - names.len().min(MOST_NAMES) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}

/// Words what is in a file whose first image has these sides, along x, y and z; `alike` tells whether
/// the others have them too.
#[must_use]
pub fn images(count: u32, [nx, ny, nz]: [u32; 3], alike: bool) -> String {
    let thing = if nz == 1 { "image" } else { "volume" };
    let depth = if nz == 1 { String::new() } else { format!(" x {nz}") };
    let others = if alike { "" } else { " (the first; others differ)" };
    format!("{} of {nx} x {ny}{depth}{others}", counted(count.into(), thing))
}

/// Words a number of bytes.
#[must_use]
pub fn bytes(count: u64) -> String {
    let (mut size, mut units) = (count as f64, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"].into_iter());
    let mut unit = "B";
    while size >= 1024.0
        && let Some(next) = units.next()
    {
        (size, unit) = (size / 1024.0, next);
    }
    if unit == "B" { format!("{count} B") } else { format!("{size:.2} {unit}") }
}

/// Words how long something took, and at what speed.
#[must_use]
pub fn speed(bytes: u64, seconds: f64) -> String {
    let speed = bytes as f64 / f64::from(1 << 20) / seconds.max(1e-9);
    format!("{seconds:.2} s, {speed:.0} MiB/s")
}

/// Words a size before and after, and warns when it grew.
#[must_use]
pub fn sizes(input: u64, output: u64) -> String {
    let ratio = input as f64 / output.max(1) as f64;
    let grown = if output > input { ", larger than the input" } else { "" };
    format!("{} -> {} ({ratio:.2}x{grown})", bytes(input), bytes(output))
}

/// Words a size before and a bound of the one after.
#[must_use]
pub fn sizes_at_most(input: u64, most: u64) -> String {
    let ratio = input as f64 / most.max(1) as f64;
    format!("{} -> at most {} ({ratio:.2}x or more)", bytes(input), bytes(most))
}

/// Words why an output is larger than its input, from the bytes of its pixels alone.
#[must_use]
pub fn growth(input: u64, output: u64, pixels: u64, images: u32) -> Option<String> {
    if output <= input {
        return None;
    }
    if pixels >= input {
        return Some("larger because its pixels do not get smaller at these bits".into());
    }
    let each = (output - pixels) / u64::from(images.max(1));
    Some(format!("larger because every image takes {} of structure and attributes", bytes(each)))
}

/// Words how many outputs of how many are larger than their inputs.
#[must_use]
pub fn grown(grew: usize, files: usize) -> String {
    let outputs = if files == 1 { "output" } else { "outputs" };
    let (are, inputs) = if grew == 1 { ("is", "its input") } else { ("are", "their inputs") };
    format!("{grew} of {files} {outputs} {are} larger than {inputs}")
}

/// Words how many numbers of an original are no 32-bit floats, if any are.
#[must_use]
pub fn rounded(count: u64) -> Option<String> {
    (count > 0).then(|| format!("{} as the nearest 32-bit float", counted(count, "number")))
}

/// Words how many times smaller or larger than something else a file is.
#[must_use]
pub fn beside(file: u64, other: u64) -> String {
    let (file, other) = (file.max(1) as f64, other.max(1) as f64);
    let times = format!("{:.1}", (other / file).max(file / other));
    match times.as_str() {
        "1.0" => "about as large as".into(),
        _ if other > file => format!("{times} times smaller than"),
        _ => format!("{times} times larger than"),
    }
}

/// Words a share in percent, with two digits.
#[must_use]
pub fn percent(share: f64) -> String {
    let rounded: f64 = format!("{:.1e}", 100.0 * share).parse().unwrap_or(100.0 * share);
    format!("{} %", short(rounded))
}

/// Words the ends of a range.
#[must_use]
pub fn range((low, high): (f32, f32)) -> String {
    format!("range {} to {}", short(low), short(high))
}

/// Words the smallest and the largest step between codes.
#[must_use]
pub fn step((fine, coarse): (f32, f32)) -> String {
    let (first, last) = (short(fine), short(coarse));
    if fine == coarse { format!("step {first}") } else { format!("steps {first} to {last}") }
}

/// Words how pixels are stored.
#[must_use]
pub fn stored(encoding: PixelEncoding) -> String {
    match encoding {
        PixelEncoding::Auto(target) => format!("bits that lose at most {}", percent(target.share())),
        PixelEncoding::Raw => "32-bit floats, uncompressed".into(),
        PixelEncoding::Floats => "32-bit floats".into(),
        PixelEncoding::Codes(bits) => counted(bits.get().into(), "bit"),
    }
}

/// Words how many pixels of how many were clipped to the range.
#[must_use]
pub fn clipped(count: u64, pixels: Option<u64>) -> String {
    match (count, pixels) {
        (0, _) => "no pixels clipped".into(),
        (count, None) => format!("{} clipped", counted(count, "pixel")),
        (count, Some(pixels)) => {
            let share = 100.0 * count as f64 / pixels.max(1) as f64;
            format!("{} clipped ({share:.3} %)", counted(count, "pixel"))
        }
    }
}

/// Words how a file that is right differs from its original; without codes there is no half step.
#[must_use]
pub fn differences(largest: f64, rms: f64, half_step: Option<f64>) -> String {
    let Some(half_step) = half_step else {
        if largest == 0.0 {
            return "every pixel is right".into();
        }
        return format!(
            "every pixel is the nearest 32-bit float, largest difference {}, RMS {}",
            figure(largest),
            figure(rms)
        );
    };
    format!(
        "every code is right, largest difference {} (half a step {}), RMS {}",
        figure(largest),
        figure(half_step),
        figure(rms)
    )
}

/// Writes a figure with four digits.
#[must_use]
pub fn figure(figure: f64) -> String {
    let rounded: f64 = format!("{figure:.3e}").parse().unwrap_or(figure);
    short(rounded)
}

/// Writes a number with all its digits, and with a power of ten where zeros would fill the line: a single hot pixel may
/// be 1e30.
fn short(number: impl Debug) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Words what is in an open file.
#[must_use]
pub fn contents(file: &dyn Images) -> String {
    let shape = file.shape(0);
    let alike = (1..file.images()).all(|image| file.shape(image) == shape);
    images(file.images(), [shape.nx, shape.ny, shape.nz], alike)
}

impl Info {
    /// Words what the file says of itself: the name of each fact, and the fact.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let shape = self.shape;
        let contents = images(self.images, [shape.nx, shape.ny, shape.nz], self.same_shape);
        let mut facts =
            vec![("Format", format!("{}, {}", self.format, bytes(self.file_bytes))), ("Contents", contents)];
        facts.extend(self.pixel_size.map(|edges| ("Pixel size", pixel_size(edges, shape.nz == 1))));
        facts.push(("Stored as", self.stored()));
        if let (Some(minimum), Some(maximum)) = (self.minimum, self.maximum) {
            let mut values = format!("{} to {}", short(minimum), short(maximum));
            for (name, value) in [("mean", self.mean), ("sigma", self.sigma)] {
                if let Some(value) = value {
                    values.extend([", ", name, " ", &short(value)]);
                }
            }
            facts.push(("Values", format!("{values}, as the file says")));
        }
        let size = beside(self.file_bytes, self.original_bytes);
        facts.push(("Size", format!("{size} the same pixels as {}", self.original_type)));
        facts
    }

    fn stored(&self) -> String {
        let mut stored = self.pixel_type.to_owned();
        if let (Some(ends), Some(steps)) = (self.range, self.step) {
            let bits = self.bits.map_or(String::new(), |(least, most)| {
                if least == most {
                    format!("{least}-bit codes in ")
                } else {
                    format!("codes of {least} to {most} bits in ")
                }
            });
            stored = format!("{bits}{stored}, {}, {}", range(ends), step(steps));
        }
        if let Some(truncated) = self.truncated {
            let pixels = self.same_shape.then(|| self.shape.pixels().saturating_mul(self.images.into()));
            stored.extend([", ", &clipped(truncated, pixels)]);
        }
        stored
    }
}

impl Report {
    /// Words how the pixels are stored, where `encoding` was asked for.
    #[must_use]
    pub fn stored(&self, encoding: PixelEncoding) -> String {
        let mut parts = vec![match encoding {
            PixelEncoding::Auto(_) => chosen(&self.spread),
            encoding => stored(encoding),
        }];
        if let (Some(ends), Some(steps)) = (self.range, self.step) {
            parts.extend([range(ends), step(steps), clipped(self.truncated, Some(self.pixels))]);
            let cost =
                || self.worst.as_ref().and_then(|worst| cost(worst, self.images > 1, self.truncated > 0));
            parts.extend(plan::cut(&self.losses).or_else(cost));
        }
        parts.join(", ")
    }
}

/// Words the mode of an MRC file.
#[must_use]
pub fn mode(kind: PixelType) -> String {
    format!("mode {} ({})", kind.mrc_mode().unwrap_or_default(), kind.name())
}

/// Words the edges of a pixel, in Angstrom.
fn pixel_size([x, y, z]: [f32; 3], flat: bool) -> String {
    if x == y && (y == z || flat) {
        format!("{x} A per pixel")
    } else {
        format!("{x} x {y} x {z} A per pixel")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn shapes_keep_their_depth_and_one_is_no_plural() {
        assert_eq!(images(1, [40, 30, 1], true), "1 image of 40 x 30");
        assert_eq!(images(2, [40, 30, 1], true), "2 images of 40 x 30");
        assert_eq!(images(1, [30, 20, 8], true), "1 volume of 30 x 20 x 8");
        assert_eq!(images(3, [30, 20, 8], true), "3 volumes of 30 x 20 x 8");
        assert_eq!(images(2, [40, 30, 1], false), "2 images of 40 x 30 (the first; others differ)");
    }

    #[test]
    fn sizes_are_in_powers_of_two() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1.00 KiB");
        assert_eq!(bytes(6727), "6.57 KiB");
        assert_eq!(bytes(3 << 29), "1.50 GiB");
        assert_eq!(bytes(u64::MAX), "16.00 EiB");
        assert_eq!(speed(3 << 20, 0.5), "0.50 s, 6 MiB/s");
    }

    #[test]
    fn growth_is_told() {
        assert_eq!(sizes(2048, 1024), "2.00 KiB -> 1.00 KiB (2.00x)");
        assert_eq!(sizes(1024, 1024), "1.00 KiB -> 1.00 KiB (1.00x)");
        assert_eq!(sizes(1024, 2048), "1.00 KiB -> 2.00 KiB (0.50x, larger than the input)");
        assert_eq!(sizes_at_most(2048, 4096), "2.00 KiB -> at most 4.00 KiB (0.50x or more)");
        assert_eq!(beside(1000, 3600), "3.6 times smaller than");
        assert_eq!(beside(3600, 1000), "3.6 times larger than");
        assert_eq!(beside(1000, 1001), "about as large as");
    }

    #[test]
    fn counts_of_pixels() {
        assert_eq!(clipped(0, Some(9)), "no pixels clipped");
        assert_eq!(clipped(1, Some(1000)), "1 pixel clipped (0.100 %)");
        assert_eq!(clipped(20, None), "20 pixels clipped");
    }

    #[test]
    fn figures() {
        assert_eq!(figure(0.001_234_56), "0.001235");
        assert_eq!(figure(2.0), "2");
        assert_eq!(range((-3.5, 1e30)), "range -3.5 to 1e30");
        assert_eq!(step((1e-9, 2.0)), "steps 1e-9 to 2");
        assert_eq!([percent(0.012), percent(1.0), percent(1e-20)], ["1.2 %", "100 %", "1e-18 %"]);
        assert_eq!(step((0.5, 0.5)), "step 0.5");
        assert_eq!(step((0.5, 2.0)), "steps 0.5 to 2");
        assert_eq!(
            [-1, 0, 5].map(|bits| stored(PixelEncoding::from_bits(bits).unwrap())),
            ["32-bit floats, uncompressed", "32-bit floats", "5 bits"]
        );
        assert_eq!(differences(0.0, 0.0, None), "every pixel is right");
    }
}
