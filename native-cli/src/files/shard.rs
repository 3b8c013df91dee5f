//! Shares of a list, for programs that work side by side on parts of it.

use std::fmt::{self, Display, Formatter};

/// One of several shares of a list: every so many-th file. By position, so that no share of a short list is empty while
/// another has two files more, as by hashes of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 1.
    number: usize,
    /// The number of shares.
    of: usize,
}

impl Shard {
    /// Reads `I/N`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = || format!("use I/N, such as 3/8 for the third of eight shares, not {text}");
        let number = |text: &str| text.parse::<usize>().ok().filter(|_| !text.starts_with('+'));
        let (first, second) = text.split_once('/').ok_or_else(words)?;
        let (number, of) = number(first).zip(number(second)).ok_or_else(words)?;
        if of == 0 || !(1..=of).contains(&number) {
            return Err(format!(
                "shares are numbered from 1 to their number, so {text} is none: an array of eight tasks is \
                 numbered 1-8"
            ));
        }
        Ok(Self { number, of })
    }

    /// Tells whether what stands at this place of a list, counted from 0, is of this share.
    pub fn has(&self, place: usize) -> bool {
        place % self.of == self.number - 1
    }
}

impl Display for Shard {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_of_one_share() {
        for of in 1..9 {
            let shards: Vec<Shard> =
                (1..=of).map(|number| Shard::parse(&format!("{number}/{of}")).unwrap()).collect();
            for place in 0..30 {
                assert_eq!(shards.iter().filter(|shard| shard.has(place)).count(), 1);
            }
        }
        let second = Shard::parse("2/3").unwrap();
        assert_eq!((0..9).filter(|place| second.has(*place)).collect::<Vec<_>>(), [1, 4, 7]);
        assert_eq!(second.to_string(), "2/3");
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["0/8", "9/8", "0/0", "1/0"] {
            assert!(Shard::parse(text).unwrap_err().contains("numbered from 1"), "{text}");
        }
        for text in
            ["", "1", "/", "1/", "/8", "-1/8", "+1/8", "1/8/9", "a/b", "1 / 8", "1/99999999999999999999"]
        {
            assert!(Shard::parse(text).unwrap_err().contains("use I/N"), "{text}");
        }
    }
}
