//! Reads an image config as Go's `encoding/json` does: it is lenient in its own ways, and what it takes builds.
//!
//! Names of fields match in any letter case, a name that stands twice counts twice (the later one on top of the
//! earlier one), `null` changes no text, number or object and empties all else, and what is not UTF-8 becomes U+FFFD. An
//! array in the place of an object is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::config::{Config, Health, Image, Nothing, RootFs};
use super::history::History;
use crate::env::ImageEnv;
use crate::go::text::canonical_time;

impl Image {
    /// Reads the JSON that a registry gave, as Go does.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        image(bytes).map_err(|error| format!("its config is not an image config: {error}"))
    }
}

/// Reads a whole config.
fn image(bytes: &[u8]) -> Result<Image, serde_json::Error> {
    let mut image = Image::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    image.read(&mut reader)?;
    reader.end()?;
    Ok(image)
}

/// What a JSON value may be read on top of.
trait Read {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error>;
}

/// An object of Go's.
trait Object {
    /// Reads the value of the field called `name`, in any letter case.
    fn read_field<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

macro_rules! object {
    ($type:ty { $($name:literal => $($field:ident).+,)* }) => {
        impl Object for $type {
            fn read_field<'de, A: MapAccess<'de>>(
                &mut self,
                name: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                $(if is_name(name, $name) {
                    return map.next_value_seed(On(&mut self.$($field).+));
                })*
                map.next_value::<IgnoredAny>().map(|_| ())
            }
        }

        impl Read for $type {
            fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
                json.deserialize_option(Fields(self))
            }
        }
    };
}

object!(Image {
    "created" => created,
    "author" => author,
    "architecture" => architecture,
    "os" => os,
    "os.version" => os_version,
    "os.features" => os_features,
    "variant" => variant,
    "rootfs" => rootfs,
    "history" => history,
    "config" => config,
});

object!(RootFs {
    "type" => kind,
    "diff_ids" => diff_ids,
});

object!(Config {
    "User" => user,
    "ExposedPorts" => exposed_ports,
    "Env" => env,
    "Entrypoint" => entrypoint,
    "Cmd" => cmd,
    "Volumes" => volumes,
    "WorkingDir" => working_dir,
    "Labels" => labels,
    "StopSignal" => stop_signal,
    "ArgsEscaped" => args_escaped,
    "Healthcheck" => healthcheck,
    "OnBuild" => on_build,
    "Shell" => shell,
});

object!(Health {
    "Test" => test,
    "Interval" => interval,
    "Timeout" => timeout,
    "StartPeriod" => start_period,
    "StartInterval" => start_interval,
    "Retries" => retries,
});

object!(History {
    "created" => created,
    "created_by" => created_by,
    "author" => author,
    "comment" => comment,
    "empty_layer" => empty_layer,
});

impl Object for Nothing {
    fn read_field<'de, A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}

impl Read for Nothing {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        json.deserialize_option(Fields(self))
    }
}

/// Whether Go takes `written` for the field `name`: letters match in any case, two of them also beyond ASCII.
fn is_name(written: &str, name: &str) -> bool {
    let fold = |ch: char| match ch {
        'ſ' => 's',
        'K' => 'k',
        other => other.to_ascii_lowercase(),
    };
    written.chars().map(fold).eq(name.chars().map(fold))
}

/// Reads a value on top of another.
struct On<'t, T>(&'t mut T);

impl<'de, T: Read> DeserializeSeed<'de> for On<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        self.0.read(json)
    }
}

/// Reads an object's fields; `null` has none.
struct Fields<'t, T>(&'t mut T);

impl<'de, T: Object> Visitor<'de> for Fields<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            self.0.read_field(&name, &mut map)?;
        }
        Ok(())
    }
}

/// A string, whatever its bytes.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(lossy(bytes)))
    }
}

/// Half of a surrogate pair, which comes as three bytes, and each other byte that is not UTF-8 become one U+FFFD.
fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let error = match std::str::from_utf8(rest) {
            Ok(text) => {
                out.push_str(text);
                break;
            }
            Err(error) => error,
        };
        let (valid, invalid) = rest.split_at(error.valid_up_to());
        out.push_str(std::str::from_utf8(valid).unwrap_or_default());
        out.push(char::REPLACEMENT_CHARACTER);
        let width = match invalid {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => 3,
            _ => 1,
        };
        rest = invalid.get(width..).unwrap_or_default();
    }
    out
}

impl Read for String {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        if let Some(Text(text)) = Option::deserialize(json)? {
            *self = text;
        }
        Ok(())
    }
}

impl Read for Rc<str> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        if let Some(Text(text)) = Option::deserialize(json)? {
            *self = text.into();
        }
        Ok(())
    }
}

impl Read for bool {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        *self = Option::deserialize(json)?.unwrap_or(*self);
        Ok(())
    }
}

impl Read for i64 {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        *self = Option::deserialize(json)?.unwrap_or(*self);
        Ok(())
    }
}

/// A moment, in the form in which Go prints it.
impl Read for Option<String> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        let text: Option<Text> = Option::deserialize(json)?;
        *self = text.map(|Text(text)| canonical_time(&text));
        Ok(())
    }
}

impl Read for Option<Health> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        let mut health = self.take().unwrap_or_default();
        // Only `null` leaves no object.
        *self = json.deserialize_option(Nullable(&mut health))?.then_some(health);
        Ok(())
    }
}

impl<T: Read + Clone> Read for Rc<T> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        Rc::make_mut(self).read(json)
    }
}

/// Reads a value on top of another; false for `null`.
struct Nullable<'t, T>(&'t mut T);

impl<'de, T: Read> Visitor<'de> for Nullable<'_, T> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_none<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        self.0.read(json).map(|()| true)
    }
}

impl<T: Read + Default> Read for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        let items: Option<Vec<Fresh<T>>> = Option::deserialize(json)?;
        *self = items
            .unwrap_or_default()
            .into_iter()
            .map(|Fresh(item)| item)
            .collect();
        Ok(())
    }
}

impl Read for Option<Vec<String>> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        let items: Option<Vec<Fresh<String>>> = Option::deserialize(json)?;
        *self = items.map(|items| items.into_iter().map(|Fresh(item)| item).collect());
        Ok(())
    }
}

impl Read for ImageEnv {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        let mut entries: Vec<String> = Vec::new();
        entries.read(json)?;
        *self = entries.into_iter().collect();
        Ok(())
    }
}

/// A value that nothing was before; `null` leaves it empty.
struct Fresh<T>(T);

impl<'de, T: Read + Default> Deserialize<'de> for Fresh<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let mut value = T::default();
        value.read(json)?;
        Ok(Self(value))
    }
}

impl<T: Read + Default> Read for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        json.deserialize_option(Entries(self))
    }
}

/// Reads a map's entries on top of what it has; `null` empties it.
struct Entries<'t, T>(&'t mut BTreeMap<String, T>);

impl<'de, T: Read + Default> Visitor<'de> for Entries<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.0.clear();
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(key), Fresh(value))) = map.next_entry()? {
            self.0.insert(key, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Added;

    fn read(json: &[u8]) -> Result<String, String> {
        let image = image(json).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(image.to_json(&Added::default())).unwrap())
    }

    const EMPTY: &str = r#"{"architecture":"","os":"","rootfs":{"type":"","diff_ids":null},"config":{}}"#;

    #[test]
    fn as_go_reads_it() {
        for (json, want) in [
            ("null", EMPTY),
            ("{}", EMPTY),
            (
                r#"{"os":"a","OS":"b","Architecture":null,"x":[[[{}]]]}"#,
                &EMPTY.replace(r#""os":"""#, r#""os":"b""#),
            ),
            (
                r#"{"config":{"User":"u","Env":["A=1"]},"config":{"Env":null,"Labels":{"a":null},"labels":{"b":"c"}},"config":null}"#,
                &EMPTY.replace(
                    r#""config":{}"#,
                    r#""config":{"User":"u","Labels":{"a":"","b":"c"}}"#,
                ),
            ),
            (
                r#"{"author":"\ud800x"}"#,
                &EMPTY.replacen('{', "{\"author\":\"\u{fffd}x\",", 1),
            ),
            (
                r#"{"config":{"Healthcheck":{"Retries":3},"Healthcheck":{"Test":[null]}}}"#,
                &EMPTY.replace(
                    r#""config":{}"#,
                    r#""config":{"Healthcheck":{"Test":[""],"Retries":3}}"#,
                ),
            ),
        ] {
            assert_eq!(read(json.as_bytes()).as_deref(), Ok(want), "{json}");
        }
        let want = EMPTY.replace(r#""os":"""#, "\"os\":\"\u{fffd}\u{fffd}\"");
        assert_eq!(read(b"{\"os\":\"\xff\xe2\"}"), Ok(want));
    }

    #[test]
    fn of_another_kind() {
        for json in [
            "[]",
            "1",
            "\"\"",
            "",
            "{",
            "{}x",
            r#"{"os":1}"#,
            r#"{"os":[]}"#,
            r#"{"config":[]}"#,
            r#"{"config":{"Env":{}}}"#,
            r#"{"config":{"Env":[1]}}"#,
            r#"{"config":{"Labels":[]}}"#,
            r#"{"config":{"Volumes":{"/":[]}}}"#,
            r#"{"rootfs":[]}"#,
            r#"{"history":{}}"#,
            r#"{"config":{"Healthcheck":{"Retries":1.5}}}"#,
            r#"{"config":{"ArgsEscaped":"true"}}"#,
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn errors_say_what_is_expected() {
        for (json, expected) in [
            ("[]", "expected an object"),
            (r#"{"config":{"Labels":[]}}"#, "expected an object"),
            (r#"{"history":{}}"#, "expected a sequence"),
            (r#"{"os":1}"#, "expected a string"),
        ] {
            let error = read(json.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
