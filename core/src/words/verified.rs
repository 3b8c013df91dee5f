//! What is said of a file that was verified.

use super::{bytes, clipped, contents, differences, rounded};
use crate::{Images, VerifyReport};

impl VerifyReport {
    /// Words what there is to say of a file that is what it should be.
    #[must_use]
    pub fn words(&self, images: &dyn Images) -> String {
        let mut parts = vec!["sound".to_owned(), contents(images)];
        match &self.comparison {
            None => parts.push(format!("{} of pixels", bytes(self.stored_bytes))),
            Some(found) => {
                parts.push(differences(found.largest, found.rms, found.half_step));
                parts.extend(rounded(found.rounded));
                if found.half_step.is_some() {
                    parts.push(clipped(found.truncated, Some(self.pixels)));
                }
            }
        }
        parts.join(", ")
    }
}
