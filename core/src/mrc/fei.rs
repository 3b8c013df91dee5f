//! FEI1 and FEI2 extended headers: one record of acquisition metadata an image.

use super::fei_fields::{FIELDS, Field, Kind};
use crate::attribute::{Attributes, Value};

/// The longest record we know, FEI2's; later fields of longer records are left out.
pub const LONGEST_RECORD: usize = 888;

/// A record holds at least its own size and version.
pub const SHORTEST_RECORD: usize = 8;

/// Adds `FEIMRC.*` for every field whose flag is set and that lies within the record.
pub fn describe(record: &[u8], attributes: &mut Attributes) {
    for field in FIELDS {
        let recorded = field.flag.is_none_or(|flag| {
            bytes(record, flag.mask).is_some_and(|mask| u32::from_le_bytes(mask) >> flag.bit & 1 == 1)
        });
        if recorded && let Some(value) = value(record, field) {
            attributes.add(format!("FEIMRC.{}", field.name), value);
        }
    }
}

fn value(record: &[u8], field: &Field) -> Option<Value> {
    let at = field.offset;
    Some(match field.kind {
        Kind::Int => Value::Int(i32::from_le_bytes(bytes(record, at)?)),
        Kind::Double => Value::Double(f64::from_le_bytes(bytes(record, at)?)),
        Kind::Bool => Value::Bool(*record.get(at)? != 0),
        Kind::Time => Value::Text(time(i64::from_le_bytes(bytes(record, at)?))),
        Kind::Text(size) => Value::text(record.get(at..at + size)?),
    })
}

fn bytes<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..at + N)?.try_into().ok()
}

/// Date and time of microseconds since 1970. EMAN2 writes the local time of the machine it runs
/// on; the same file must give the same bytes everywhere, so this is UTC and says so.
fn time(microseconds: i64) -> String {
    const DAY: i64 = 86_400;
    let seconds = microseconds.div_euclid(1_000_000);
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} (UTC)",
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar).
fn date(day: i64) -> (i64, i64, i64) {
    // Counted from 0000-03-01, so that a leap day ends its year and its 400-year era.
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let day = day.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // 0 is March
    let day = day - (153 * month + 2) / 5 + 1;
    let january = i64::from(month >= 10);
    (era * 400 + year + january, month + 3 - 12 * january, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn times() {
        assert_eq!(time(0), "1970-01-01 00:00:00 (UTC)");
        assert_eq!(time(1_604_424_972_000_000), "2020-11-03 17:36:12 (UTC)");
        assert_eq!(time(951_782_400_999_999), "2000-02-29 00:00:00 (UTC)");
        assert_eq!(time(-1), "1969-12-31 23:59:59 (UTC)");
        time(i64::MIN);
        time(i64::MAX);
    }

    #[test]
    fn fields_follow_each_other_and_fit() {
        let mut end = 0;
        for field in FIELDS {
            assert!(field.offset >= end, "{}", field.name);
            end = field.offset
                + match field.kind {
                    Kind::Int => 4,
                    Kind::Double | Kind::Time => 8,
                    Kind::Bool => 1,
                    Kind::Text(size) => size,
                };
        }
        assert_eq!(end, LONGEST_RECORD);
    }

    #[test]
    fn only_recorded_fields_within_the_record() {
        let mut record = vec![0; 100];
        record[0] = 100;
        record[8] = 0b110_0010; // microscope_type, ht, dose
        record[20..25].copy_from_slice(b"TITAN");
        record[84..92].copy_from_slice(&300_000f64.to_le_bytes());
        let mut found = Attributes::new();
        describe(&record, &mut found);
        let names: Vec<_> = found.iter().map(|a| a.name.to_string()).collect();
        let expected = ["metadata_size", "metadata_version", "microscope_type", "ht", "dose"];
        assert_eq!(names, expected.map(|name| format!("FEIMRC.{name}")));
        assert_eq!(found.get("FEIMRC.microscope_type"), Some(&Value::Text("TITAN".into())));
        describe(&[], &mut Attributes::new());
        describe(&[255; 12], &mut Attributes::new());
    }
}
