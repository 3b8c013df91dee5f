//! The values of tags: numbers, structures of numbers, text, arrays.

use crate::formats::fields::Fields;

/// A value, and where it is in the file.
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// It, if it is a single number.
    pub number: Option<f64>,
    /// Where it starts.
    pub start: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A single number.
    One(Number),
    /// Numbers one after the other.
    Struct(Vec<Number>),
    /// Text of so many bytes.
    Text(u64),
    /// So many of a number; 16-bit ones are text, unless they are pixels.
    Array(Number, u64),
    /// So many elements of so many bytes each, which nothing here looks into.
    Opaque(u64, u64),
}

/// The type of a number, by its code in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(u8);

const STRUCT: u64 = 15;
const TEXT: u64 = 18;
const ARRAY: u64 = 20;

impl Number {
    fn of(code: u64) -> Option<Self> {
        u8::try_from(code).ok().filter(|code| (2..=12).contains(code)).map(Self)
    }

    /// Returns how many bytes it has.
    pub fn bytes(self) -> usize {
        match self.0 {
            8..=10 => 1,
            2 | 4 => 2,
            3 | 5 | 6 => 4,
            _ => 8,
        }
    }

    /// Tells whether an array of it is text.
    pub fn is_character(self) -> bool {
        self.0 == 4
    }

    /// Returns the number that bytes are. 32-bit floats become the shortest decimal number that is their own, as
    /// EMAN2 has them: 2.7, not 2.7000000477.
    pub fn value(self, bytes: &[u8], big_endian: bool) -> Option<f64> {
        let bytes = bytes.get(..self.bytes())?;
        let fields = Fields::new(bytes, big_endian);
        Some(match self.0 {
            2 => f64::from(fields.u16(0) as i16),
            3 => f64::from(fields.i32(0)),
            4 => f64::from(fields.u16(0)),
            5 => f64::from(fields.u32(0)),
            6 => format!("{:e}", fields.f32(0)).parse().ok()?,
            7 => fields.f64(0),
            8 | 10 => f64::from(bytes[0]),
            9 => f64::from(bytes[0] as i8),
            11 => fields.u64(0) as i64 as f64,
            _ => fields.u64(0) as f64,
        })
    }
}

impl Kind {
    /// Makes sense of a description; `None` of one that makes none.
    pub fn of(words: &[u64]) -> Option<Self> {
        match *words.first()? {
            STRUCT => {
                let (fields, rest) = structure(words)?;
                rest.is_empty().then_some(Self::Struct(fields))
            }
            TEXT => Some(Self::Text(*words.get(1)?)),
            ARRAY => Self::array(&words[1..]),
            code => Number::of(code).map(Self::One),
        }
    }

    /// Makes sense of what describes an array: its elements, and how many there are.
    fn array(words: &[u64]) -> Option<Self> {
        let (&count, element) = words.split_last()?;
        if let [code] = *element
            && let Some(number) = Number::of(code)
        {
            return Some(Self::Array(number, count));
        }
        // An array of structures, or of arrays. Depth is bounded, since each level takes words.
        let (mut each, mut element) = (1u128, element);
        loop {
            match *element.first()? {
                STRUCT => {
                    let (fields, rest) = structure(element)?;
                    let bytes: usize = fields.iter().map(|field| field.bytes()).sum();
                    each = each.checked_mul(bytes as u128)?;
                    let each = u64::try_from(each).ok()?;
                    return rest.is_empty().then_some(Self::Opaque(each, count));
                }
                ARRAY => {
                    let (&inner, rest) = element[1..].split_last()?;
                    each = each.checked_mul(inner.into())?;
                    element = rest;
                }
                code => {
                    each = each.checked_mul(Number::of(code)?.bytes() as u128)?;
                    let each = u64::try_from(each).ok()?;
                    return (element.len() == 1).then_some(Self::Opaque(each, count));
                }
            }
        }
    }

    /// Counts the bytes of the value.
    pub fn bytes(&self) -> u128 {
        match self {
            Self::One(number) => number.bytes() as u128,
            Self::Struct(fields) => fields.iter().map(|field| field.bytes() as u128).sum(),
            Self::Text(bytes) => (*bytes).into(),
            Self::Array(number, count) => number.bytes() as u128 * u128::from(*count),
            Self::Opaque(each, count) => u128::from(*each) * u128::from(*count),
        }
    }
}

/// Reads the description of a structure: the length of its name, the number of its fields, and for each field the
/// length of its name and its type. Returns what follows, too.
fn structure(words: &[u64]) -> Option<(Vec<Number>, &[u64])> {
    let fields = usize::try_from(*words.get(2)?).ok()?;
    let (described, rest) = words.get(3..)?.split_at_checked(fields.checked_mul(2)?)?;
    let fields = described.chunks_exact(2).map(|field| Number::of(field[1]));
    Some((fields.collect::<Option<_>>()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn descriptions_make_sense_or_none() {
        let number = |code| Number::of(code).unwrap();
        for (words, kind) in [
            (&[5][..], Some(Kind::One(number(5)))),
            (&[13], None),
            (&[], None),
            (&[15, 0, 2, 0, 6, 0, 2], Some(Kind::Struct(vec![number(6), number(2)]))),
            (&[15, 0, 2, 0, 6], None),
            (&[15, 0, u64::MAX, 0, 6], None),
            (&[18, 7], Some(Kind::Text(7))),
            (&[20, 4, 9], Some(Kind::Array(number(4), 9))),
            (&[20, 15, 0, 2, 0, 6, 0, 6, 100], Some(Kind::Opaque(8, 100))),
            (&[20, 20, 3, 5, 100], Some(Kind::Opaque(20, 100))),
            (&[20, 20, 20, 3, u64::MAX, u64::MAX, 100], None),
            (&[20, 99, 100], None),
            (&[20], None),
        ] {
            assert_eq!(Kind::of(words), kind, "{words:?}");
        }
        assert_eq!(Kind::Array(number(7), u64::MAX).bytes(), 8 * u128::from(u64::MAX));
    }

    #[test]
    fn numbers_in_both_orders() {
        let number = |code| Number::of(code).unwrap();
        assert_eq!(number(2).value(&[0xff, 0xfe], true), Some(-2.0));
        assert_eq!(number(5).value(&[1, 0, 0, 0x80], false), Some(2_147_483_649.0));
        assert_eq!(number(6).value(&2.7f32.to_le_bytes(), false), Some(2.7));
        assert_eq!(number(6).value(&f32::NAN.to_le_bytes(), false).map(f64::is_nan), Some(true));
        assert_eq!(number(11).value(&(-5i64).to_be_bytes(), true), Some(-5.0));
        assert_eq!(number(9).value(&[200], true), Some(-56.0));
    }
}
