//! The options that decide an output's bytes, as a record has them.

use serde_json::{Value, json};

use crate::{EerRendering, EerSums, LimitRule, Memory, Options, PixelEncoding};

/// The option that the first records lack.
pub(super) const NO_UNPACK: &str = "no_unpack";

/// The options of EER files, which the next ones lack; null without any.
pub(super) const EER: &str = "eer";

/// Describes what decides an output's bytes. Two runs make the same of a file if these are equal.
#[must_use]
pub fn options_json(options: &Options, no_unpack: bool, eer: EerRendering) -> Value {
    let limits = match options.limits {
        LimitRule::All => json!(null),
        LimitRule::NoOutliers => json!("nooutliers"),
        LimitRule::Explicit(limits) => json!({ "range": [limits.low, limits.high] }),
        LimitRule::Sigma { below, above } => json!({ "sigrange": [below, above] }),
    };
    // A number, or the words of auto.
    let bits = options.stored.to_string();
    let bits: Value = bits.parse::<i64>().map_or_else(|_| bits.into(), Value::from);
    json!({
        "bits": bits,
        "compresslevel": options.level.unwrap_or_default().get(),
        "limits": limits,
        NO_UNPACK: no_unpack,
        EER: eer_json(eer),
    })
}

/// Describes what is made of EER files.
fn eer_json(eer: EerRendering) -> Value {
    if eer == EerRendering::default() {
        return Value::Null;
    }
    let upsampling = eer.upsampling.factor();
    match eer.sums {
        EerSums::None => json!({ "upsampling": upsampling }),
        EerSums::Fractions(fractions) => json!({ "fractions": fractions, "upsampling": upsampling }),
        EerSums::Grouping(grouping) => json!({ "grouping": grouping, "upsampling": upsampling }),
        EerSums::Exactly { fractions, grouping } => {
            json!({ "fractions": fractions, "grouping": grouping, "upsampling": upsampling })
        }
    }
}

/// Reads options as a record has them; `None` where they are none.
#[must_use]
pub fn options_from(options: &Value, memory: Memory) -> Option<Options> {
    let pair = |limits: &Value| {
        let [first, second] = limits.as_array()?.as_slice() else { return None };
        Some((first.as_f64()?, second.as_f64()?))
    };
    let limits = match options.get("limits")? {
        Value::Null => LimitRule::All,
        Value::String(name) if name == "nooutliers" => LimitRule::NoOutliers,
        limits => match (limits.get("range"), limits.get("sigrange")) {
            (Some(range), _) => pair(range).and_then(|(low, high)| LimitRule::explicit(low, high).ok())?,
            (_, Some(sigmas)) => {
                pair(sigmas).and_then(|(below, above)| LimitRule::sigmas(below, above).ok())?
            }
            _ => return None,
        },
    };
    let stored = match options.get("bits")? {
        Value::String(auto) => PixelEncoding::parse(auto).ok()?,
        bits => PixelEncoding::from_bits(bits.as_i64()?).ok()?,
    };
    Some(Options { stored, limits, memory, ..Options::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn options_come_back() {
        for (limits, rule) in [
            (json!(null), LimitRule::All),
            (json!("nooutliers"), LimitRule::NoOutliers),
            (json!({ "range": [-1.5f32, 0.1f32] }), LimitRule::explicit(-1.5, 0.1).unwrap()),
            (json!({ "sigrange": [2.0, 3.5] }), LimitRule::sigmas(2.0, 3.5).unwrap()),
        ] {
            let options =
                options_from(&json!({ "bits": 5, "compresslevel": 1, "limits": limits }), Memory::DEFAULT);
            assert_eq!(options, Some(Options { limits: rule, ..Options::bits(5).unwrap() }));
        }
        for odd in [json!({ "bits": 1, "limits": null }), json!({ "bits": 5, "limits": "all" }), json!({})] {
            assert_eq!(options_from(&odd, Memory::DEFAULT), None);
        }
    }
}
