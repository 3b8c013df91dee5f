//! The HDF5 writer against libhdf5: every boundary of its trees, headers and sizes.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use e2compress_core::Memory;
use e2compress_core::formats::hdf5::{
    Appender, Chunk, Dataset, ElementType, ObjectHeader, Storage, chunk_index, write_group,
};
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::image::PixelType;
use e2compress_core::image::Shape;
use e2compress_core::image::attributes::Value;
use e2compress_core::io::sink::Sink;
use e2compress_core::io::source::Source;
use e2compress_core::pipeline::tiling::Tiling;
use e2compress_core::{NoProgress, Options, PixelEncoding, compress};
use e2compress_fixtures::made;
use hdf5::{Hyperslab, Selection, SliceOrIndex};
use tempfile::tempdir;

/// A file that keeps zeros as holes.
struct SparseFile(File);

impl Sink for SparseFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if bytes.iter().all(|byte| *byte == 0) {
            let end = offset + bytes.len() as u64;
            if end > self.0.metadata()?.len() {
                self.0.set_len(end)?;
            }
            return Ok(());
        }
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }
}

fn sparse_file(path: &Path) -> SparseFile {
    SparseFile(OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path).unwrap())
}

/// A small contiguous dataset, to have something to link to.
fn tiny(out: &mut Appender<'_>, value: u8) -> u64 {
    let address = out.append(&[value; 4]).unwrap();
    let storage = Storage::Contiguous { address };
    let dataset = Dataset { dimensions: &[2, 2], element: ElementType::Number(PixelType::U8), storage };
    out.align().unwrap();
    out.append(&dataset.header().bytes()).unwrap()
}

#[test]
fn groups_that_split_nodes_at_every_level() {
    // 8 entries a symbol table node, 32 nodes a tree node: levels begin above 8, 256, 8192, 262144.
    for count in [0, 1, 7, 8, 9, 255, 256, 257, 8_191, 8_192, 8_193, 262_144, 262_145] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("group.h5");
        let mut bytes = Vec::new();
        let mut out = Appender::new(&mut bytes);
        let member = tiny(&mut out, 7);
        let name = |index: usize| format!("member{index:06}");
        let root = write_group(&mut out, count, |index| (name(index), member), ObjectHeader::new()).unwrap();
        out.finish(root).unwrap();
        std::fs::write(&path, &bytes).unwrap();

        let file = hdf5::File::open(&path).unwrap();
        let names = file.member_names().unwrap();
        assert_eq!(names.len(), count);
        assert!(names.iter().enumerate().all(|(index, found)| *found == name(index)), "{count}");
        for index in [0, count / 3, count / 2, count.saturating_sub(2), count.saturating_sub(1)] {
            if index < count {
                assert_eq!(file.dataset(&name(index)).unwrap().read_raw::<u8>().unwrap(), [7; 4]);
            }
        }
        assert!(file.dataset("member").is_err());
        assert!(file.dataset("zebra").is_err());
    }
}

#[test]
fn chunk_counts_around_every_node_boundary() {
    // 64 chunks a node.
    for count in [1u32, 2, 63, 64, 65, 4_095, 4_096, 4_097, 262_144, 262_145] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("chunks.h5");
        let mut bytes = Vec::new();
        let mut out = Appender::new(&mut bytes);
        // One zlib stream in stored form serves as every even chunk, another as every odd one.
        let stored = |value: u8| {
            let adler = 1 + u32::from(value);
            let mut stream = vec![0x78, 0x01, 1, 1, 0, 0xfe, 0xff, value];
            stream.extend(((adler << 16) | adler).to_be_bytes());
            stream
        };
        let chunks = [3u8, 5].map(|value| {
            let stream = stored(value);
            Chunk { address: out.append(&stream).unwrap(), size: stream.len() as u32 }
        });
        let all: Vec<Chunk> = (0..count as usize).map(|index| chunks[index % 2]).collect();
        let base = out.align().unwrap();
        let (index, root) = chunk_index(base, &all, &[1, 1], |index| vec![index as u64, 0]);
        out.append(&index).unwrap();
        let storage = Storage::Chunked { index: root, extent: &[1, 1], level: 0, shuffled: false };
        let dataset =
            Dataset { dimensions: &[count.into(), 1], element: ElementType::Number(PixelType::U8), storage };
        out.align().unwrap();
        let header = out.append(&dataset.header().bytes()).unwrap();
        let root = write_group(&mut out, 1, |_| ("image".into(), header), ObjectHeader::new()).unwrap();
        out.finish(root).unwrap();
        std::fs::write(&path, &bytes).unwrap();

        let file = hdf5::File::open(&path).unwrap();
        let dataset = file.dataset("image").unwrap();
        assert_eq!(dataset.num_chunks(), Some(count as usize));
        let found = dataset.read_raw::<u8>().unwrap();
        assert!(found.iter().enumerate().all(|(index, value)| *value == [3, 5][index % 2]), "{count}");
    }
}

#[test]
fn more_attributes_than_a_first_header_block_of_the_library_holds() {
    for count in [0, 1, 100, 3_000] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("attributes.h5");
        let mut bytes = Vec::new();
        let mut out = Appender::new(&mut bytes);
        let mut header = ObjectHeader::new();
        for number in 0..count {
            header.attribute(&format!("EMAN.number{number}"), &Value::Int(number)).unwrap();
        }
        // What cannot be told in 16 bits leaves nothing behind.
        for (name, value) in [("EMAN.text".into(), "x".repeat(70_000)), ("x".repeat(70_000), String::new())] {
            assert!(header.attribute(&name, &Value::Text(value)).is_err());
        }
        header.attribute("EMAN.text", &Value::Text("x".repeat(60_000))).unwrap();
        let member = tiny(&mut out, 1);
        let root = write_group(&mut out, 1, |_| ("image".into(), member), header).unwrap();
        out.finish(root).unwrap();
        std::fs::write(&path, &bytes).unwrap();

        // The library reads them all, and can add to a header that it then has to continue elsewhere.
        let file = hdf5::File::open_rw(&path).unwrap();
        assert_eq!(file.attr_names().unwrap().len(), count as usize + 1);
        for number in 0..count {
            let name = format!("EMAN.number{number}");
            assert_eq!(file.attr(&name).unwrap().read_1d::<i32>().unwrap()[0], number);
        }
        for number in 0..50 {
            let name = format!("EMAN.added{number}");
            file.new_attr::<f64>().create(name.as_str()).unwrap().write_scalar(&2.5).unwrap();
        }
        file.close().unwrap();
        let file = hdf5::File::open(&path).unwrap();
        assert_eq!(file.attr_names().unwrap().len(), count as usize + 51);
        assert_eq!(file.dataset("image").unwrap().read_raw::<u8>().unwrap(), [1; 4]);
    }
}

/// Compresses to a file and opens it.
fn compressed(mrc: &made::Mrc, name: &str, bits: i64, path: &Path) -> hdf5::File {
    let options = Options { stored: PixelEncoding::from_bits(bits).unwrap(), ..Options::default() };
    let mut bytes = Vec::new();
    let source = mrc.bytes.as_slice();
    let reader = Mrc::open(&source, name).unwrap();
    compress(&reader, name, &mut bytes, &options, &NoProgress).unwrap();
    std::fs::write(path, bytes).unwrap();
    hdf5::File::open(path).unwrap()
}

#[test]
fn one_row_one_column_one_pixel() {
    for (nx, ny, nz) in
        [(1, 1, 1), (1, 50, 1), (50, 1, 1), (1, 1, 50), (1, 50, 3), (50, 1, 3), (1_048_575, 2, 1)]
    {
        let values: Vec<f32> = (0..nx * ny * nz).map(|value| (value % 251) as f32).collect();
        let mrc = made::Mrc::floats(nx, ny, nz, values.iter().copied());
        for bits in [-1, 0, 8, 16] {
            let folder = tempdir().unwrap();
            let file = compressed(&mrc, "a.mrc", bits, &folder.path().join("a.hdf"));
            let dataset = file.dataset("MDF/images/0/image").unwrap();
            let sides = [nz, ny, nx].map(|side| side as usize);
            assert_eq!(dataset.shape(), sides[usize::from(nz == 1)..]);
            // 0 to 250 are their own codes.
            assert_eq!(dataset.read_raw::<f32>().unwrap(), values, "{nx} {ny} {nz} {bits}");
        }
    }
}

#[test]
fn the_library_can_add_images_to_an_output() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.hdf");
    let mrc = made::Mrc::floats(8, 8, 20, made::Noise(5).take(1280));
    drop(compressed(&mrc, "a.mrcs", 8, &path));
    let file = hdf5::File::open_rw(&path).unwrap();
    for index in 20..60 {
        let group = file.create_group(&format!("MDF/images/{index}")).unwrap();
        group
            .new_dataset::<u8>()
            .shape([8, 8])
            .create("image")
            .unwrap()
            .write_raw(&[index as u8; 64])
            .unwrap();
    }
    file.close().unwrap();
    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(file.group("MDF/images").unwrap().len(), 60);
    assert_eq!(file.dataset("MDF/images/59/image").unwrap().read_raw::<u8>().unwrap(), [59; 64]);
    assert_eq!(file.dataset("MDF/images/19/image").unwrap().shape(), [8, 8]);
}

/// A volume of zeros whose last section counts upwards, without the bytes.
struct Hollow {
    header: Vec<u8>,
    length: u64,
    tail: u64,
}

impl Source for Hollow {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        bytes.fill(0);
        let header = self.header.get(offset as usize..).unwrap_or_default();
        let part = header.len().min(bytes.len());
        bytes[..part].copy_from_slice(&header[..part]);
        let first = self.tail.saturating_sub(offset) as usize;
        for (place, byte) in bytes.iter_mut().enumerate().skip(first) {
            *byte = ((offset + place as u64) % 251) as u8;
        }
        Ok(())
    }
}

#[test]
fn files_over_4_gib() {
    let (nx, ny, nz) = (4096u64, 4096u64, 68u64);
    let header = made::Mrc::new(nx as i32, ny as i32, nz as i32, 0).bytes;
    let data = header.len() as u64;
    let length = data + nx * ny * nz;
    let source = Hollow { header, length, tail: length - nx * ny };
    let folder = tempdir().unwrap();
    let path = folder.path().join("large.hdf");
    // Floats without a filter: 4.5 GB, then deflated with level 0 once more, in 64-bit addresses.
    let options = Options {
        stored: PixelEncoding::Raw,
        memory: Memory { hold: 0, wave: 8 << 20 },
        ..Options::default()
    };
    let reader = Mrc::open(&source, "large.mrc").unwrap();
    let report = compress(&reader, "large.mrc", &mut sparse_file(&path), &options, &NoProgress).unwrap();
    assert!(report.output_bytes > 4 << 30);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), report.output_bytes);
    let file = hdf5::File::open(&path).unwrap();
    let dataset = file.dataset("MDF/images/0/image").unwrap();
    let row = |section: usize, row: usize| {
        let index = |n: usize| SliceOrIndex::Index(n);
        let slab = Hyperslab::new(vec![
            index(section),
            index(row),
            SliceOrIndex::Unlimited { start: 0, step: 1, block: 1 },
        ]);
        dataset.read_slice_1d::<f32, _>(Selection::Hyperslab(slab)).unwrap()
    };
    assert!(row(3, 9).iter().all(|value| *value == 0.0));
    let first = (length - nx) % 251;
    let last = row(nz as usize - 1, ny as usize - 1);
    assert!(last.iter().enumerate().all(|(x, value)| *value == ((first + x as u64) % 251) as f32));
}

#[test]
fn chunks_beyond_4_gib_are_found() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("far.hdf");
    let mut sink = sparse_file(&path);
    let mut out = Appender::new(&mut sink);
    let hole = vec![0; 64 << 20];
    for _ in 0..80 {
        out.append(&hole).unwrap();
    }
    let shape = Shape { nx: 100, ny: 2000, nz: 1 };
    let cut = Tiling::of(shape);
    let mut chunks = Vec::new();
    for block in 0..cut.blocks() {
        let mut stream = Vec::new();
        let level = e2compress_core::Level::default();
        let data = vec![block as u8 + 1; cut.chunk_pixels() as usize];
        e2compress_core::encode::deflate::Encoder::new().zlib(&data, 1, level, &mut stream);
        chunks.push(Chunk { address: out.append(&stream).unwrap(), size: stream.len() as u32 });
    }
    assert!(chunks[0].address > 4 << 30);
    let base = out.align().unwrap();
    let extent = cut.chunk_dimensions();
    let (index, root) = chunk_index(base, &chunks, &extent, |chunk| cut.chunk_offset(chunk as u64));
    out.append(&index).unwrap();
    let storage = Storage::Chunked { index: root, extent: &extent, level: 1, shuffled: false };
    let dimensions = shape.dimensions();
    let dataset = Dataset { dimensions: &dimensions, element: ElementType::Number(PixelType::U8), storage };
    out.align().unwrap();
    let header = out.append(&dataset.header().bytes()).unwrap();
    let root = write_group(&mut out, 1, |_| ("image".into(), header), ObjectHeader::new()).unwrap();
    out.finish(root).unwrap();
    let values = hdf5::File::open(&path).unwrap().dataset("image").unwrap().read_raw::<u8>().unwrap();
    for block in 0..cut.blocks() {
        let rows = cut.block(block).rows;
        assert!(
            values[rows.start as usize * 100..rows.end as usize * 100].iter().all(|v| *v == block as u8 + 1)
        );
    }
}
