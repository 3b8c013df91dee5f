//! Room for another thread, where memory is limited.

use std::hint::black_box;
use std::io;

/// Bytes of memory that must be left when a thread starts: more than 32 MiB, which the C library never takes from
/// what it has already (`M_MMAP_THRESHOLD` in mallopt(3)).
const BYTES: usize = 48 << 20;

/// Finds room for a thread to begin in. Where there is none it would not fail to start, but end the program.
pub fn find() -> io::Result<()> {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(BYTES)?;
    drop(black_box(room));
    Ok(())
}
