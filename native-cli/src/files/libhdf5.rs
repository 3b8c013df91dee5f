//! libhdf5, for what the core's own reader does not read: other filters, external and virtual storage,
//! odd numbers, shared messages.

use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use e2compress_core::PixelType;
use e2compress_core::backend::{Backend as Reads, BackendFault, DatasetInfo, Hyperslab, InputAttribute};
use e2compress_core::backend::{Character, VirtualPart};
use hdf5::plist::dataset_create::Layout;
use hdf5::types::{FixedAscii, FixedUnicode, FloatSize, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{
    Attribute, Container, Dataset, File, H5Type, Hyperslab as Selected, IndexType, IterationOrder, Location,
    LocationType, SliceOrIndex,
};
use ndarray::ArrayD;

use crate::files::folders::folder_of;
use crate::files::source::FileSource;

/// The longest texts of fixed length that are read; an attribute in an object header has no longer ones.
const MOST_TEXT_BYTES: usize = 1 << 16;

/// The most texts in an attribute that are read.
const MOST_TEXTS: usize = 256;

/// Virtual datasets may be made of virtual datasets; this many times at most.
const MOST_NESTED: usize = 8;

/// A file as libhdf5 sees it, opened when it is first asked for.
pub struct Library {
    path: PathBuf,
    file: OnceCell<File>,
    allow_external: bool,
}

impl Library {
    /// Stands by for a file.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: OnceCell::new(), allow_external: false }
    }

    /// Reads elements from other files in the file's folder, if told so.
    pub fn allow_external(self, allow_external: bool) -> Self {
        Self { allow_external, ..self }
    }

    fn file(&self) -> Result<&File, BackendFault> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = File::open(&self.path)?;
        Ok(self.file.get_or_init(|| file))
    }
}

impl Reads for Library {
    fn name(&self) -> String {
        let (major, minor, patch) = hdf5::library_version();
        format!("libhdf5 {major}.{minor}.{patch}")
    }

    fn attributes(&self, path: &str) -> Result<Vec<InputAttribute>, BackendFault> {
        let file = self.file()?;
        let found = |object: &Location| {
            let names = object.attr_names_by(IndexType::CreationOrder, IterationOrder::Increasing)?;
            names.into_iter().map(|name| attribute(&object.attr(&name)?, name)).collect()
        };
        if file.loc_type_by_name(path)? == LocationType::Group {
            let group = file.group(path)?;
            found(&group)
        } else {
            let dataset = file.dataset(path)?;
            found(&dataset)
        }
    }

    fn dataset(&self, path: &str) -> Result<DatasetInfo, BackendFault> {
        let dataset = self.file()?.dataset(path)?;
        let mut others =
            Others { folder: folder_of(&self.path), allowed: self.allow_external, named: Vec::new() };
        demand_elements(&dataset, &self.path, MOST_NESTED, &mut others)?;
        let wide = |sides: Vec<usize>| sides.into_iter().map(|side| side as u64).collect();
        Ok(DatasetInfo {
            dimensions: wide(dataset.shape()),
            kind: dataset.dtype()?.to_descriptor().ok().and_then(|descriptor| number(&descriptor)),
            chunk: dataset.chunk().map(wide),
            others: others.named,
        })
    }

    fn read(
        &self,
        path: &str,
        part: Hyperslab,
        kind: PixelType,
        bytes: &mut [u8],
    ) -> Result<(), BackendFault> {
        let dataset = self.file()?.dataset(path)?;
        let missing = 3_usize.checked_sub(dataset.ndim()).ok_or("it has more than three dimensions")?;
        let range = |(&start, &count): (&u64, &u64)| {
            let (start, count) = (start as usize, count as usize);
            SliceOrIndex::SliceCount { start, step: 1, count, block: 1 }
        };
        let ranges: Vec<_> = part.start.iter().zip(&part.counts).skip(missing).map(range).collect();
        let slab = Selected::from(ranges);
        match kind {
            PixelType::U8 => elements(&dataset, slab, bytes, u8::to_le_bytes),
            PixelType::U16 => elements(&dataset, slab, bytes, u16::to_le_bytes),
            PixelType::U32 => elements(&dataset, slab, bytes, u32::to_le_bytes),
            PixelType::U64 => elements(&dataset, slab, bytes, u64::to_le_bytes),
            PixelType::I8 => elements(&dataset, slab, bytes, i8::to_le_bytes),
            PixelType::I16 => elements(&dataset, slab, bytes, i16::to_le_bytes),
            PixelType::I32 => elements(&dataset, slab, bytes, i32::to_le_bytes),
            PixelType::I64 => elements(&dataset, slab, bytes, i64::to_le_bytes),
            PixelType::F32 => elements(&dataset, slab, bytes, f32::to_le_bytes),
            PixelType::F64 => elements(&dataset, slab, bytes, f64::to_le_bytes),
            PixelType::U4 | PixelType::F16 => Err("there is no such type in memory".into()),
        }
    }
}

/// Finds a type that holds the numbers of a type, where libhdf5's wrapper knows it.
fn number(descriptor: &TypeDescriptor) -> Option<PixelType> {
    Some(match descriptor {
        TypeDescriptor::Unsigned(IntSize::U1) => PixelType::U8,
        TypeDescriptor::Unsigned(IntSize::U2) => PixelType::U16,
        TypeDescriptor::Unsigned(IntSize::U4) => PixelType::U32,
        TypeDescriptor::Unsigned(IntSize::U8) => PixelType::U64,
        TypeDescriptor::Integer(IntSize::U1) => PixelType::I8,
        TypeDescriptor::Integer(IntSize::U2) => PixelType::I16,
        TypeDescriptor::Integer(IntSize::U4) => PixelType::I32,
        TypeDescriptor::Integer(IntSize::U8) => PixelType::I64,
        TypeDescriptor::Float(FloatSize::U4) => PixelType::F32,
        TypeDescriptor::Float(FloatSize::U8) => PixelType::F64,
        _ => return None,
    })
}

/// Reads a part, converted to `T`.
fn elements<T: H5Type + Copy, const N: usize>(
    dataset: &Dataset,
    part: Selected,
    bytes: &mut [u8],
    to_bytes: impl Fn(T) -> [u8; N],
) -> Result<(), BackendFault> {
    let values: ArrayD<T> = dataset.read_slice(part)?;
    if values.len() * N != bytes.len() {
        return Err("its dimensions have changed".into());
    }
    for (place, &value) in bytes.chunks_exact_mut(N).zip(&values) {
        place.copy_from_slice(&to_bytes(value));
    }
    Ok(())
}

/// Reads an attribute, if it is made of numbers or texts.
fn attribute(found: &Attribute, name: String) -> Result<InputAttribute, BackendFault> {
    let (space, Ok(descriptor)) = (found.space()?, found.dtype()?.to_descriptor()) else {
        return Ok(InputAttribute::lost(name));
    };
    if space.is_null() || found.dtype()?.is_committed() {
        return Ok(InputAttribute::lost(name));
    }
    let dimensions: Vec<u64> = found.shape().into_iter().map(|side| side as u64).collect();
    if let Some(kind) = number(&descriptor) {
        let data = match kind {
            PixelType::U8 => bytes(found, u8::to_le_bytes),
            PixelType::U16 => bytes(found, u16::to_le_bytes),
            PixelType::U32 => bytes(found, u32::to_le_bytes),
            PixelType::U64 => bytes(found, u64::to_le_bytes),
            PixelType::I8 => bytes(found, i8::to_le_bytes),
            PixelType::I16 => bytes(found, i16::to_le_bytes),
            PixelType::I32 => bytes(found, i32::to_le_bytes),
            PixelType::I64 => bytes(found, i64::to_le_bytes),
            PixelType::F32 => bytes(found, f32::to_le_bytes),
            _ => bytes(found, f64::to_le_bytes),
        }?;
        return Ok(InputAttribute::numbers(name, kind, &dimensions, data));
    }
    if found.size() > MOST_TEXTS {
        return Ok(InputAttribute::lost(name));
    }
    let (texts, character) = match descriptor {
        TypeDescriptor::FixedAscii(..=MOST_TEXT_BYTES) => {
            (texts(found, FixedAscii::<MOST_TEXT_BYTES>::as_bytes)?, Character::Ascii)
        }
        TypeDescriptor::FixedUnicode(..=MOST_TEXT_BYTES) => {
            (texts(found, FixedUnicode::<MOST_TEXT_BYTES>::as_bytes)?, Character::Utf8)
        }
        TypeDescriptor::VarLenAscii => (texts(found, VarLenAscii::as_bytes)?, Character::Ascii),
        TypeDescriptor::VarLenUnicode => (texts(found, VarLenUnicode::as_bytes)?, Character::Utf8),
        _ => return Ok(InputAttribute::lost(name)),
    };
    Ok(InputAttribute::texts(name, &texts, character, &dimensions))
}

/// Reads the numbers of an attribute, little-endian.
fn bytes<T: H5Type, const N: usize>(
    found: &Container,
    to_bytes: impl Fn(T) -> [u8; N],
) -> hdf5::Result<Vec<u8>> {
    Ok(found.read_raw::<T>()?.into_iter().flat_map(to_bytes).collect())
}

/// Reads the texts of an attribute.
fn texts<T: H5Type>(found: &Container, as_bytes: impl Fn(&T) -> &[u8]) -> hdf5::Result<Vec<String>> {
    let texts = found.read_raw::<T>()?;
    Ok(texts.iter().map(|text| String::from_utf8_lossy(as_bytes(text)).into_owned()).collect())
}

/// The other files that elements are in.
struct Others<'p> {
    /// The folder of the file that names them.
    folder: &'p Path,
    allowed: bool,
    named: Vec<String>,
}

impl Others<'_> {
    /// Takes a file, as it is named. A file that anybody may have made must not tell which of the user's files are
    /// copied into its pixels.
    fn take(&mut self, name: &str, file: &Path) -> Result<(), BackendFault> {
        if !self.allowed {
            return Err(
                format!("it takes elements from the file {name}; --allow-external has it read").into()
            );
        }
        let whole = |path: &Path| path.canonicalize().map_err(|cause| missing(file, &cause));
        if !whole(file)?.starts_with(whole(self.folder)?) {
            return Err(format!("it takes elements from the file {name}, which is outside its folder").into());
        }
        if self.named.iter().all(|known| known != name) {
            self.named.push(name.to_owned());
        }
        Ok(())
    }
}

/// Demands that all elements can be read. libhdf5 gives zeros for what is beyond the end of an external
/// file, and fill values for what is in a missing part of a virtual dataset; an image made of those
/// would pass for the original.
fn demand_elements(
    dataset: &Dataset,
    path: &Path,
    nested: usize,
    others: &mut Others<'_>,
) -> Result<(), BackendFault> {
    let plist = dataset.dcpl()?;
    for filter in plist.get_filters()? {
        if !filter.decode_enabled() {
            return Err(format!("its filter {} is missing, and so is a plugin for it", filter.id()).into());
        }
    }
    if let (Some(sides), Some(there)) = (dataset.chunk(), dataset.num_chunks()) {
        let all: usize =
            dataset.shape().iter().zip(sides).map(|(side, chunk)| side.div_ceil(chunk)).product();
        if there < all {
            return Err(format!("{} of its {all} chunks were never written", all - there).into());
        }
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut left = (dataset.size() as u64).saturating_mul(dataset.dtype()?.size() as u64);
    for external in plist.get_external()? {
        let file = prefix("HDF5_EXTFILE_PREFIX", folder).unwrap_or_default().join(&external.name);
        others.take(&external.name, &file)?;
        // 0 stands for all there is.
        let part = if external.size == 0 { left } else { left.min(external.size as u64) };
        let there = fs::metadata(&file).map_err(|cause| missing(&file, &cause))?.len();
        if there < part.saturating_add(external.offset as u64) {
            return Err(format!("the file {} with its elements is cut off", file.display()).into());
        }
        left -= part;
    }
    if plist.get_layout()? == Layout::Virtual {
        demand_parts(dataset, path, nested, others)?;
    }
    Ok(())
}

/// Demands the datasets that a virtual one is made of.
fn demand_parts(
    dataset: &Dataset,
    path: &Path,
    nested: usize,
    others: &mut Others<'_>,
) -> Result<(), BackendFault> {
    let nested = nested.checked_sub(1).ok_or("virtual datasets are nested too deeply")?;
    let (source, _) = FileSource::open(path)?;
    let plain = e2compress_core::backend::File::open(&source)?;
    let object = plain.find(&dataset.name())?;
    let object = object.ok_or("its parts are unknown: a link that is not a hard link leads to it")?;
    for VirtualPart { file, dataset: name, least } in object.virtual_parts(&plain)?.unwrap_or_default() {
        if [&file, &name].iter().any(|name| name.contains('%')) {
            return Err(format!("its parts are named by a pattern ({file}, {name})").into());
        }
        if file != "." && !others.allowed {
            others.take(&file, path)?;
        }
        let found = if file == "." { Some(path.to_owned()) } else { part_file(&file, path) };
        let found = found.ok_or_else(|| format!("the file {file} with a part of it is missing"))?;
        if file != "." {
            others.take(&file, &found)?;
        }
        // libhdf5 would follow a link into any other file, and wait for a pipe.
        let (source, _) = FileSource::open(&found)?;
        if e2compress_core::backend::File::open(&source)?.find(&name)?.is_none() {
            let words = "with a part of it is missing, or a link that is not a hard link leads to it";
            return Err(format!("the dataset {name} of {file} {words}").into());
        }
        let part = File::open(&found)?.dataset(&name);
        let part = part.map_err(|_| format!("the dataset {name} of {file} with a part of it is missing"))?;
        let shape = part.shape();
        let shrunk = shape.iter().zip(&least).any(|(&side, &least)| (side as u64) < least);
        if shrunk || (!least.is_empty() && least.len() != shape.len()) {
            return Err(format!("the dataset {name} of {file} with a part of it has shrunk").into());
        }
        demand_elements(&part, &found, nested, others)?;
    }
    Ok(())
}

/// Finds a file that a virtual dataset in `path` names, as libhdf5 does.
fn part_file(name: &str, path: &Path) -> Option<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = Path::new(name);
    let last = name.file_name().map(|last| folder.join(last));
    let named = prefix("HDF5_VDS_PREFIX", folder).map(|prefix| prefix.join(name));
    let mut candidates = named.into_iter().chain([folder.join(name), name.to_owned()]).chain(last);
    candidates.find(|candidate| candidate.is_file())
}

/// Reads the folder that a variable of the environment names for libhdf5.
fn prefix(variable: &str, folder: &Path) -> Option<PathBuf> {
    let named = env::var(variable).ok()?;
    Some(match named.strip_prefix("${ORIGIN}") {
        Some(rest) => folder.join(rest.trim_start_matches('/')),
        None => named.into(),
    })
}

/// Reports a file that holds elements and is missing.
fn missing(file: &Path, cause: &std::io::Error) -> BackendFault {
    format!("cannot find the file {} with its elements: {cause}", file.display()).into()
}
