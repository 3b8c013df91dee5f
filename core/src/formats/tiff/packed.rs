//! 4-bit counts, two a byte, in pages that say they are of bytes.
//!
//! `SerialEM` can save counted super-resolution frames of K2 and K3 so, and no tag says it: IMOD and RELION know
//! these pages by their size.

use super::page::Page;
use crate::image::PixelType;

/// Columns and rows of pages whose bytes are pairs of pixels: K3's 11520 x 8184 and K2's 7676 x 7420, each also turned.
const PACKED: [(u32, u32); 4] = [(5760, 8184), (4092, 11520), (3838, 7420), (3710, 7676)];

/// Tells whether a page's bytes are pairs of pixels.
pub fn is_packed(page: &Page) -> bool {
    page.kind == PixelType::U8 && PACKED.contains(&(page.width, page.height))
}
