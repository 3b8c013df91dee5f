//! Sequences of runs only: matches at distance 1.

use super::run_boundaries::RunBoundaries;
use super::sequences::Sequences;

/// Cuts a segment, whose run boundaries are mapped, into literals and runs of at least `SHORTEST` repeats.
///
/// It looks at the map alone: between two runs it costs nothing, and a run costs the same whatever its length.
pub fn sequences<const SHORTEST: u32>(segment: &[u8], boundaries: &RunBoundaries, into: &mut Sequences) {
    into.clear(segment.len());
    let mut from = 0;
    boundaries.runs::<SHORTEST>(|start, end| {
        into.push(segment, from, start, end - start, 1);
        from = end;
    });
    into.finish(segment, from);
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn short_runs_stay_literals() {
        let segment = b"abbbcccccdeeeee";
        let mut boundaries = RunBoundaries::default();
        boundaries.map(segment);
        let mut found = Sequences::default();
        sequences::<3>(segment, &boundaries, &mut found);
        assert_eq!(found.literals(), b"abbbcde");
        sequences::<5>(segment, &boundaries, &mut found);
        assert_eq!(found.literals(), segment);
    }
}
