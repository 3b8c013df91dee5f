//! Memory for whole images, in large pages where the system has them.

use e2compress_core::Buffer;
use memmap2::MmapMut;

/// Allocates zeroed memory in large pages: getting a micrograph's memory in pages of 4 KiB costs as much
/// time as quantising it.
pub fn allocate(bytes: usize) -> Buffer {
    match MmapMut::map_anon(bytes.max(1)) {
        Ok(map) => {
            // Advice that is not taken costs time, nothing else.
            #[cfg(target_os = "linux")]
            let _ = map.advise(memmap2::Advice::HugePage);
            Box::new(map)
        }
        // As for any memory that is not there, the program ends.
        Err(_) => Box::new(vec![0; bytes]),
    }
}
