//! Names of the two files of a pair.

/// Extensions of the file with the pixels and of the one with the headers.
const PIXELS: &str = "img";
const HEADERS: &str = "hed";

/// The names of two files that are one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Name of the file with the pixels, by which the pair goes.
    pub pixels: String,
    /// Name of the file with the headers.
    pub headers: String,
}

impl Pair {
    /// Returns the names of the pair that a file of this name is a part of, if it is of a format that comes in pairs.
    /// The other extension is in capitals where this one is.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let other = |wanted: &str| {
            let capitals = extension.bytes().all(|byte| byte.is_ascii_uppercase());
            format!("{stem}.{}", if capitals { wanted.to_ascii_uppercase() } else { wanted.to_owned() })
        };
        if extension.eq_ignore_ascii_case(PIXELS) {
            Some(Self { pixels: name.to_owned(), headers: other(HEADERS) })
        } else if extension.eq_ignore_ascii_case(HEADERS) {
            Some(Self { pixels: other(PIXELS), headers: name.to_owned() })
        } else {
            None
        }
    }

    /// Returns the name of the file that a file of this name needs beside it.
    #[must_use]
    pub fn other_than(&self, name: &str) -> &str {
        if name == self.headers { &self.pixels } else { &self.headers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn either_name_tells_the_other() {
        let pair =
            |pixels: &str, headers: &str| Some(Pair { pixels: pixels.into(), headers: headers.into() });
        assert_eq!(Pair::of("a/b.c.img"), pair("a/b.c.img", "a/b.c.hed"));
        assert_eq!(Pair::of("A.HED"), pair("A.IMG", "A.HED"));
        assert_eq!(Pair::of("a.Img"), pair("a.Img", "a.hed"));
        assert_eq!(Pair::of("a.mrc"), None);
        assert_eq!(Pair::of("img"), None);
        assert_eq!(Pair::of("a.hed").unwrap().other_than("a.hed"), "a.img");
        assert_eq!(Pair::of("a.hed").unwrap().other_than("a.img"), "a.hed");
    }
}
