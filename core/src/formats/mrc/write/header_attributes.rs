//! Attributes by name and type, as a header needs them.

use crate::image::attributes::{Attributes, Value};

/// What is known of an image. Files of other programs may lack any of it.
#[derive(Clone, Copy)]
pub struct HeaderAttributes<'a>(pub &'a Attributes);

impl<'a> HeaderAttributes<'a> {
    /// Returns an integer.
    pub fn int(self, name: &str) -> Option<i32> {
        match self.0.get(name)? {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns a finite number.
    pub fn float(self, name: &str) -> Option<f32> {
        let value = match self.0.get(name)? {
            Value::Float(value) => *value,
            Value::Double(value) => *value as f32,
            Value::Int(value) => *value as f32,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }

    /// Returns a text.
    pub fn text(self, name: &str) -> Option<&'a str> {
        match self.0.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the integers of three names, if all are there.
    pub fn three_ints(self, names: [&str; 3]) -> Option<[i32; 3]> {
        let [x, y, z] = names.map(|name| self.int(name));
        Some([x?, y?, z?])
    }

    /// Returns the finite numbers of three names, if all are there.
    pub fn three_floats(self, names: [&str; 3]) -> Option<[f32; 3]> {
        let [x, y, z] = names.map(|name| self.float(name));
        Some([x?, y?, z?])
    }
}
