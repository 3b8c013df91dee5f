//! Files whose fingerprint is taken while they are read.

use std::cell::{Cell, RefCell};
use std::io;

use e2compress_core::Source;
use e2compress_core::record::Fingerprint;

use crate::files::fingerprint::Follower;
use crate::files::source::FileSource;

/// A file that is read, and followed if that is asked for.
pub struct FollowedSource {
    source: FileSource,
    follower: RefCell<Option<Follower>>,
    /// What is read at the moment is read for another purpose.
    unfollowed: Cell<bool>,
}

impl FollowedSource {
    /// Reads a file that is not followed.
    pub fn new(source: FileSource) -> Self {
        Self { source, follower: RefCell::default(), unfollowed: Cell::default() }
    }

    /// Returns the file itself.
    pub fn file(&self) -> &FileSource {
        &self.source
    }

    /// Begins to take the fingerprint of what is read.
    pub fn follow(&self) {
        self.follower.replace(Some(Follower::default()));
    }

    /// Leaves out of the fingerprint what `read` reads: it is read again, for the purpose that counts.
    pub fn unfollowed<T>(&self, read: impl FnOnce() -> T) -> T {
        let before = self.unfollowed.replace(true);
        let outcome = read();
        self.unfollowed.set(before);
        outcome
    }

    /// Returns the fingerprint of the whole file: of the bytes that were read since [`Self::follow`], and of those that
    /// it reads now since nobody did; those of the other file of a pair follow.
    pub fn fingerprint(&self, other: Option<&dyn Source>) -> io::Result<Fingerprint> {
        self.follower.take().unwrap_or_default().finish(&self.source, other)
    }
}

impl Source for FollowedSource {
    fn len(&self) -> io::Result<u64> {
        self.source.len()
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.source.read_at(offset, bytes)?;
        if !self.unfollowed.get()
            && let Some(follower) = &mut *self.follower.borrow_mut()
        {
            follower.take(offset, bytes, &self.source);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::fingerprint;

    #[test]
    fn what_counts_is_what_was_read_for_the_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "as it was").unwrap();
        let (source, _) = FileSource::open(&path).unwrap();
        let followed = FollowedSource::new(source);
        followed.follow();
        let mut bytes = [0; 9];
        followed.unfollowed(|| followed.read_at(0, &mut bytes)).unwrap();
        fs::write(&path, "as it is.").unwrap();
        followed.read_at(0, &mut bytes).unwrap();
        // Nothing is read again: what it is by now does not count.
        fs::write(&path, "other now").unwrap();
        assert_eq!(followed.fingerprint(None).unwrap(), fingerprint::of(&&b"as it is."[..]).unwrap());
    }
}
