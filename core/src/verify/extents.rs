//! The bytes of a file that are taken.

use std::collections::BTreeMap;

/// Bytes that pixels lie in, neighbours joined: few entries, however many chunks, since those of an image
/// follow each other in any file that was written in one go.
#[derive(Default)]
pub struct Extents(BTreeMap<u64, u64>);

impl Extents {
    /// Takes `length` bytes from `start` on, unless one of them is taken already.
    pub fn take(&mut self, start: u64, length: u64) -> bool {
        if length == 0 {
            return true;
        }
        let end = start.saturating_add(length);
        let before = self.0.range(..end).next_back().map(|(&start, &end)| (start, end));
        if before.is_some_and(|(_, taken)| taken > start) {
            return false;
        }
        let first = before.filter(|&(_, taken)| taken == start).map_or(start, |(first, _)| first);
        let last = self.0.remove(&end).unwrap_or(end);
        self.0.insert(first, last);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn neighbours_are_joined() {
        let mut extents = Extents::default();
        for start in [0, 20, 10, 40, 30] {
            assert!(extents.take(start, 10));
        }
        assert_eq!(extents.0, BTreeMap::from([(0, 50)]));
        assert!(extents.take(u64::MAX - 1, 1) && !extents.take(49, 1));
    }

    proptest! {
        #[test]
        fn no_byte_is_taken_twice(pieces in proptest::collection::vec((0u64..200, 0u64..20), 0..60)) {
            let mut extents = Extents::default();
            let mut bytes = [false; 256];
            for (start, length) in pieces {
                let wanted = &mut bytes[start as usize..(start + length) as usize];
                let free = !wanted.contains(&true);
                prop_assert_eq!(extents.take(start, length), free);
                if free {
                    wanted.fill(true);
                }
            }
        }
    }
}
