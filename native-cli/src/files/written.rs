//! What was written to the path of an output last, and what it was made from.

use std::collections::{BTreeMap, BTreeSet};

use e2compress_core::record::Order;

use crate::files::journal::Name;
use crate::files::proven::Half;
use crate::files::summary::Done;

/// What was written to an output's path last.
pub struct Written {
    /// The input.
    pub input: Name,
    /// What tells its bytes from others.
    pub of_input: Option<Half>,
    /// Bytes of the output.
    pub bytes: u64,
    /// What tells the output's bytes from others.
    pub of_output: Option<Half>,
    /// When its line was written.
    pub order: Order,
}

impl Written {
    /// Tells whether this is other than the output of an input, which was made before.
    pub fn replaces(&self, input: &Name, done: &Done) -> bool {
        let is_same = |one: Option<Half>, other: Option<Half>| one.is_some() && one == other;
        self.input != *input
            && !is_same(self.of_input, done.of_input)
            && !is_same(self.of_output, done.of_output)
    }
}

/// Which contents were made from which, of those that may be outputs themselves.
#[derive(Default)]
pub struct Descent(BTreeMap<Half, BTreeSet<Half>>);

impl Descent {
    /// Adds what an output was made from.
    pub fn add(&mut self, input: Option<Half>, output: Option<Half>) {
        if let Some((input, output)) = input.zip(output).filter(|(input, output)| input != output) {
            self.0.entry(output).or_default().insert(input);
        }
    }

    /// Tells whether one content is another, or that was made from it in any number of steps.
    pub fn leads(&self, from: Option<Half>, to: Option<Half>) -> bool {
        let (Some(from), Some(to)) = (from, to) else { return false };
        // A record that was tampered with may go round in circles.
        let (mut seen, mut left) = (BTreeSet::from([to]), vec![to]);
        while let Some(next) = left.pop() {
            if next == from {
                return true;
            }
            let before = self.0.get(&next).into_iter().flatten();
            left.extend(before.filter(|content| seen.insert(**content)));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descent_is_followed_through_any_number_of_steps() {
        let mut descent = Descent::default();
        for (from, to) in [(1, 2), (2, 3), (3, 4), (4, 2), (8, 9)] {
            descent.add(Some(from), Some(to));
        }
        for (from, to, leads) in [(1, 1, true), (1, 4, true), (4, 3, true), (4, 1, false), (1, 9, false)] {
            assert_eq!(descent.leads(Some(from), Some(to)), leads, "{from} {to}");
        }
        assert!(!descent.leads(None, None));
    }
}
