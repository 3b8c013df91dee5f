//! Options that several commands have.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use e2compress_core::LimitRule;

use super::values::{MOST_THREADS, limits, sigmas, threads};

/// The options of everything that takes many files.
#[derive(Args, Debug)]
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

    /// 0 to 9; above 0, the number of threads and the time and speed of each file are printed as well
    #[arg(long, short, value_name = "LEVEL", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=9), overrides_with = "verbose")]
    pub verbose: u8,

    #[command(flatten)]
    pub strictness: Strictness,
}

/// What warnings mean.
#[derive(Args, Clone, Copy, Debug)]
pub struct Strictness {
    /// Exit with status 1 if there was any warning; outputs stay
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
    #[arg(long, value_name = "N", value_parser = threads, overrides_with = "threads")]
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
}
