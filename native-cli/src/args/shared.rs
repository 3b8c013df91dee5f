//! Options that several commands have.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use e2compress_core::{EerRendering, EerSums, LimitRule, Upsampling};

use super::values::{
    MOST_THREADS, fractions, grouping, limits, settle, sigmas, threads, upsampling, verbosity,
};

/// The options of everything that takes many files.
#[derive(Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "every flag of the command line is one")]
pub struct Common {
    /// Folder for the outputs, created if missing
    #[arg(long, value_name = "FOLDER", overrides_with = "outpath")]
    pub outpath: Option<PathBuf>,

    #[command(flatten)]
    pub threads: Threads,

    /// Stop after the first file that fails
    #[arg(long, conflicts_with = "keep_going")]
    pub fail_fast: bool,

    /// Continue with the other files when one fails: the default
    #[arg(long)]
    keep_going: bool,

    /// Say what would be done, with predicted sizes, warnings and failures, and exit with that status; nothing is written. A
    /// few images of each file are measured: what takes all pixels shows in the run alone
    #[arg(long)]
    pub dry_run: bool,

    /// Leave files for later that changed less than this many seconds ago, and may still be written [default: 0]
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true, value_parser = settle, allow_hyphen_values = true, overrides_with = "settle")]
    pub settle: u64,

    #[command(flatten)]
    pub quiet: Quiet,

    /// 0 to 9; above 0, the number of threads and the time and speed of each file are printed as well
    #[arg(long, short, value_name = "LEVEL", default_value_t = 0, value_parser = verbosity, allow_hyphen_values = true, overrides_with = "verbose")]
    pub verbose: u8,

    #[command(flatten)]
    pub strictness: Strictness,
}

/// How much is said.
#[derive(Args, Clone, Copy, Debug)]
pub struct Quiet {
    /// Print errors and warnings alone: no notes, no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// What warnings mean.
#[derive(Args, Clone, Copy, Debug)]
pub struct Strictness {
    /// Exit with status 1 if there was any warning; outputs stay. Notes, such as of inputs that changed just before they were
    /// read, are no warnings
    #[arg(long)]
    pub strict: bool,
}

/// The range of values that is kept.
#[derive(Args, Clone, Copy, Debug)]
pub struct Limiting {
    /// Leave out a few of the most extreme values at both ends
    #[arg(long, conflicts_with_all = ["range", "sigrange"], overrides_with = "nooutliers")]
    nooutliers: bool,

    /// Smallest and largest value to keep, such as --range=-1.5,2
    #[arg(long, value_name = "MIN,MAX", value_parser = limits, allow_hyphen_values = true, conflicts_with = "sigrange", overrides_with = "range")]
    range: Option<LimitRule>,

    /// Standard deviations below and above the mean to keep, such as 4,4
    #[arg(long, value_name = "BELOW,ABOVE", value_parser = sigmas, allow_hyphen_values = true, overrides_with = "sigrange")]
    sigrange: Option<LimitRule>,
}

impl Limiting {
    /// Returns the rule that is asked for, if one is.
    pub fn rule(self) -> Option<LimitRule> {
        let without_outliers = self.nooutliers.then_some(LimitRule::NoOutliers);
        self.range.or(self.sigrange).or(without_outliers)
    }
}

/// The number of worker threads.
#[derive(Args, Debug)]
pub struct Threads {
    /// Worker threads, 1 to 1024 [default: the cores this process may use]
    #[arg(long, short = 'j', value_name = "N", value_parser = threads, allow_hyphen_values = true, overrides_with = "threads")]
    threads: Option<NonZeroUsize>,
}

impl Threads {
    /// Returns as many as asked for, or as affinity and control group allow.
    pub fn count(&self) -> usize {
        let allowed = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(allowed).get().min(MOST_THREADS)
    }
}

/// How inputs are read.
#[derive(Args, Debug)]
pub struct Reading {
    /// Read the bytes of MRC and TIFF files as pixels even where they are pairs of 4-bit pixels, which are otherwise
    /// unpacked
    #[arg(long)]
    pub no_unpack: bool,

    /// Read pixels that an HDF5 file has in other files, of its own folder or below; needs a build with libhdf5
    #[arg(long)]
    pub allow_external: bool,

    #[command(flatten)]
    eer: EerReading,
}

/// What is made of EER files.
#[derive(Args, Clone, Copy, Debug)]
struct EerReading {
    /// Sum the frames of each EER movie to N images; frames left over at the end are dropped
    #[arg(long = "eer-fractions", value_name = "N", value_parser = fractions, allow_hyphen_values = true, conflicts_with = "grouping", overrides_with = "fractions")]
    fractions: Option<EerSums>,

    /// Sum N frames of each EER movie for an image; frames left over at the end are dropped
    #[arg(long = "eer-grouping", value_name = "N", value_parser = grouping, allow_hyphen_values = true, overrides_with = "grouping")]
    grouping: Option<EerSums>,

    /// How finely EER movies are rendered: 1 (the sensor's pixels), 2 or 4 pixels along each side of one [default: 1]
    #[arg(long = "eer-upsampling", value_name = "FACTOR", value_parser = upsampling, allow_hyphen_values = true, overrides_with = "upsampling")]
    upsampling: Option<Upsampling>,
}

impl Reading {
    /// Returns what is made of EER files, if anything is asked for.
    pub fn eer(&self) -> Option<EerRendering> {
        let EerReading { fractions, grouping, upsampling } = self.eer;
        let sums = fractions.or(grouping);
        (sums.is_some() || upsampling.is_some()).then(|| EerRendering {
            sums: sums.unwrap_or_default(),
            upsampling: upsampling.unwrap_or_default(),
        })
    }
}
