//! Exceptions as errors, and panics told to the page.

use std::io;
use std::panic;

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope};

/// From now on a panic in any worker of this module is told on the broadcast channel that has the
/// worker's name. A panic ends its worker; those that wait for it would wait for ever.
#[wasm_bindgen(js_name = tellPanics)]
pub fn tell_panics() {
    panic::set_hook(Box::new(|panic| {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        if let Ok(channel) = BroadcastChannel::new(&scope.name()) {
            let _ = channel.post_message(&JsValue::from_str(&panic.to_string()));
            channel.close();
        }
    }));
}

/// An exception that a browser threw while it read or wrote, in words for the file's owner.
pub fn io_error(exception: &JsValue) -> io::Error {
    let property = |name: &str| js_sys::Reflect::get(exception, &name.into()).ok()?.as_string();
    let name = property("name").unwrap_or_default();
    let message = property("message").unwrap_or_else(|| format!("{exception:?}"));
    match name.as_str() {
        "NotFoundError" | "NotReadableError" => io::Error::new(
            io::ErrorKind::NotFound,
            format!("the file was moved, changed or deleted after it was chosen ({message})"),
        ),
        "QuotaExceededError" => storage_full(&message),
        _ => io::Error::other(format!("{name}: {message}")),
    }
}

/// No room for the output.
pub fn storage_full(detail: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::StorageFull,
        format!(
            "the browser's storage for this page is full; save and remove finished files, or free disk space ({detail})"
        ),
    )
}
