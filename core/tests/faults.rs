//! A store that fails: at every call, in every way, the core says which bytes and why, leaves nothing that passes
//! for an HDF5 file, and works as before afterwards.

use std::cell::Cell;
use std::fs;
use std::io;

use e2compress_core::Memory;
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::io::sink::Sink;
use e2compress_core::io::source::Source;
use e2compress_core::{Compressor, Error, Level, LimitRule, NoProgress, Options, PixelEncoding, Progress};
use e2compress_fixtures::data;
use e2compress_fixtures::made::{self, Noise};

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    System(i32),
    Kind(io::ErrorKind),
}

impl Fault {
    const ALL: [Self; 4] = [
        Self::System(EIO),
        Self::System(ENOSPC),
        Self::Kind(io::ErrorKind::UnexpectedEof),
        Self::Kind(io::ErrorKind::Interrupted),
    ];

    fn error(self) -> io::Error {
        match self {
            Self::System(number) => io::Error::from_raw_os_error(number),
            Self::Kind(kind) => kind.into(),
        }
    }

    fn caused(self, error: &io::Error) -> bool {
        match self {
            Self::System(number) => error.raw_os_error() == Some(number),
            Self::Kind(kind) => error.kind() == kind,
        }
    }
}

/// Counts calls, fails one of them, and remembers which bytes that was about.
#[derive(Default)]
struct Failing {
    calls: Cell<u64>,
    fault: Option<(u64, Fault)>,
    failed: Cell<Option<(u64, u64)>>,
}

impl Failing {
    fn at(call: u64, fault: Fault) -> Self {
        Self { fault: Some((call, fault)), ..Self::default() }
    }

    fn call(&self, offset: u64, length: u64) -> io::Result<()> {
        let call = self.calls.get();
        self.calls.set(call + 1);
        match self.fault {
            Some((chosen, fault)) if chosen == call => {
                self.failed.set(Some((offset, length)));
                Err(fault.error())
            }
            _ => Ok(()),
        }
    }
}

/// An input whose length changes at some call.
#[derive(Clone, Copy)]
struct Change {
    call: u64,
    length: u64,
}

struct FailingSource<'a> {
    bytes: &'a [u8],
    failing: Failing,
    change: Option<Change>,
}

impl<'a> FailingSource<'a> {
    fn new(bytes: &'a [u8], failing: Failing) -> Self {
        Self { bytes, failing, change: None }
    }

    fn length(&self) -> u64 {
        match self.change {
            Some(Change { call, length }) if self.failing.calls.get() > call => length,
            _ => self.bytes.len() as u64,
        }
    }
}

impl Source for FailingSource<'_> {
    fn len(&self) -> io::Result<u64> {
        // The error of a length is reported as that of the header, for which it is asked.
        self.failing.call(0, made::Mrc::HEADER as u64)?;
        Ok(self.length())
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        self.failing.call(offset, length)?;
        if offset + length > self.length() {
            self.failing.failed.set(Some((offset, length)));
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.bytes.read_at(offset, bytes)
    }
}

/// A store that takes the first half of the bytes before it fails, as a full disk does.
struct FailingSink {
    bytes: Vec<u8>,
    failing: Failing,
}

impl FailingSink {
    fn new(failing: Failing) -> Self {
        Self { bytes: Vec::new(), failing }
    }

    fn holds_an_hdf_file(&self) -> bool {
        self.bytes.starts_with(SIGNATURE)
    }
}

impl Sink for FailingSink {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let outcome = self.failing.call(offset, bytes.len() as u64);
        let part = if outcome.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        self.bytes.write_at(offset, part)?;
        outcome
    }
}

/// Asks to stop at the n-th time it is told something.
struct Stopping {
    calls: Cell<u64>,
    at: u64,
}

impl Progress for Stopping {
    fn advanced(&self, _done: u64, _total: u64) {
        self.calls.set(self.calls.get() + 1);
    }

    fn cancelled(&self) -> bool {
        self.calls.get() > self.at
    }
}

struct Case {
    what: &'static str,
    name: &'static str,
    input: Vec<u8>,
    options: Options,
}

impl Case {
    fn compress(
        &self,
        compressor: &mut Compressor,
        source: &FailingSource<'_>,
        sink: &mut FailingSink,
        watch: &dyn Progress,
    ) -> Result<(), Error> {
        let reader = Mrc::open(source, self.name)?;
        compressor.compress(&reader, self.name, sink, &self.options, watch).map(|_| ())
    }

    fn source(&self, failing: Failing) -> FailingSource<'_> {
        FailingSource::new(&self.input, failing)
    }

    /// The output and the number of calls of source and sink, without a fault.
    fn undisturbed(&self, compressor: &mut Compressor) -> (Vec<u8>, u64, u64) {
        let source = self.source(Failing::default());
        let mut sink = FailingSink::new(Failing::default());
        self.compress(compressor, &source, &mut sink, &NoProgress).unwrap();
        assert!(sink.holds_an_hdf_file());
        (sink.bytes, source.failing.calls.get(), sink.failing.calls.get())
    }
}

fn floats(nx: i32, ny: i32, nz: i32) -> Vec<u8> {
    made::Mrc::floats(nx, ny, nz, Noise(4).take((nx * ny * nz) as usize)).bytes
}

fn options(bits: i64, limits: LimitRule, memory: Memory) -> Options {
    Options {
        stored: PixelEncoding::from_bits(bits).unwrap(),
        level: Level::new(1).ok(),
        limits,
        memory,
        ..Options::default()
    }
}

/// Inputs and options that take every way through the walk: held and read several times, coded and kept as floats,
/// one image and many, with records, transposed, more than one large write.
fn cases() -> Vec<Case> {
    let piecewise = Memory { hold: 0, wave: 0 };
    let groups = Memory { hold: 10_000, wave: 1_000 };
    let sigma = LimitRule::Sigma { below: 2.0, above: 3.5 };
    let mut transposed = made::Mrc::floats(60, 50, 3, Noise(7).take(9000));
    transposed.int(64, 2).int(68, 1);
    let case = |what, name, input, options| Case { what, name, input, options };
    vec![
        case("stack", "a.mrcs", floats(40, 30, 5), options(5, LimitRule::All, Memory::DEFAULT)),
        case("stack in groups", "a.mrcs", floats(40, 30, 9), options(8, LimitRule::NoOutliers, groups)),
        case("volume", "a.mrc", floats(64, 60, 40), options(12, LimitRule::All, Memory::DEFAULT)),
        case("volume in slabs", "a.mrc", floats(300, 280, 4), options(10, LimitRule::NoOutliers, piecewise)),
        case("image in slabs", "a.mrc", floats(700, 900, 1), options(6, sigma, piecewise)),
        case("compressed floats", "a.mrc", floats(200, 700, 2), options(0, LimitRule::All, piecewise)),
        case("plain floats", "a.mrc", floats(1000, 900, 1), options(-1, LimitRule::All, Memory::DEFAULT)),
        case("plain floats in slabs", "a.mrcs", floats(200, 700, 3), options(-1, LimitRule::All, piecewise)),
        case("transposed", "a.mrc", transposed.bytes, options(4, sigma, piecewise)),
        case(
            "records",
            "a.mrc",
            fs::read(data().join("ext_header_fei1.mrc")).unwrap(),
            options(10, LimitRule::All, Memory::DEFAULT),
        ),
    ]
}

#[test]
fn every_read_that_fails_is_told() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, reads, _) = case.undisturbed(&mut compressor);
        assert!(reads >= 3, "{}", case.what);
        for call in 0..reads {
            for fault in Fault::ALL {
                let source = case.source(Failing::at(call, fault));
                let mut sink = FailingSink::new(Failing::default());
                let outcome = case.compress(&mut compressor, &source, &mut sink, &NoProgress);
                let what = format!("{}, read {call}, {fault:?}: {outcome:?}", case.what);
                let Err(Error::Read { offset, length, cause }) = outcome else { panic!("{what}") };
                assert_eq!(Some((offset, length)), source.failing.failed.get(), "{what}");
                assert!(fault.caused(&cause), "{what}");
                assert!(!sink.holds_an_hdf_file(), "{what}");
            }
            assert!(case.undisturbed(&mut compressor).0 == expected, "{}: after a failed read", case.what);
        }
    }
}

#[test]
fn every_write_that_fails_is_told() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, _, writes) = case.undisturbed(&mut compressor);
        assert!(writes >= 2, "{}", case.what);
        for call in 0..writes {
            for fault in Fault::ALL {
                let source = case.source(Failing::default());
                let mut sink = FailingSink::new(Failing::at(call, fault));
                let outcome = case.compress(&mut compressor, &source, &mut sink, &NoProgress);
                let what = format!("{}, write {call}, {fault:?}: {outcome:?}", case.what);
                let Err(Error::Write { offset, length, cause }) = outcome else { panic!("{what}") };
                assert_eq!(Some((offset, length)), sink.failing.failed.get(), "{what}");
                assert!(fault.caused(&cause), "{what}");
                assert!(!sink.holds_an_hdf_file(), "{what}");
                assert_eq!(sink.failing.calls.get(), call + 1, "{what}: a write after the one that failed");
            }
            assert!(case.undisturbed(&mut compressor).0 == expected, "{}: after a failed write", case.what);
        }
    }
}

#[test]
fn an_input_that_ends_early_at_any_moment_is_told() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, reads, _) = case.undisturbed(&mut compressor);
        let whole = case.input.len() as u64;
        for call in 0..reads {
            for length in [0, 100, 1024, whole / 2, whole - 1] {
                let mut source = case.source(Failing::default());
                source.change = Some(Change { call, length });
                let mut sink = FailingSink::new(Failing::default());
                let outcome = case.compress(&mut compressor, &source, &mut sink, &NoProgress);
                let what = format!("{}, {length} bytes from call {call} on: {outcome:?}", case.what);
                match (outcome, source.failing.failed.get()) {
                    // Short from the beginning: the header promises more.
                    (Err(Error::Mrc(_)), None) => assert_eq!(call, 0, "{what}"),
                    // What was missing was never asked for again.
                    (Ok(()), None) => assert!(sink.bytes == expected, "{what}"),
                    (Err(Error::Read { offset, length, cause }), Some(failed)) => {
                        assert_eq!((offset, length), failed, "{what}");
                        assert_eq!(cause.kind(), io::ErrorKind::UnexpectedEof, "{what}");
                        assert!(!sink.holds_an_hdf_file(), "{what}");
                    }
                    _ => panic!("{what}"),
                }
            }
        }
        assert!(case.undisturbed(&mut compressor).0 == expected, "{}: afterwards", case.what);
    }
}

#[test]
fn an_input_that_grows_gives_what_its_header_names() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, reads, _) = case.undisturbed(&mut compressor);
        for call in 0..reads {
            let mut source = case.source(Failing::default());
            source.change = Some(Change { call, length: u64::MAX });
            let mut sink = FailingSink::new(Failing::default());
            case.compress(&mut compressor, &source, &mut sink, &NoProgress).unwrap();
            assert!(sink.bytes == expected, "{}, call {call}", case.what);
        }
    }
}

#[test]
fn a_length_that_lies_is_found_out() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, ..) = case.undisturbed(&mut compressor);
        let missing = case.input.len() / 3;
        let kept = &case.input[..case.input.len() - missing];
        let source = Overstated { bytes: kept, length: case.input.len() as u64 };
        let reader = Mrc::open(&source, case.name).unwrap();
        let mut sink = FailingSink::new(Failing::default());
        let outcome = compressor.compress(&reader, case.name, &mut sink, &case.options, &NoProgress);
        assert!(matches!(outcome, Err(Error::Read { .. })), "{}: {outcome:?}", case.what);
        assert!(!sink.holds_an_hdf_file(), "{}", case.what);
        assert!(case.undisturbed(&mut compressor).0 == expected, "{}: afterwards", case.what);
    }
}

/// Says it is longer than it is.
struct Overstated<'a> {
    bytes: &'a [u8],
    length: u64,
}

impl Source for Overstated<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.bytes.read_at(offset, bytes)
    }
}

#[test]
fn stopping_at_any_moment_leaves_no_file() {
    let mut compressor = Compressor::default();
    for case in cases() {
        let (expected, ..) = case.undisturbed(&mut compressor);
        let mut at = 0;
        loop {
            let stopping = Stopping { calls: Cell::new(0), at };
            let source = case.source(Failing::default());
            let mut sink = FailingSink::new(Failing::default());
            match case.compress(&mut compressor, &source, &mut sink, &stopping) {
                Err(Error::Cancelled) => assert!(!sink.holds_an_hdf_file(), "{}, {at}", case.what),
                Ok(()) => {
                    assert!(at > 0, "{}: never asked whether to stop", case.what);
                    assert!(sink.bytes == expected, "{}", case.what);
                    break;
                }
                Err(error) => panic!("{}, {at}: {error}", case.what),
            }
            at += 1;
        }
        assert!(case.undisturbed(&mut compressor).0 == expected, "{}: afterwards", case.what);
    }
}
