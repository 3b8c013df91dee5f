//! A file that is looked at: a section of it as a picture, parts of that at full size, its values, and what bits would do to
//! them.

use std::ops::ControlFlow;

use e2compress_core::words::{self, BitsWords};
use e2compress_core::{
    BitsPlan, Error, ExpandOptions, ImagePlan, Images, Info, Picture, PixelType, Prediction, Section, Stored,
};
use js_sys::{Float32Array, Function, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::input::{Input, Sources};
use crate::opened::Opened;
use crate::plain::plain;
use crate::progress::Callback;
use crate::rendering::Rendering;
use crate::settings::Settings;

/// A section of a file that is open, held if it is not too large, see the core's `Section`.
#[wasm_bindgen]
pub struct Look(Section);

#[wasm_bindgen]
impl Look {
    /// Opens a section of an image, the middle one without a number.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &Opened, image: u32, section: Option<u32>) -> Result<Self, JsError> {
        Ok(Self(Section::open(file.images(), image, section)?))
    }

    /// The number of its section in the image.
    #[must_use]
    pub fn section(&self) -> u32 {
        self.0.section
    }

    /// The section with at most so many pixels along the longer side. `file` is read if the section is not held.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    pub fn picture(&self, file: &Opened, most: u32) -> Result<JsValue, JsError> {
        let picture = self.0.picture(file.images(), most)?;
        // A picture is there for as long as its pixels are, whatever else is damaged.
        let attributes = file.images().attributes(picture.image).unwrap_or_default();
        let described = Described { attributes: words::attributes(&attributes), picture: &picture };
        with_arrays(&described, &[("values", &picture.values)])
    }

    /// What lies within the section of so many columns and rows from a place on.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    pub fn crop(&self, file: &Opened, x: f64, y: f64, nx: u32, ny: u32) -> Result<JsValue, JsError> {
        let crop = self.0.crop(file.images(), [x as i64, y as i64], [nx, ny])?;
        with_arrays(&crop, &[("values", &crop.values)])
    }

    /// How often each value is there.
    ///
    /// # Errors
    /// What is wrong with the file, in the core's words.
    pub fn histogram(&self, file: &Opened) -> Result<JsValue, JsError> {
        plain(&self.0.histogram(file.images())?)
    }
}

/// A picture, and what its image brings along.
#[derive(Serialize)]
struct Described<'a> {
    #[serde(flatten)]
    picture: &'a Picture,
    /// The name of each attribute, and its value in words.
    attributes: Vec<(String, String)>,
}

/// A crop of `nx` columns as codes of so many bits store it that span the values from `low` to `high`, or, where they are
/// `kept`, as the input's own codes of so many bits do.
///
/// # Errors
/// When bits or ends mean nothing, in the core's words.
#[wasm_bindgen]
pub fn stored(
    pixels: &[f32],
    nx: u32,
    low: f32,
    high: f32,
    bits: i32,
    kept: bool,
) -> Result<JsValue, JsError> {
    let stored = if kept {
        Stored::kept(nx, pixels, bits.into())?
    } else {
        Stored::of(nx, pixels, (low, high), bits.into())?
    };
    with_arrays(&stored, &[("values", &stored.values), ("difference", &stored.difference)])
}

/// The plan of an image for the page.
#[derive(Serialize)]
struct Planned<'a> {
    plan: &'a ImagePlan,
    heading: String,
    facts: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    /// The rows beyond the table: what the settings choose may be one of them.
    beyond: Vec<Row>,
    words: String,
    /// The part of the information that may be lost at any frequency, and in words.
    allowed: Option<f64>,
    allowed_words: Option<String>,
    /// Frequencies of each density of the noise, in cycles per pixel.
    noise_bands: Vec<(f64, f64)>,
    /// Edge of a pixel along both sides of a section, in Angstrom.
    pixel_size: Option<f32>,
}

/// A row of the table in words, and what its codes span.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    words: BitsWords,
    low: f32,
    high: f32,
    lost: bool,
    exact: bool,
}

impl Row {
    fn new((plan, words): (&BitsPlan, BitsWords)) -> Self {
        let &BitsPlan { low, high, lost, exact, .. } = plan;
        Self { words, low, high, lost, exact }
    }
}

/// What each number of bits would cost an image, within the limits of the settings. `progress` is called with bytes done and
/// bytes in all.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn plan(
    file: &Input,
    name: &str,
    rendering: Rendering,
    image: u32,
    settings: &Settings,
    progress: &Function,
) -> Result<JsValue, JsError> {
    let mut found = None;
    let mut take = |planned: ImagePlan| {
        found = Some(planned);
        ControlFlow::Break(())
    };
    let pixel_size = with_images(file, name, rendering, |images| {
        if image >= images.images() {
            return Err(Error::NoSuchImage { image, images: images.images() });
        }
        let size = Info::pixel_size_of(&*images, image)?;
        let part = image..image.saturating_add(1);
        let progress = &Callback::new(progress);
        e2compress_core::plan_some(&*images, &[part], name, settings.options(), &mut take, progress)?;
        Ok(size.and_then(square))
    })?;
    let plan = found.as_ref().ok_or_else(|| JsError::new("the image was not planned"))?;
    plain(&Planned {
        plan,
        heading: plan.heading(),
        facts: plan.facts(None),
        rows: plan.rows().into_iter().map(Row::new).collect(),
        beyond: plan.beyond().into_iter().map(Row::new).collect(),
        words: plan.choice_words(),
        allowed: plan.allowed(),
        allowed_words: plan.allowed().map(words::percent),
        noise_bands: plan.noise_bands(),
        pixel_size,
    })
}

/// The edge of a pixel that has two of one length, which is more than nothing: a spectrum has one scale for all directions.
fn square([x, y, _]: [f32; 3]) -> Option<f32> {
    (x == y && x > 0.0).then_some(x)
}

/// A prediction, and its words.
#[derive(Serialize)]
struct Predicted<'a> {
    #[serde(flatten)]
    prediction: &'a Prediction,
    words: String,
    /// How large the output would be.
    size: String,
    /// That images would show nothing any more; `None` where none of those looked at would.
    lost_words: Option<&'static str>,
    /// Part of the information that would be kept; `None` where nothing is known of it.
    kept: Option<String>,
    /// What a plan of the whole file closes with.
    lines: Vec<String>,
}

/// What compressing a file would come to, from as many of its images as say enough. `progress` is called with bytes done and
/// bytes in all.
///
/// # Errors
/// What is wrong with the file, in the core's words.
#[wasm_bindgen]
pub fn predict(
    file: &Input,
    name: &str,
    rendering: Rendering,
    settings: &Settings,
    progress: &Function,
) -> Result<JsValue, JsError> {
    told(&with_images(file, name, rendering, |images| {
        let most = e2compress_core::enough(&*images);
        e2compress_core::predict(&*images, name, settings.options(), most, &Callback::new(progress))
    })?)
}

/// What a file would come to as MRC, without a `mode` in its original's.
///
/// # Errors
/// What is wrong with the file or the mode, in the core's words.
#[wasm_bindgen(js_name = predictExpansion)]
pub fn predict_expansion(
    file: &Input,
    name: &str,
    rendering: Rendering,
    mode: Option<i32>,
) -> Result<JsValue, JsError> {
    let options = ExpandOptions { mode: mode_of(mode)?, ..ExpandOptions::default() };
    told(&with_images(file, name, rendering, |images| {
        e2compress_core::predict_expansion(&*images, &options)
    })?)
}

/// The type that a mode's number names.
pub fn mode_of(mode: Option<i32>) -> Result<Option<PixelType>, JsError> {
    let known =
        |number| PixelType::from_mrc_mode(number).ok_or_else(|| JsError::new("use mode 0, 1, 2, 6 or 12"));
    mode.map(known).transpose()
}

fn told(prediction: &Prediction) -> Result<JsValue, JsError> {
    plain(&Predicted {
        words: prediction.words(),
        size: prediction.size(),
        lost_words: prediction.lost_words(),
        kept: prediction.loss.map(words::kept),
        lines: prediction.lines(),
        prediction,
    })
}

/// Opens a file for one question.
fn with_images<T>(
    file: &Input,
    name: &str,
    rendering: Rendering,
    ask: impl for<'s> FnOnce(Box<dyn Images + 's>) -> Result<T, Error>,
) -> Result<T, JsError> {
    let sources = Sources::of(file);
    let input = sources.open(name, rendering)?;
    Ok(ask(input)?)
}

/// A plain object with arrays of pixels, each in memory of its own.
fn with_arrays(value: &impl Serialize, arrays: &[(&str, &[f32])]) -> Result<JsValue, JsError> {
    let object = plain(value)?;
    for &(name, values) in arrays {
        Reflect::set(&object, &name.into(), &Float32Array::from(values))
            .map_err(|_| JsError::new("the module made no object"))?;
    }
    Ok(object)
}
