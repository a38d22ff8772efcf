//! Making a request small that two frontends differ on.

use serde_json::{Value, json};

use crate::bytes::{dockerfile_of, set_dockerfile};

/// Whether a request still shows the difference.
pub type Test<'a> = dyn FnMut(&Value) -> bool + 'a;

/// Leaves out whatever the difference does not need: fields, options, lines, words, bytes.
pub fn shrink(request: &Value, differs: &mut Test<'_>) -> Value {
    let mut best = request.clone();
    loop {
        let before = best.clone();
        fields(&mut best, differs);
        for separator in [b"\n".as_slice(), b" ".as_slice(), b"".as_slice()] {
            pieces(&mut best, separator, differs);
        }
        if best == before {
            return best;
        }
    }
}

fn fields(best: &mut Value, differs: &mut Test<'_>) {
    for field in ["images", "workers", "caps_absent"] {
        let mut less = best.clone();
        let removed = less.as_object_mut().and_then(|request| request.remove(field));
        if removed.is_some() && differs(&less) {
            *best = less;
        }
    }
    for path in ["/opts", "/images", "/locals/src", "/locals/context"] {
        let keys: Vec<String> = best
            .pointer(path)
            .and_then(Value::as_object)
            .map(|map| map.keys().cloned().collect())
            .unwrap_or_default();
        for key in keys {
            let mut less = best.clone();
            if let Some(map) = less.pointer_mut(path).and_then(Value::as_object_mut) {
                map.remove(&key);
            }
            if differs(&less) {
                *best = less;
            }
        }
    }
    if best["opts"] == json!({}) {
        best.as_object_mut().map(|request| request.remove("opts"));
    }
}

/// Leaves out runs of lines, words or bytes of the Dockerfile, long runs first.
fn pieces(best: &mut Value, separator: &[u8], differs: &mut Test<'_>) {
    let mut parts = split(&dockerfile_of(best), separator);
    let mut size = parts.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < parts.len() {
            let end = (at + size).min(parts.len());
            let mut fewer = parts.clone();
            fewer.drain(at..end);
            let mut less = best.clone();
            set_dockerfile(&mut less, &fewer.join(separator));
            if differs(&less) {
                *best = less;
                parts = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}

fn split(text: &[u8], separator: &[u8]) -> Vec<Vec<u8>> {
    match separator.first() {
        Some(separator) => text.split(|byte| byte == separator).map(<[u8]>::to_vec).collect(),
        None => text.iter().map(|&byte| vec![byte]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_only_what_is_needed() {
        let mut request = json!({ "opts": { "a": "1", "target": "x" }, "locals": { "dockerfile": {} } });
        set_dockerfile(&mut request, b"FROM a\nRUN some thing\nCOPY b c\n");
        let mut differs = |request: &Value| {
            let text = dockerfile_of(request);
            request["opts"]["target"] == "x" && text.windows(5).any(|part| part == b"thing")
        };
        let small = shrink(&request, &mut differs);
        assert_eq!(dockerfile_of(&small), b"thing");
        assert_eq!(small["opts"], json!({ "target": "x" }));
    }
}
