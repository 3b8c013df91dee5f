//! The header of a SPIDER file, or of an image in a stack: 32-bit floats, words counted from 1.

use crate::formats::fields::{Fields, order_name};
use crate::formats::pixel_size;
use crate::image::{Attributes, Shape};

/// Bytes of a header that mean something.
pub const HEADER_BYTES: usize = 1024;

/// Words, from 1.
mod word {
    pub const NSLICE: usize = 1;
    pub const NROW: usize = 2;
    pub const IREC: usize = 3;
    pub const IFORM: usize = 5;
    pub const NSAM: usize = 12;
    pub const LABREC: usize = 13;
    pub const ANGVALID: usize = 14;
    pub const SCALE: usize = 21;
    pub const LABBYT: usize = 22;
    pub const LENBYT: usize = 23;
    pub const ISTACK: usize = 24;
    pub const MAXIM: usize = 26;
    pub const IMGNUM: usize = 27;
    pub const KANGLE: usize = 30;
    pub const PIXEL_SIZE: usize = 38;
}

/// Kinds of images: a picture, a volume, and transforms of both.
const FORMS: [f32; 6] = [1.0, 3.0, -11.0, -12.0, -21.0, -22.0];

/// Whole numbers of a header stay below this.
const MOST: f32 = 16_777_216.0;

/// Attributes that are whole numbers, as EMAN2 names them.
const INTS: [(&str, usize); 9] = [
    ("SPIDER.nslice", word::NSLICE),
    ("SPIDER.type", word::IFORM),
    ("SPIDER.headrec", word::LABREC),
    ("SPIDER.angvalid", word::ANGVALID),
    ("SPIDER.headlen", word::LABBYT),
    ("SPIDER.reclen", word::LENBYT),
    ("SPIDER.istack", word::ISTACK),
    ("SPIDER.imgnum", word::IMGNUM),
    ("SPIDER.Kangle", word::KANGLE),
];

/// Attributes that are floats.
const FLOATS: [(&str, usize); 4] =
    [("SPIDER.irec", word::IREC), ("SPIDER.dx", 18), ("SPIDER.dy", 19), ("SPIDER.dz", 20)];

/// Angles, which are valid or not.
const ANGLES: [(&str, usize); 3] = [("SPIDER.phi", 15), ("SPIDER.theta", 16), ("SPIDER.gamma", 17)];

/// Angles of a second and a third rotation.
const FURTHER_ANGLES: [[(&str, usize); 3]; 2] = [
    [("SPIDER.phi1", 31), ("SPIDER.theta1", 32), ("SPIDER.psi1", 33)],
    [("SPIDER.phi2", 34), ("SPIDER.theta2", 35), ("SPIDER.psi2", 36)],
];

/// Where texts are, and how long.
const DATE: (usize, usize) = (844, 11);
const TIME: (usize, usize) = (856, 8);
const TITLE: (usize, usize) = (864, 160);

/// A header whose byte order is known.
pub struct Header<'a> {
    fields: Fields<'a>,
}

impl<'a> Header<'a> {
    /// Takes bytes for a header in this byte order.
    pub fn new(bytes: &'a [u8], big_endian: bool) -> Self {
        Self { fields: Fields::new(bytes, big_endian) }
    }

    /// Finds the byte order in which bytes are a header, if there is one.
    pub fn recognise(bytes: &'a [u8]) -> Option<Self> {
        [false, true].map(|big_endian| Self::new(bytes, big_endian)).into_iter().find(Self::makes_sense)
    }

    fn makes_sense(&self) -> bool {
        let whole = |word| {
            let value = self.word(word);
            value.fract() == 0.0 && (1.0..MOST).contains(&value)
        };
        let sections = whole(word::NSLICE) || self.word(word::NSLICE) == -1.0;
        // Products of whole numbers below 2^24 are told apart in 64 bits.
        let wide = |word| f64::from(self.word(word));
        sections
            && [word::NROW, word::NSAM, word::LABREC, word::LABBYT, word::LENBYT].into_iter().all(whole)
            && FORMS.contains(&self.word(word::IFORM))
            && wide(word::LABBYT) == wide(word::LABREC) * wide(word::LENBYT)
            && wide(word::LENBYT) == 4.0 * wide(word::NSAM)
            && wide(word::LABBYT) >= HEADER_BYTES as f64
    }

    fn word(&self, word: usize) -> f32 {
        self.fields.f32(4 * (word - 1))
    }

    /// Tells whether the most significant byte of numbers comes first.
    pub fn big_endian(&self) -> bool {
        self.fields.big_endian
    }

    /// Returns the number of the kind of images.
    pub fn form(&self) -> f32 {
        self.word(word::IFORM)
    }

    /// Returns the extent. Ancient images have -1 sections.
    pub fn shape(&self) -> Shape {
        let [nx, ny, nz] = [word::NSAM, word::NROW, word::NSLICE].map(|word| self.word(word) as u32);
        Shape { nx, ny, nz: nz.max(1) }
    }

    /// Counts the bytes of a header.
    pub fn bytes(&self) -> u64 {
        self.word(word::LABBYT) as u64
    }

    /// Returns whether it is of a stack: above 0, of one with an index below.
    pub fn stack(&self) -> f32 {
        self.word(word::ISTACK)
    }

    /// Returns the images of a stack.
    pub fn count(&self) -> f32 {
        self.word(word::MAXIM)
    }

    /// Tells whether the header of an image is that of an unused place, without a size.
    pub fn is_unused(&self) -> bool {
        [word::NSAM, word::NROW].into_iter().all(|word| self.word(word) == 0.0)
    }

    /// Adds what it says of an image.
    pub fn describe(&self, attributes: &mut Attributes) {
        let size = f64::from(self.word(word::PIXEL_SIZE));
        pixel_size::describe([size; 3], attributes);
        for (name, word) in INTS {
            attributes.int(name, self.word(word) as i32);
        }
        for (name, word) in FLOATS {
            attributes.float(name, self.word(word));
        }
        if self.stack() > 0.0 {
            attributes.int("SPIDER.maxim", self.count() as i32);
        }
        if self.word(word::ANGVALID) != 0.0 {
            for (name, word) in ANGLES {
                attributes.float(name, self.word(word));
            }
        }
        let further = self.word(word::KANGLE).clamp(0.0, FURTHER_ANGLES.len() as f32) as usize;
        for (name, word) in FURTHER_ANGLES.into_iter().take(further).flatten() {
            attributes.float(name, self.word(word));
        }
        if self.word(word::SCALE) > 0.0 {
            attributes.float("SPIDER.scale", self.word(word::SCALE));
        }
        self.describe_texts(attributes);
        attributes.text("ImageEndian", order_name(self.big_endian()));
    }

    /// Adds date, time and title. EMAN2 writes them one after the other; SPIDER starts each on a word.
    fn describe_texts(&self, attributes: &mut Attributes) {
        let after_date = self.fields.text(DATE.0 + DATE.1, 1).first().copied().unwrap_or(0);
        let by_eman2 = usize::from(!matches!(after_date, 0 | b' '));
        for (name, (at, length)) in [
            ("SPIDER.date", DATE),
            ("SPIDER.time", (TIME.0 - by_eman2, TIME.1)),
            ("SPIDER.title", (TITLE.0 - by_eman2, TITLE.1)),
        ] {
            attributes.text(name, self.fields.text(at, length));
        }
    }
}
