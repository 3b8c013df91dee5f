//! Files that are known byte for byte: by a SHA-256 that is taken while they are read for another reason.

use std::fs::File;
use std::io;
use std::mem;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use e2compress_core::Source;
use e2compress_core::record::Fingerprint;
use sha2::{Digest, Sha256};

use crate::files::pairs::other_half;
use crate::room;

/// Bytes that are read or handed over at once.
const PIECE_BYTES: usize = 512 << 10;

/// Pieces that wait for the thread that hashes. With the one at work and the one that is gathered, a file takes five.
const WAITING: usize = 3;

/// Stack of that thread, which holds a few rounds of SHA-256.
const STACK_BYTES: usize = 256 << 10;

/// Bytes between what was hashed and what is read next that are read at once, so that the order stays: more than the
/// attributes and indices between small images take.
const NEAR: u64 = 64 << 10;

/// The same before a long read, which is one of pixels: more than an extended header takes, and less than the system's
/// cache forgets until the turn of what was read comes. A short read this far ahead is one of an index, and pixels
/// that lie before it are still to be read.
const NEAR_PIXELS: u64 = 16 << 20;

/// Reads a file to its end and returns its fingerprint.
pub fn of(file: &dyn Source) -> io::Result<Fingerprint> {
    Follower::default().finish(file, None)
}

/// Reads an input to its end, and after it the other file of a pair, and returns the fingerprint of both.
pub fn of_input(path: &Path) -> io::Result<Fingerprint> {
    let other = other_half(path).and_then(|other| File::open(other).ok());
    let file = File::open(path)?;
    Follower::default().finish(&file, other.as_ref().map(|other| other as &dyn Source))
}

/// The fingerprint of bytes that come in order. More than a piece of them is hashed on a thread of its own: SHA-256 takes
/// as long as all else that the thread that reads does.
#[derive(Default)]
pub struct Hash {
    bytes: u64,
    gathered: Vec<u8>,
    by: Hasher,
}

/// What hashes.
enum Hasher {
    /// The thread at hand, until there is more than a piece.
    AtFirst(Sha256),
    /// The thread at hand, since no other could be started.
    Alone(Sha256),
    /// Another thread.
    Beside(Helper),
}

impl Default for Hasher {
    fn default() -> Self {
        Self::AtFirst(Sha256::new())
    }
}

/// A thread that hashes, and ends when nothing more can come.
struct Helper {
    full: SyncSender<Vec<u8>>,
    /// What it is done with, to be filled again.
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<Sha256>,
}

impl Helper {
    /// Starts one, if the system has room for it.
    fn start(sha256: Sha256) -> io::Result<Self> {
        room::find()?;
        let (full, coming) = sync_channel(WAITING);
        let (done, empty) = channel();
        let work = move || Self::work(sha256, &coming, &done);
        let thread = Builder::new().stack_size(STACK_BYTES).spawn(work)?;
        Ok(Self { full, empty, thread })
    }

    fn work(mut sha256: Sha256, coming: &Receiver<Vec<u8>>, done: &Sender<Vec<u8>>) -> Sha256 {
        for piece in coming {
            sha256.update(&piece);
            // Who needs no more of them is about to end.
            let _ = done.send(piece);
        }
        sha256
    }

    /// Waits for it to end and returns what it has.
    fn finish(self) -> Sha256 {
        drop(self.full);
        self.thread.join().unwrap_or_else(|problem| resume_unwind(problem))
    }
}

impl Hash {
    /// Takes the bytes that follow.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (fits, rest) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.gathered.len()));
            self.gathered.extend_from_slice(fits);
            bytes = rest;
            if self.gathered.len() == PIECE_BYTES {
                self.hand_over();
            }
        }
    }

    /// Hashes what is gathered, or has it hashed.
    fn hand_over(&mut self) {
        if let Hasher::AtFirst(sha256) = &mut self.by {
            // Limits of memory or threads cost time, nothing else.
            self.by = match Helper::start(sha256.clone()) {
                Ok(helper) => Hasher::Beside(helper),
                Err(_) => Hasher::Alone(mem::take(sha256)),
            };
        }
        match &mut self.by {
            Hasher::AtFirst(sha256) | Hasher::Alone(sha256) => sha256.update(&self.gathered),
            Hasher::Beside(helper) => {
                let empty = helper.empty.try_recv().unwrap_or_default();
                // It takes everything until this end is dropped, unless it panics: then joining it does, too.
                let _ = helper.full.send(mem::replace(&mut self.gathered, empty));
            }
        }
        self.gathered.clear();
    }

    /// Returns the fingerprint of all that came.
    pub fn finish(self) -> Fingerprint {
        let sha256 = match self.by {
            Hasher::AtFirst(sha256) | Hasher::Alone(sha256) => sha256,
            Hasher::Beside(helper) => helper.finish(),
        };
        let sha256 = sha256.chain_update(&self.gathered).finalize();
        Fingerprint { bytes: self.bytes, sha256: format!("{sha256:x}") }
    }
}

/// The fingerprint of a file that others read, in about ascending order: what comes in order is hashed as it comes, what
/// was passed by is read in time or at the end. No byte is hashed twice.
#[derive(Default)]
pub struct Follower(Hash);

impl Follower {
    /// Takes bytes that were read at an offset of a file.
    pub fn take(&mut self, offset: u64, bytes: &[u8], file: &dyn Source) {
        let near = if bytes.len() as u64 >= NEAR { NEAR_PIXELS } else { NEAR };
        let next = self.0.bytes;
        if offset > next && (offset - next > near || self.read_to(offset, file).is_err()) {
            // What cannot be read now is read at the end, which says so if it still cannot be.
            return;
        }
        let known = usize::try_from(self.0.bytes - offset.min(self.0.bytes)).unwrap_or(usize::MAX);
        if let Some(new) = bytes.get(known..) {
            self.0.update(new);
        }
    }

    /// Reads what is missing of a file, then the other file of a pair.
    pub fn finish(mut self, file: &dyn Source, other: Option<&dyn Source>) -> io::Result<Fingerprint> {
        self.read_to(file.len()?, file)?;
        if let Some(other) = other {
            let before = self.0.bytes;
            self.read_on(before, other.len()?, other)?;
        }
        Ok(self.0.finish())
    }

    fn read_to(&mut self, end: u64, file: &dyn Source) -> io::Result<()> {
        self.read_on(0, end, file)
    }

    /// Reads a file that begins after `before` bytes, from where it is up to its byte `end`.
    fn read_on(&mut self, before: u64, end: u64, file: &dyn Source) -> io::Result<()> {
        let mut piece = Vec::new();
        while self.0.bytes - before < end {
            let next = self.0.bytes - before;
            piece.resize((end - next).min(PIECE_BYTES as u64) as usize, 0);
            file.read_at(next, &mut piece)?;
            self.0.update(&piece);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn bytes_of(length: usize) -> Vec<u8> {
        (0..length).map(|place| (place * 31 + (place >> 9) * 7) as u8).collect()
    }

    /// A file that counts the bytes it gives, or gives none.
    struct Counted<'a>(&'a [u8], Option<Cell<usize>>);

    impl Source for Counted<'_> {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }

        fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
            let count = self.1.as_ref().ok_or_else(|| io::Error::other("not now"))?;
            count.set(count.get() + bytes.len());
            self.0.read_at(offset, bytes)
        }
    }

    /// Has a file read at these offsets, so many bytes each, and returns how many bytes were read besides.
    fn followed(file: &[u8], reads: &[(usize, usize)]) -> usize {
        let counted = Counted(file, Some(Cell::default()));
        let mut follower = Follower::default();
        for &(offset, count) in reads {
            follower.take(offset as u64, &file[offset..][..count], &counted);
        }
        let found = follower.finish(&counted, None).unwrap();
        let sha256 = format!("{:x}", Sha256::digest(file));
        assert_eq!(found, Fingerprint { bytes: file.len() as u64, sha256 }, "{reads:?}");
        counted.1.map_or(0, Cell::into_inner)
    }

    #[test]
    fn what_is_read_in_order_is_read_once() {
        for length in [0, 1, 1024, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 9 * PIECE_BYTES + 5] {
            let file = bytes_of(length);
            for step in [1000, PIECE_BYTES, 3 * PIECE_BYTES + 7] {
                let reads: Vec<_> =
                    (0..length).step_by(step).map(|start| (start, step.min(length - start))).collect();
                assert_eq!(followed(&file, &reads), 0, "{length} {step}");
            }
        }
    }

    #[test]
    fn what_was_passed_by_or_read_again_is_hashed_once() {
        let file = bytes_of(3_000_000);
        let whole = (0, file.len());
        assert_eq!(followed(&file, &[]), file.len());
        assert_eq!(followed(&file, &[whole, whole]), 0);
        assert_eq!(followed(&file, &[(0, 96), (96, 5000), (0, 96), (90, 10), whole]), 0);
        assert_eq!(followed(&file, &[(0, 96), (2048, 1_000_000)]), 2048 - 96 + file.len() - 1_002_048);
        assert_eq!(followed(&file, &[(5000, 10), (0, 5000), (2000, 90_000)]), 5000 + file.len() - 92_000);
        assert_eq!(followed(&file, &[(2_999_999, 1), (0, 1)]), file.len() - 1);
        assert_eq!(followed(&file, &[(2_900_000, 70_000), (0, 1)]), 2_900_000 + 30_000);
    }

    #[test]
    fn what_lies_far_ahead_is_left_for_its_turn() {
        let long = NEAR as usize;
        for (length, read) in [(long + 100, 10), (NEAR_PIXELS as usize + 2 * long, long)] {
            let file = bytes_of(length);
            let end = length - read;
            assert_eq!(followed(&file, &[(end, read), (0, end), (end, read)]), 0);
        }
        // A long header before pixels is near.
        let file = bytes_of(20 * long);
        assert_eq!(followed(&file, &[(0, 1024), (9 * long, long), (10 * long, 10 * long)]), 9 * long - 1024);
    }

    #[test]
    fn what_cannot_be_read_in_time_is_read_at_the_end() {
        let file = bytes_of(PIECE_BYTES);
        let failing = Counted(&file, None);
        let mut follower = Follower::default();
        follower.take(0, &file[..10], &failing);
        follower.take(20, &file[20..40], &failing);
        follower.take(10, &file[10..30], &failing);
        assert_eq!(follower.0.bytes, 30);
        assert_eq!(follower.finish(&&*file, None).unwrap(), of(&&*file).unwrap());
        assert!(of(&failing).is_err());
    }

    #[test]
    fn no_other_thread_is_no_failure() {
        let bytes = bytes_of(2 * PIECE_BYTES + 9);
        let mut alone = Hash { by: Hasher::Alone(Sha256::new()), ..Hash::default() };
        let mut beside = Hash::default();
        for hash in [&mut alone, &mut beside] {
            hash.update(&bytes);
        }
        assert!(matches!(beside.by, Hasher::Beside(_)), "the machine has room for a thread");
        assert_eq!(alone.finish(), beside.finish());
    }
}
