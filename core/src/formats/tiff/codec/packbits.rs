//! `PackBits`: runs and literals, each behind a byte that counts them.

use super::Damage;

/// Decodes until `out` is full; what follows then does not count.
///
/// # Errors
/// [`Damage::Short`] when the data end before that.
pub fn decode(mut stored: &[u8], mut out: &mut [u8]) -> Result<(), Damage> {
    while !out.is_empty() {
        let (&count, rest) = stored.split_first().ok_or(Damage::Short)?;
        stored = rest;
        let count = count as i8;
        let length = (usize::from(count.unsigned_abs()) + 1).min(out.len());
        if count == i8::MIN {
            continue;
        }
        let (part, behind) = std::mem::take(&mut out).split_at_mut(length);
        if count < 0 {
            let (&byte, rest) = stored.split_first().ok_or(Damage::Short)?;
            part.fill(byte);
            stored = rest;
        } else {
            let (literals, rest) = stored.split_at_checked(length).ok_or(Damage::Short)?;
            part.copy_from_slice(literals);
            stored = rest;
        }
        out = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn runs_literals_and_bytes_that_say_nothing() {
        let stored = [0xfe, 7, 0x80, 2, 1, 2, 3, 0x80, 0, 9, 0xff];
        let mut out = [0; 7];
        assert_eq!(decode(&stored, &mut out), Ok(()));
        assert_eq!(out, [7, 7, 7, 1, 2, 3, 9]);
        let mut out = [0; 2];
        assert_eq!(decode(&stored, &mut out), Ok(()));
        assert_eq!(decode(&stored, &mut [0; 8]), Err(Damage::Short));
        assert_eq!(decode(&[5, 1], &mut [0; 8]), Err(Damage::Short));
        assert_eq!(decode(&[0x81, 4], &mut [0; 128]), Ok(()));
    }
}
