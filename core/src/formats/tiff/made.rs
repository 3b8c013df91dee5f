//! TIFF files that tests make: pages of bytes, `PackBits`.

use super::tag;

/// A file to be made.
#[derive(Clone)]
pub struct Made {
    pub width: u32,
    pub height: u32,
    /// Rows of a strip, or side of a tile.
    pub side: u32,
    pub tiled: bool,
    pub pages: u32,
    /// 32773, or 1 for no compression.
    pub compression: u32,
    /// Tags of every page that are other than usual; of kind 4, or text of kind 2.
    pub tags: Vec<(u16, u32)>,
    pub description: Vec<u8>,
    /// Tags that are left out.
    pub without: Vec<u16>,
    /// All pages name the strips of the first one.
    pub shared: bool,
}

/// Returns the pixels of an image as they must be read: its lowest row first.
pub fn pixels(width: u32, height: u32, image: u32) -> Vec<u8> {
    let pixel = |row: u32, column: u32| (row * 7 + column * 3 + image * 31) as u8;
    (0..height).rev().flat_map(|row| (0..width).map(move |column| pixel(row, column))).collect()
}

impl Made {
    pub fn strips(width: u32, height: u32, rows: u32) -> Self {
        Self {
            width,
            height,
            side: rows,
            tiled: false,
            pages: 3,
            compression: 32773,
            tags: Vec::new(),
            description: Vec::new(),
            without: Vec::new(),
            shared: false,
        }
    }

    pub fn tiles(width: u32, height: u32, side: u32) -> Self {
        Self { tiled: true, ..Self::strips(width, height, side) }
    }

    /// Returns the pieces of an image, stored.
    fn pieces(&self, image: u32) -> Vec<Vec<u8>> {
        let all = pixels(self.width, self.height, image);
        let row = |row: u32| &all[((self.height - 1 - row) * self.width) as usize..][..self.width as usize];
        let across = if self.tiled { self.width.div_ceil(self.side) } else { 1 };
        let mut pieces = Vec::new();
        for top in (0..self.height).step_by(self.side as usize) {
            for column in 0..across {
                let mut piece = Vec::new();
                for at in top..top + self.side {
                    let pixels = if at < self.height { row(at) } else { &[] };
                    if self.tiled {
                        let start = (column * self.side) as usize;
                        let part = pixels.get(start..pixels.len().min(start + self.side as usize));
                        let mut part = part.unwrap_or_default().to_vec();
                        part.resize(self.side as usize, 0xee);
                        piece.extend(part);
                    } else {
                        piece.extend(pixels);
                    }
                }
                pieces.push(match self.compression {
                    1 => piece,
                    _ => piece.chunks(128).flat_map(|run| [&[run.len() as u8 - 1], run].concat()).collect(),
                });
            }
        }
        pieces
    }

    /// Makes the file.
    pub fn file(&self) -> Vec<u8> {
        let mut file = b"II*\0\0\0\0\0".to_vec();
        let mut link = 4;
        let here = |file: &Vec<u8>| file.len() as u32;
        let (mut offsets, mut counts) = (Vec::new(), Vec::new());
        for image in 0..self.pages {
            if image == 0 || !self.shared {
                (offsets, counts) = (Vec::new(), Vec::new());
                for piece in self.pieces(image) {
                    offsets.push(here(&file));
                    counts.push(piece.len() as u32);
                    file.extend(piece);
                }
            }
            let description = here(&file);
            file.extend(&self.description);
            let mut entries: Vec<(u16, u16, u32, u32)> = Vec::new();
            let array = |file: &mut Vec<u8>, values: &[u32]| {
                let place = here(file);
                file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                if let [value] = values { *value } else { place }
            };
            let (at_tag, count_tag) = if self.tiled {
                (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
            } else {
                (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
            };
            let number = offsets.len() as u32;
            entries.push((at_tag, 4, number, array(&mut file, &offsets)));
            entries.push((count_tag, 4, number, array(&mut file, &counts)));
            let mut numbers = vec![
                (tag::IMAGE_WIDTH, self.width),
                (tag::IMAGE_LENGTH, self.height),
                (tag::BITS_PER_SAMPLE, 8),
                (tag::COMPRESSION, self.compression),
                (tag::PHOTOMETRIC, 1),
            ];
            if self.tiled {
                numbers.extend([(tag::TILE_WIDTH, self.side), (tag::TILE_LENGTH, self.side)]);
            } else {
                numbers.push((tag::ROWS_PER_STRIP, self.side));
            }
            for (tag, value) in &self.tags {
                numbers.retain(|(known, _)| known != tag);
                numbers.push((*tag, *value));
            }
            entries.extend(numbers.into_iter().map(|(tag, value)| (tag, 4, 1, value)));
            if !self.description.is_empty() {
                entries.push((tag::DESCRIPTION, 2, self.description.len() as u32, description));
            }
            entries.retain(|(tag, ..)| !self.without.contains(tag));
            let directory = here(&file);
            file[link..link + 4].copy_from_slice(&directory.to_le_bytes());
            file.extend((entries.len() as u16).to_le_bytes());
            for (tag, kind, count, value) in entries {
                file.extend(tag.to_le_bytes());
                file.extend(kind.to_le_bytes());
                file.extend(count.to_le_bytes());
                file.extend(value.to_le_bytes());
            }
            link = file.len();
            file.extend([0; 4]);
        }
        file
    }
}
