//! What can be wrong with a SPIDER file.

use crate::image::MAX_SIDE;

/// Why a file cannot be taken for SPIDER images.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpiderError {
    /// Transforms.
    #[error(
        "the SPIDER file holds a Fourier transform (iform {0}, header word 5), which codes cannot represent; transform it \
         back in SPIDER (FT)"
    )]
    Fourier(f32),
    /// Indexed stacks.
    #[error(
        "the SPIDER file is an indexed stack (istack {0}, header word 24), which is not read; copy its images into an \
         ordinary stack in SPIDER (CP)"
    )]
    Indexed(f32),
    /// Numbers of images that cannot be.
    #[error(
        "the SPIDER stack says that it has {0} images (maxim, header word 26), which cannot be; copy it again from where it came"
    )]
    Count(f32),
    /// Sides that no image has.
    #[error("the SPIDER file's images are {nx} x {ny} x {nz}: sides must be below {MAX_SIDE}")]
    Sides {
        /// Columns.
        nx: u32,
        /// Rows.
        ny: u32,
        /// Sections.
        nz: u32,
    },
    /// Images of another size than the stack's.
    #[error(
        "image {image} of the SPIDER stack says that it is {found}, and the stack {first} (header at byte {at}); copy it again \
         from where it came"
    )]
    Differs {
        /// Its number, from 0.
        image: u32,
        /// Its size.
        found: String,
        /// That of the stack.
        first: String,
        /// Where its header starts.
        at: u64,
    },
    /// Fewer bytes than the header promises.
    #[error(
        "the SPIDER file is cut short: its header promises {promised} bytes, it has {found}; copy it again from where it \
         came"
    )]
    CutShort {
        /// Bytes that headers and pixels take.
        promised: u128,
        /// Bytes in the file.
        found: u64,
    },
}
