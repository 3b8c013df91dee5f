//! Header attributes of an image, as EMAN2 keeps them: a name and a typed value.

use std::borrow::Cow;

/// A value, with the HDF5 type EMAN2 reads it as. Numbers are one-element arrays in the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// 32-bit integer. EMAN2 reads no other width.
    Int(i32),
    /// 32-bit float.
    Float(f32),
    /// 64-bit float.
    Double(f64),
    /// EMAN2's truth value, the character `T` or `F`.
    Bool(bool),
    /// Text, ASCII; the terminating NUL is added in the file.
    Text(String),
}

impl Value {
    /// Text from bytes that end at the first NUL; what is not ASCII becomes `?`, as in EMAN2.
    #[must_use]
    pub fn text(bytes: &[u8]) -> Self {
        let until_nul = bytes.iter().take_while(|&&byte| byte != 0);
        Self::Text(until_nul.map(|&byte| if byte.is_ascii() { byte as char } else { '?' }).collect())
    }
}

/// A named value. In the file the name gets the prefix `EMAN.`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name without prefix, such as `apix_x` or `MRC.nx`.
    pub name: Cow<'static, str>,
    /// The value.
    pub value: Value,
}

/// Attributes in the order they were added. Names are unique.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute under a new name. A float that is not finite becomes 0, as in EMAN2.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        let value = match value {
            Value::Float(value) if !value.is_finite() => Value::Float(0.0),
            Value::Double(value) if !value.is_finite() => Value::Double(0.0),
            value => value,
        };
        debug_assert!(self.get(&name).is_none(), "{name} is set twice");
        self.0.push(Attribute { name, value });
    }

    /// Adds an integer.
    pub fn int(&mut self, name: impl Into<Cow<'static, str>>, value: i32) {
        self.add(name, Value::Int(value));
    }

    /// Adds a float.
    pub fn float(&mut self, name: impl Into<Cow<'static, str>>, value: f32) {
        self.add(name, Value::Float(value));
    }

    /// Adds text. It ends at the first NUL; what is not ASCII becomes `?`, as in EMAN2.
    pub fn text(&mut self, name: impl Into<Cow<'static, str>>, value: &[u8]) {
        self.add(name, Value::text(value));
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|found| found.name == name)?;
        Some(&found.value)
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Attribute> {
        self.0.iter()
    }
}
