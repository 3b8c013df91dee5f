//! Which of several lines about one file counts: the one that was written last.

/// Where a line is among those of the records that are read together.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The number of the record in which the line stands.
    pub record: usize,
    /// When it was written, where that is known.
    pub time: Option<u64>,
}

impl Order {
    /// Tells whether a line that was read later was written later: by its time. Lines of earlier versions have none: they are
    /// older than those that have. Of two without, the later line of one record is later, and of several records `otherwise` tells.
    #[must_use]
    pub fn is_after(self, before: Self, otherwise: bool) -> bool {
        match (before.time, self.time) {
            (Some(before), Some(time)) if before != time => before < time,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            _ => before.record == self.record || otherwise,
        }
    }
}
