//! FEI1 and FEI2 extended headers: one record of acquisition metadata an image, to attributes and
//! back.

use super::fei_fields::{FIELDS, Field, Kind};
use crate::image::attributes::{Attributes, Value};

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

/// Rebuilds the record that attributes of [`describe`] came from, `size` bytes long. What is no attribute is
/// 0 and flagged as not recorded.
pub fn record(attributes: &Attributes, size: usize) -> Vec<u8> {
    let mut record = vec![0; size];
    let mut name = String::new();
    for field in FIELDS {
        name.clear();
        name.push_str("FEIMRC.");
        name.push_str(field.name);
        let Some(value) = attributes.get(&name) else { continue };
        if put(&mut record, field, value).is_some()
            && let Some(flag) = field.flag
        {
            // The lowest byte of a mask comes first.
            record[flag.mask + flag.bit as usize / 8] |= 1 << (flag.bit % 8);
        }
    }
    // Its own length, whatever the attributes say.
    if let Some(start) = record.first_chunk_mut() {
        *start = (size as u32).to_le_bytes();
    }
    record
}

/// Writes a field; `None` when the value is not of its kind or the field lies beyond the record.
fn put(record: &mut [u8], field: &Field, value: &Value) -> Option<()> {
    let at = field.offset;
    match (field.kind, value) {
        (Kind::Int, Value::Int(value)) => *record.get_mut(at..)?.first_chunk_mut()? = value.to_le_bytes(),
        (Kind::Double, Value::Double(value)) => {
            *record.get_mut(at..)?.first_chunk_mut()? = value.to_le_bytes();
        }
        (Kind::Bool, Value::Bool(value)) => *record.get_mut(at)? = (*value).into(),
        (Kind::Time, Value::Text(text)) => {
            *record.get_mut(at..)?.first_chunk_mut()? = microseconds(text)?.to_le_bytes();
        }
        (Kind::Text(size), Value::Text(text)) => {
            let room = record.get_mut(at..at + size)?;
            room.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        }
        _ => return None,
    }
    Some(())
}

/// Inverts [`time`], to the second; `None` for any other text.
fn microseconds(text: &str) -> Option<i64> {
    let (date, clock) = text.strip_suffix(" (UTC)")?.split_once(' ')?;
    let mut date = date.rsplitn(3, '-');
    let mut small = || date.next()?.parse::<u8>().ok().map(i64::from);
    let (day, month) = (small()?, small()?);
    // Microseconds of more years would not fit 64 bits.
    let year = i64::from(date.next()?.parse::<i32>().ok()?);
    let mut seconds = 0;
    for part in clock.splitn(3, ':') {
        seconds = 60 * seconds + i64::from(part.parse::<u8>().ok()?);
    }
    // Days since 0000-03-01, as in `date`.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day = of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1;
    let microseconds =
        (era * 146_097 + day - 719_468).checked_mul(86_400)?.checked_add(seconds)?.checked_mul(1_000_000)?;
    (time(microseconds) == text).then_some(microseconds)
}

/// Writes date and time of microseconds since 1970. EMAN2 writes the local time of the machine it runs on;
/// the same file must give the same bytes everywhere, so this is UTC and says so.
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

/// Returns year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar).
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
    fn times_come_back_to_the_second() {
        for seconds in [0, -1, 1_604_424_972, 951_782_400, 951_868_800, -62_135_596_801, 253_402_300_800] {
            assert_eq!(microseconds(&time(seconds * 1_000_000)), Some(seconds * 1_000_000));
        }
        for text in [
            "",
            "2020-11-03 17:36:12",
            "2020-13-03 17:36:12 (UTC)",
            "2020-02-30 17:36:12 (UTC)",
            "2020-11-03 17:36 (UTC)",
            "2147483647-11-03 17:36:12 (UTC)",
        ] {
            assert_eq!(microseconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_record_comes_back() {
        let mut full = vec![0; LONGEST_RECORD];
        full.iter_mut().zip((1..=100).cycle()).for_each(|(to, from)| *to = from);
        full[..4].copy_from_slice(&(LONGEST_RECORD as u32).to_le_bytes());
        for mask in [8, 297, 490, 748] {
            full[mask..mask + 4].copy_from_slice(&0xa5f0_1e3f_u32.to_le_bytes());
        }
        for size in [SHORTEST_RECORD, 100, 768, LONGEST_RECORD] {
            let mut found = Attributes::new();
            describe(&full[..size], &mut found);
            let rebuilt = record(&found, size);
            assert_eq!(rebuilt.len(), size);
            let mut again = Attributes::new();
            describe(&rebuilt, &mut again);
            // The length is the record's, and reserved flags have no field.
            let but_size = |found: &Attributes| found.iter().skip(1).cloned().collect::<Vec<_>>();
            assert_eq!(but_size(&again), but_size(&found));
        }
        assert!(record(&Attributes::new(), 0).is_empty());
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
