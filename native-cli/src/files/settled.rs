//! Whether a file may still be written, by the times of its last changes. A file whose length was set beforehand has it from
//! the first byte on, and without its last bytes it is read as zeros: only time tells.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::files::pairs::other_half;

/// Tells whether an input, or the other file of its pair, changed less than this long ago. What cannot be looked at did
/// not: reading it will say why.
pub fn changed_within(input: &Path, time: Duration) -> bool {
    let changed = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| Times::of(&found).changed_within(time, SystemTime::now()))
    };
    changed(input) || other_half(input).is_some_and(|other| changed(&other))
}

/// When a file changed.
struct Times {
    /// Its content, or so it says: copying tools set it to the source's.
    modified: Option<SystemTime>,
    /// Anything of it, which nobody sets; not on every system.
    changed: Option<SystemTime>,
}

impl Times {
    fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), changed: changed(metadata) }
    }

    fn changed_within(&self, time: Duration, now: SystemTime) -> bool {
        let recent = |at: SystemTime| at.checked_add(time).is_none_or(|settled| settled > now);
        // A time to come that somebody set, such as a camera's with a wrong clock, would never pass. One that nobody set is
        // that of a file server whose clock is ahead.
        let is_set = |at: SystemTime| at > now && self.changed.is_some_and(|changed| changed < at);
        let modified = self.modified.filter(|at| !is_set(*at));
        modified.is_some_and(recent) || self.changed.is_some_and(recent)
    }
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    let seconds = Duration::from_secs(u64::try_from(seconds).ok()?);
    UNIX_EPOCH.checked_add(seconds + Duration::from_nanos(u64::try_from(nanoseconds).ok()?))
}

#[cfg(not(unix))]
fn changed(_metadata: &Metadata) -> Option<SystemTime> {
    None
}

/// Counts nanoseconds since 1970 to a file's last change of content, as records have it.
pub fn modified(metadata: &Metadata) -> Option<u64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_time_tells_unless_somebody_set_it() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let at = |ago: i64| {
            let time = Duration::from_secs(ago.unsigned_abs());
            Some(if ago < 0 { now + time } else { now - time })
        };
        for (modified, changed, recent) in [
            (60, 60, false),
            (61, 61, false),
            (59, 59, true),
            (59, 1000, true),
            // Copied just now, with the source's time.
            (1_000_000, 5, true),
            // A wrong clock, long ago; a file server's clock that is ahead.
            (-500, 1000, false),
            (-500, 5, true),
            (-5, -5, true),
        ] {
            let times = Times { modified: at(modified), changed: at(changed) };
            let found = times.changed_within(Duration::from_secs(60), now);
            assert_eq!(found, recent, "{modified} {changed}");
        }
        let alone = Times { modified: at(59), changed: None };
        assert!(alone.changed_within(Duration::from_secs(60), now));
    }
}
