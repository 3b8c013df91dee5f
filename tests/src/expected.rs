//! The tables of what EMAN2 stored and what must be stored.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// A table.
#[derive(Deserialize, Clone, Debug)]
pub struct Table {
    /// For each input, for each of its images, the attributes that come from the input.
    pub inputs: BTreeMap<String, Vec<BTreeMap<String, Attribute>>>,
    /// An input under one option set.
    pub cases: Vec<Case>,
}

/// One input under one option set.
#[derive(Deserialize, Clone, Debug)]
pub struct Case {
    /// File name.
    pub input: String,
    /// Name of the option set.
    pub options: String,
    /// Its images.
    pub images: Vec<Image>,
}

/// One image of a case.
#[derive(Deserialize, Clone, Debug)]
pub struct Image {
    /// EMAN2's number for the stored type.
    pub datatype: i32,
    /// What EMAN2 stored as the dataset's extent, where it stored one.
    pub shape: Option<Vec<usize>>,
    /// What must be stored; the same as EMAN2 stored where the table has no word of its own.
    #[serde(default)]
    pub correct: Option<Correct>,
    /// What EMAN2 stored.
    #[serde(flatten)]
    pub stored: Option<Correct>,
}

impl Image {
    /// What must be stored.
    ///
    /// # Panics
    /// When the table does not say.
    #[must_use]
    pub fn must(&self) -> &Correct {
        self.correct.as_ref().or(self.stored.as_ref()).expect("the table says what is stored")
    }
}

/// What must be stored.
#[derive(Deserialize, Clone, Debug)]
pub struct Correct {
    /// Of the codes, little-endian.
    pub sha256: String,
    /// Element type as NumPy names it.
    pub dtype: String,
    /// `EMAN.stored_rendermin`, absent for floats.
    pub stored_rendermin: Option<f64>,
    /// `EMAN.stored_rendermax`.
    pub stored_rendermax: Option<f64>,
    /// `EMAN.stored_renderbits`.
    pub stored_renderbits: Option<i32>,
    /// `EMAN.stored_truncated`.
    pub stored_truncated: Option<i32>,
    /// Extent of the dataset, where it is not the one EMAN2 stored.
    pub shape: Option<Vec<usize>>,
    /// Codes, statistics and source are those of the input.
    #[serde(default)]
    pub kept: bool,
}

/// A typed value.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// 32-bit integers.
    pub i32: Option<Vec<i32>>,
    /// 32-bit floats.
    pub f32: Option<Vec<f64>>,
    /// 64-bit floats.
    pub f64: Option<Vec<f64>>,
    /// Bytes.
    pub i8: Option<Vec<i8>>,
    /// Text, with `size`.
    pub string: Option<String>,
    /// Stored size, NUL included.
    pub size: Option<usize>,
}

impl Table {
    /// Reads a table.
    ///
    /// # Panics
    /// When it is not there or is not one.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        // Python writes numbers that JSON does not have; none of them is among the fields used here.
        let text = text.replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null");
        serde_json::from_str(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
    }
}
