//! The fields of the FEI1 and FEI2 extended header record, as EMAN2 names them.
//!
//! Source: "MRC2014 file image format specification" of Thermo Fisher Scientific's EPU (2.9), and
//! EMAN2 for the names. The record is packed and little-endian whatever the image is.

use Kind::{Bool, Double, Int, Text, Time};

/// Stored form of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 32-bit signed integer.
    Int,
    /// 64-bit float.
    Double,
    /// A byte, 0 for false.
    Bool,
    /// Text of this many bytes, NUL-padded.
    Text(usize),
    /// Microseconds since 1970 in UTC, a 64-bit signed integer.
    Time,
}

/// The flag that tells whether a field was recorded: a bit of one of the four bit masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Offset of the mask in the record.
    pub mask: usize,
    /// Bit in the mask, 0 the lowest.
    pub bit: u32,
}

/// A field of the record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name after `EMAN.FEIMRC.`.
    pub name: &'static str,
    /// Bytes from the start of the record.
    pub offset: usize,
    /// Stored form.
    pub kind: Kind,
    /// Flag that tells whether the field was recorded; `None` where it always is.
    pub flag: Option<Flag>,
}

/// Offsets of the four bit masks in the record.
const MASKS: [usize; 4] = [8, 297, 490, 748];

const fn bit(mask: usize, bit: u32) -> Flag {
    Flag { mask: MASKS[mask - 1], bit }
}

const fn always(name: &'static str, offset: usize, kind: Kind) -> Field {
    Field { name, offset, kind, flag: None }
}

const fn field(name: &'static str, offset: usize, kind: Kind, flag: Flag) -> Field {
    Field { name, offset, kind, flag: Some(flag) }
}

/// Every field, in the order of the record.
pub const FIELDS: &[Field] = &[
    always("metadata_size", 0, Int),
    always("metadata_version", 4, Int),
    field("timestamp", 12, Double, bit(1, 0)),
    field("microscope_type", 20, Text(16), bit(1, 1)),
    field("d_number", 36, Text(16), bit(1, 2)),
    field("application", 52, Text(16), bit(1, 3)),
    field("application_version", 68, Text(16), bit(1, 4)),
    field("ht", 84, Double, bit(1, 5)),
    field("dose", 92, Double, bit(1, 6)),
    field("alpha_tilt", 100, Double, bit(1, 7)),
    field("beta_tilt", 108, Double, bit(1, 8)),
    field("x_stage", 116, Double, bit(1, 9)),
    field("y_stage", 124, Double, bit(1, 10)),
    field("z_stage", 132, Double, bit(1, 11)),
    field("tilt_axis_angle", 140, Double, bit(1, 12)),
    field("dual_axis_rotation", 148, Double, bit(1, 13)),
    field("pixel_size_x", 156, Double, bit(1, 14)),
    field("pixel_size_y", 164, Double, bit(1, 15)),
    field("defocus", 220, Double, bit(1, 22)),
    field("stem_defocus", 228, Double, bit(1, 23)),
    field("applied_defocus", 236, Double, bit(1, 24)),
    field("instrument_mode", 244, Int, bit(1, 25)),
    field("projection_mode", 248, Int, bit(1, 26)),
    field("objective_lens_mode", 252, Text(16), bit(1, 27)),
    field("high_magnification_mode", 268, Text(16), bit(1, 28)),
    field("probe_mode", 284, Int, bit(1, 29)),
    field("eftem_on", 288, Bool, bit(1, 30)),
    field("magnification", 289, Double, bit(1, 31)),
    field("camera_length", 301, Double, bit(2, 0)),
    field("spot_index", 309, Int, bit(2, 1)),
    field("illuminated_area", 313, Double, bit(2, 2)),
    field("intensity", 321, Double, bit(2, 3)),
    field("convergence_angle", 329, Double, bit(2, 4)),
    field("illumination_mode", 337, Text(16), bit(2, 5)),
    field("wide_convergence_angle_range", 353, Bool, bit(2, 6)),
    field("slit_inserted", 354, Bool, bit(2, 7)),
    field("slit_width", 355, Double, bit(2, 8)),
    field("acceleration_voltage_offset", 363, Double, bit(2, 9)),
    field("drift_tube_voltage", 371, Double, bit(2, 10)),
    field("energy_shift", 379, Double, bit(2, 11)),
    field("shift_offset_x", 387, Double, bit(2, 12)),
    field("shift_offset_y", 395, Double, bit(2, 13)),
    field("shift_x", 403, Double, bit(2, 14)),
    field("shift_y", 411, Double, bit(2, 15)),
    field("integration_time", 419, Double, bit(2, 16)),
    field("binning_width", 427, Int, bit(2, 17)),
    field("binning_height", 431, Int, bit(2, 18)),
    field("camera_name", 435, Text(16), bit(2, 19)),
    field("readout_area_left", 451, Int, bit(2, 20)),
    field("readout_area_top", 455, Int, bit(2, 21)),
    field("readout_area_right", 459, Int, bit(2, 22)),
    field("readout_area_bottom", 463, Int, bit(2, 23)),
    field("ceta_noise_reduction", 467, Bool, bit(2, 24)),
    field("ceta_frames_summed", 468, Int, bit(2, 25)),
    field("direct_detector_electron_counting", 472, Bool, bit(2, 26)),
    field("direct_detector_align_frames", 473, Bool, bit(2, 27)),
    field("camera_param_reserved_0", 474, Int, bit(2, 28)),
    field("camera_param_reserved_1", 478, Int, bit(2, 29)),
    field("camera_param_reserved_2", 482, Int, bit(2, 30)),
    field("camera_param_reserved_3", 486, Int, bit(2, 31)),
    field("camera_param_reserved_4", 494, Int, bit(3, 0)),
    field("camera_param_reserved_5", 498, Int, bit(3, 1)),
    field("camera_param_reserved_6", 502, Int, bit(3, 2)),
    field("camera_param_reserved_7", 506, Int, bit(3, 3)),
    field("camera_param_reserved_8", 510, Int, bit(3, 4)),
    field("camera_param_reserved_9", 514, Int, bit(3, 5)),
    field("phase_plate", 518, Bool, bit(3, 6)),
    field("stem_detector_name", 519, Text(16), bit(3, 7)),
    field("gain", 535, Double, bit(3, 8)),
    field("offset", 543, Double, bit(3, 9)),
    field("stem_param_reserved_0", 551, Int, bit(3, 10)),
    field("stem_param_reserved_1", 555, Int, bit(3, 11)),
    field("stem_param_reserved_2", 559, Int, bit(3, 12)),
    field("stem_param_reserved_3", 563, Int, bit(3, 13)),
    field("stem_param_reserved_4", 567, Int, bit(3, 14)),
    field("dwell_time", 571, Double, bit(3, 15)),
    field("frame_time", 579, Double, bit(3, 16)),
    field("scan_size_left", 587, Int, bit(3, 17)),
    field("scan_size_top", 591, Int, bit(3, 18)),
    field("scan_size_right", 595, Int, bit(3, 19)),
    field("scan_size_bottom", 599, Int, bit(3, 20)),
    field("full_scan_fov_x", 603, Double, bit(3, 21)),
    field("full_scan_fov_y", 611, Double, bit(3, 22)),
    field("element", 619, Text(16), bit(3, 23)),
    field("energy_interval_lower", 635, Double, bit(3, 24)),
    field("energy_interval_higher", 643, Double, bit(3, 25)),
    field("method", 651, Int, bit(3, 26)),
    field("is_dose_fraction", 655, Bool, bit(3, 27)),
    field("fraction_number", 656, Int, bit(3, 28)),
    field("start_frame", 660, Int, bit(3, 29)),
    field("end_frame", 664, Int, bit(3, 30)),
    field("input_stack_filename", 668, Text(80), bit(3, 31)),
    field("alpha_tilt_min", 752, Double, bit(4, 0)),
    field("alpha_tilt_max", 760, Double, bit(4, 1)),
    field("scan_rotation", 768, Double, bit(4, 2)),
    field("diffraction_pattern_rotation", 776, Double, bit(4, 3)),
    field("image_rotation", 784, Double, bit(4, 4)),
    field("scan_mode_enumeration", 792, Int, bit(4, 5)),
    field("acquisition_time_stamp", 796, Time, bit(4, 6)),
    field("detector_commercial_name", 804, Text(16), bit(4, 7)),
    field("start_tilt_angle", 820, Double, bit(4, 8)),
    field("end_tilt_angle", 828, Double, bit(4, 9)),
    field("tilt_per_image", 836, Double, bit(4, 10)),
    field("tilt_speed", 844, Double, bit(4, 11)),
    field("beam_center_x_pixel", 852, Int, bit(4, 12)),
    field("beam_center_y_pixel", 856, Int, bit(4, 13)),
    field("cfeg_flash_timestamp", 860, Time, bit(4, 14)),
    field("phase_plate_position_index", 868, Int, bit(4, 15)),
    field("objective_aperture_name", 872, Text(16), bit(4, 16)),
];
