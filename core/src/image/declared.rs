//! The figures a file declares beside the pixels of an image.

/// The figures that a file states of one image; those that are missing say nothing. Names are EMAN2's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Declared {
    /// Columns.
    pub nx: Option<f64>,
    /// Rows.
    pub ny: Option<f64>,
    /// Sections.
    pub nz: Option<f64>,
    /// EMAN2's number for the stored type.
    pub datatype: Option<f64>,
    /// Bits of the codes.
    pub stored_renderbits: Option<f64>,
    /// Pixels that were outside the range.
    pub stored_truncated: Option<f64>,
    /// Smallest value.
    pub minimum: Option<f64>,
    /// Largest value.
    pub maximum: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub sigma: Option<f64>,
    /// Sum of squares.
    pub square_sum: Option<f64>,
    /// Mean of the values that are not 0.
    pub mean_nonzero: Option<f64>,
    /// Standard deviation of those.
    pub sigma_nonzero: Option<f64>,
    /// 1 if all values are integers.
    pub all_int: Option<f64>,
}
