//! Words for what would come of a whole file: its size, what it loses, and what its images are given.

use super::plan::{PICTURE_LOST, clipped, cut, every};
use super::{bytes, counted, percent};
use crate::compress::{Prediction, Spread};
use crate::warning::Warning;

impl Prediction {
    /// Words that images would show nothing any more; `None` where none of those that were measured would.
    #[must_use]
    pub fn lost_words(&self) -> Option<&'static str> {
        self.foreseen.warnings.iter().any(Warning::is_picture_lost).then_some("picture lost expected")
    }

    /// Words what would come out.
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(
            self.bits
                .map(|bits| if bits == 0 { "32-bit floats".into() } else { counted(bits.into(), "bit") }),
        );
        parts.push(self.size());
        parts.extend(self.loss.map(|loss| match loss {
            0.0 => format!("{} as it is", every(self.clipped.is_some_and(|part| part > 0.0))),
            loss => format!("at most {} of the information lost", percent(loss)),
        }));
        let cut = cut(&self.foreseen.losses);
        // Said once, where limits clip all of it as well.
        let said = cut.as_ref().is_some_and(|words| words.starts_with(PICTURE_LOST));
        parts.extend(self.lost_words().filter(|_| !said).map(|_| PICTURE_LOST.into()));
        // What lies beyond limits is no part of what is lost within them.
        parts.extend(self.clipped.and_then(clipped));
        parts.extend(cut);
        if (1..self.images).contains(&self.looked_at) {
            parts.push(format!("as {} of {}", self.looked_at, counted(self.images.into(), "image")));
        }
        parts.join(", ")
    }

    /// Words how large the output would be.
    #[must_use]
    pub fn size(&self) -> String {
        match (self.output_bytes, self.most_bytes) {
            (Some(size), _) if self.exact => bytes(size),
            (Some(size), _) => format!("about {}", bytes(size)),
            (None, Some(most)) => format!("at most {}", bytes(most)),
            (None, None) => "of unknown size".into(),
        }
    }

    /// Words what the images of a file are chosen that were looked at, as plans close; where that was not all of them, what
    /// all would come to as well.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.spread.iter().map(|some| some.line(self.looked_at.into()).trim().to_owned()).collect();
        if self.looked_at < self.images {
            lines.push(format!("all {} images: {}, as those {}", self.images, self.size(), self.looked_at));
        }
        lines
    }
}

impl Spread {
    /// Words what so many images have.
    #[must_use]
    pub fn line(&self, images: u64) -> String {
        let size = self.predicted_size.map_or(String::new(), |size| format!(", {}", bytes(size)));
        let loss = self.loss.filter(|&loss| loss > 0.0);
        let loss = loss.map_or(String::new(), |loss| format!(", at most {} lost", percent(loss)));
        let (bits, reason) = (self.bits(), self.reason);
        format!("  auto: {bits} for {} of {} ({reason}{loss}){size}", self.images, counted(images, "image"))
    }

    /// Words the bits.
    fn bits(&self) -> String {
        if self.bits == 0 { "32-bit floats".into() } else { counted(self.bits.into(), "bit") }
    }
}

/// Words the bits that were chosen for the images of a file, the lowest first.
#[must_use]
pub fn chosen(spread: &[Spread]) -> String {
    match spread {
        [] => "auto".into(),
        [all] => format!("{} (auto: {})", all.bits(), all.reason),
        some => {
            let each: Vec<String> =
                some.iter().map(|some| format!("{} in {}", some.bits(), some.images)).collect();
            format!("{} images (auto)", each.join(", "))
        }
    }
}
