//! The way from codes back to values: the inverse of the quantisation.

use super::bits::Bits;

/// The interval the codes span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Value of code 0.
    pub low: f32,
    /// Value of the top code. Equal to `low` for a constant image.
    pub high: f32,
    /// Every value within the range reads back exactly.
    pub exact: bool,
}

/// The way from codes back to values: code 0 is the low end of the range, code `most` the high end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Interval that the codes span.
    pub range: Range,
    /// The highest code, 2^bits - 1.
    pub most: f32,
}

impl Scale {
    /// Returns the value of a code: see [`Decoder::value`].
    #[must_use]
    pub fn value(self, code: f32) -> f32 {
        self.decoder().value(code)
    }

    /// Returns what decodes many codes.
    #[must_use]
    pub fn decoder(self) -> Decoder {
        let Range { low, high, .. } = self.range;
        let step = (f64::from(high) - f64::from(low)) / f64::from(self.most);
        Decoder { scale: self, low: low.into(), step, whole: low.fract() == 0.0 && step.fract() == 0.0 }
    }

    /// Returns the bit depth of the codes; `None` when it is not one that this program writes.
    #[must_use]
    pub fn bits(self) -> Option<Bits> {
        Bits::new(self.bit_count().into())
    }

    /// Counts the bits of the codes, up to 32.
    #[must_use]
    pub fn bit_count(self) -> u32 {
        (f64::from(self.most) + 1.0).log2().round() as u32
    }
}

/// Decodes codes of one scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decoder {
    scale: Scale,
    low: f64,
    step: f64,
    /// Low end and step are whole numbers.
    whole: bool,
}

impl Decoder {
    /// Tells whether every code stands for a whole number.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.whole
    }

    /// Returns the value of a code. Where low end and step are whole numbers it is computed in these, so that integers
    /// come back as integers; otherwise as EMAN2 computes all of them.
    #[inline(always)]
    #[must_use]
    pub fn value(self, code: f32) -> f32 {
        if self.whole {
            return (f64::from(code) * self.step + self.low) as f32;
        }
        let Range { low, high, .. } = self.scale.range;
        (code / self.scale.most) * (high - low) + low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn whole_steps_give_whole_numbers() {
        for (low, step, most) in
            [(0.0, 1.0, 4095.0), (-32_768.0, 3.0, 1023.0), (17.0, 12_345.0, 63.0), (5.0, 0.0, 31.0)]
        {
            let range = Range { low, high: low + step * most, exact: false };
            let decoder = Scale { range, most }.decoder();
            for code in 0..=most as u32 {
                let code = code as f32;
                assert_eq!(decoder.value(code), code * step + low, "{low} {step} {code}");
            }
        }
    }

    #[test]
    fn others_are_as_in_eman2() {
        let range = Range { low: -1.5, high: 2.25, exact: false };
        for code in 0..=15u8 {
            let code = f32::from(code);
            assert_eq!(Scale { range, most: 15.0 }.value(code), (code / 15.0) * 3.75 - 1.5);
        }
    }
}
