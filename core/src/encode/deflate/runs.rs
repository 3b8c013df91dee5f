//! Sequences of runs only: matches at distance 1.

use super::changes::Changes;
use super::sequences::Sequences;

/// Cuts a stretch, whose changes are mapped, into literals and runs of at least `SHORTEST` repeats.
///
/// It looks at the map alone: between two runs it costs nothing, and a run costs the same whatever its length.
pub fn sequences<const SHORTEST: u32>(stretch: &[u8], changes: &Changes, into: &mut Sequences) {
    into.clear(stretch.len());
    let mut from = 0;
    changes.runs::<SHORTEST>(|start, end| {
        into.push(stretch, from, start, end - start, 1);
        from = end;
    });
    into.finish(stretch, from);
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn short_runs_stay_literals() {
        let stretch = b"abbbcccccdeeeee";
        let mut changes = Changes::default();
        changes.map(stretch);
        let mut found = Sequences::default();
        sequences::<3>(stretch, &changes, &mut found);
        assert_eq!(found.literals(), b"abbbcde");
        sequences::<5>(stretch, &changes, &mut found);
        assert_eq!(found.literals(), stretch);
    }
}
