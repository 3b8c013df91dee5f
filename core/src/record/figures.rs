//! The figures of a line, which only those read who sum them up: whether a file is done depends on none of them.

use serde::Deserialize;

use super::read::Line;
use crate::warning::is_picture_lost;

/// What a line says of how a file fared, as far as it is added to that of others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Pixels outside the range that is stored.
    pub truncated: u64,
    /// The warnings, in words.
    pub warnings: Vec<String>,
    /// Whether every pixel was compared with the input.
    pub verified: bool,
    /// The largest difference of a pixel in steps between codes, clipped pixels included; `None` where nothing was
    /// compared, or nothing is a code.
    pub largest_in_steps: Option<f64>,
    /// Why the file is not done.
    pub problem: Option<String>,
}

/// What a line of a file that is done says its owner should know.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Remarks {
    /// The warnings, in words.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What each of them is about, for programs.
    #[serde(default)]
    pub warning_kinds: Vec<String>,
    /// What is worth knowing and no warning.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Remarks {
    fn of(line: &[u8]) -> Self {
        serde_json::from_slice(line).unwrap_or_default()
    }

    /// Tells whether a picture was lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.warning_kinds.iter().any(|kind| is_picture_lost(kind))
    }
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    truncated: u64,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    error: Option<Difference>,
    #[serde(default)]
    problem: Option<String>,
}

#[derive(Deserialize)]
struct Difference {
    largest: Option<f64>,
    half_step: Option<f64>,
}

impl Difference {
    fn in_steps(&self) -> Option<f64> {
        let half_step = self.half_step.filter(|half_step| *half_step > 0.0)?;
        Some(self.largest? / (2.0 * half_step))
    }
}

impl Figures {
    fn of(line: &[u8]) -> Option<Self> {
        let Written { truncated, warnings, verified, error, problem } = serde_json::from_slice(line).ok()?;
        Some(Self {
            truncated,
            warnings,
            verified,
            largest_in_steps: error.and_then(|error| error.in_steps()),
            problem,
        })
    }
}

impl Line<'_> {
    /// Reads the remarks; none where they are not what this program writes.
    #[must_use]
    pub fn remarks(&self) -> Remarks {
        Remarks::of(self.text)
    }

    /// Reads the figures; `None` where they are not what this program writes.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        Figures::of(self.text)
    }

    /// Returns bytes of the input and of the output; `None` where they are not recorded.
    #[must_use]
    pub fn sizes(&self) -> Option<(u64, u64)> {
        Some((self.input.fingerprint()?.bytes, self.output.fingerprint()?.bytes))
    }

    /// Tells whether the input stayed as it was, since its output would not have been smaller.
    #[must_use]
    pub fn stayed(&self) -> bool {
        self.input.fingerprint().is_some() && self.input.fingerprint() == self.output.fingerprint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_lost_picture_is_known_from_its_line() {
        let line = br#"{"warnings":["the picture is lost"],"warning_kinds":["picture_lost"],"notes":["a"]}"#;
        let remarks = Remarks::of(line);
        assert!(Remarks::of(br#"{"warning_kinds":["clipped","all_clipped"]}"#).is_lost());
        assert!(!Remarks::of(br#"{"warning_kinds":["clipped","lost_before"]}"#).is_lost());
        assert!(remarks.is_lost() && remarks.warnings == ["the picture is lost"] && remarks.notes == ["a"]);
        assert_eq!(Remarks::of(b"{\"warnings\":3}"), Remarks::default());
        assert!(!Remarks::of(b"{}").is_lost());
    }

    #[test]
    fn figures_are_read_and_others_are_none() {
        let all = br#"{"truncated":3,"warnings":["a","b"],"verified":true,"error":{"largest":1.5,"half_step":0.5}}"#;
        let figures = Figures {
            truncated: 3,
            warnings: vec!["a".into(), "b".into()],
            verified: true,
            largest_in_steps: Some(1.5),
            ..Figures::default()
        };
        assert_eq!(Figures::of(all), Some(figures));
        assert_eq!(Figures::of(br#"{"error":null}"#), Some(Figures::default()));
        let floats = Figures::of(br#"{"error":{"largest":0.1,"half_step":null}}"#).unwrap();
        assert_eq!(floats.largest_in_steps, None);
        for odd in [&br#"{"truncated":-1}"#[..], br#"{"warnings":[1]}"#, br#"{"error":3}"#, b"{\"error\""] {
            assert_eq!(Figures::of(odd), None);
        }
    }
}
