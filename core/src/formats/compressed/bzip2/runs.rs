//! The outermost layer of bzip2: four equal bytes are followed by the number of those that were left out.

/// Equal bytes that make a run.
const RUN: u8 = 4;

/// How far the bytes of a block are expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// Bytes that are done.
    place: usize,
    /// Equal bytes before that, up to 4, and which.
    equal: u8,
    byte: u8,
}

impl Runs {
    /// Goes on expanding a block into `out`, until that is about as long as `goal`; tells whether the block is done.
    pub fn expand(&mut self, block: &[u8], out: &mut Vec<u8>, goal: usize) -> bool {
        let Self { mut place, mut equal, mut byte } = *self;
        while out.len() < goal {
            let Some(&next) = block.get(place) else { break };
            place += 1;
            if equal == RUN {
                out.resize(out.len() + usize::from(next), byte);
                equal = 0;
            } else {
                equal = if equal > 0 && next == byte { equal + 1 } else { 1 };
                byte = next;
                out.push(next);
            }
        }
        *self = Self { place, equal, byte };
        place == block.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn expanded(block: &[u8], goal: usize) -> Vec<u8> {
        let (mut runs, mut out) = (Runs::default(), Vec::new());
        loop {
            let end = out.len() + goal;
            if runs.expand(block, &mut out, end) {
                return out;
            }
        }
    }

    #[test]
    fn runs_are_expanded_in_pieces_of_any_length() {
        for (block, bytes) in [
            (&b""[..], &b""[..]),
            (b"abc", b"abc"),
            (b"aaaa\0aaa", b"aaaaaaa"),
            (b"aaaa\x03b", b"aaaaaaab"),
            (b"aaaa\x01aaaa\x02", b"aaaaaaaaaaa"),
            (b"baaaa", b"baaaa"),
            (b"\0\0\0\0\x04\x04\x04", b"\0\0\0\0\0\0\0\0\x04\x04"),
        ] {
            for goal in [1, 2, 5, 1000] {
                assert_eq!(expanded(block, goal), bytes, "{block:?} by {goal}");
            }
        }
    }
}
