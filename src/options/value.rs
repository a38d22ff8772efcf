//! Shapes that several options share.

/// One line of comma-separated values; a field with a comma or quote in it stands in double quotes.
///
/// # Errors
/// Says where the quoting is wrong.
pub(super) fn csv_fields(line: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, tail) = split_field(rest);
            if field.contains('"') {
                return Err(format!(
                    "a quote inside `{field}`: put the whole field in double quotes"
                ));
            }
            fields.push(field.to_owned());
            match tail {
                Some(tail) => rest = tail,
                None => return Ok(fields),
            }
            continue;
        };
        let (field, tail) = quoted_field(quoted)?;
        fields.push(field);
        match tail.strip_prefix(',') {
            Some(tail) => rest = tail,
            None if tail.is_empty() => return Ok(fields),
            None => {
                return Err(format!(
                    "`{tail}` behind a closing quote: expected a comma or the end"
                ));
            }
        }
    }
}

fn split_field(text: &str) -> (&str, Option<&str>) {
    text.split_once(',')
        .map_or((text, None), |(field, tail)| (field, Some(tail)))
}

/// The field behind an opening quote, and what follows its closing one.
fn quoted_field(text: &str) -> Result<(String, &str), String> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some((before, after)) = rest.split_once('"') else {
            return Err(format!("no closing quote behind `\"{text}`"));
        };
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field, after)),
        }
    }
}

/// The spellings of a yes or no that Go programs take.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// An error about an option, in the one form that all have.
pub(super) fn malformed(key: &str, value: &str, expected: &str) -> String {
    format!("option `{key}` is `{value}`: expected {expected}")
}

/// Collects what is wrong with the options, so that all of it is told at once.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    /// The value, or its default with the problem noted.
    pub(super) fn take<T: Default>(&mut self, value: Result<T, String>) -> T {
        value.unwrap_or_else(|problem| {
            self.0.push(problem);
            T::default()
        })
    }

    /// The value if nothing was wrong, or everything that was, a line each.
    pub(super) fn finish<T>(self, value: T) -> Result<T, String> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0.join("\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        assert_eq!(csv_fields("a,b=c").unwrap(), ["a", "b=c"]);
        assert_eq!(
            csv_fields("\"a,b\",c\"").unwrap_err(),
            "a quote inside `c\"`: put the whole field in double quotes"
        );
        assert_eq!(csv_fields("\"a,\"\"b\",").unwrap(), ["a,\"b", ""]);
        assert!(csv_fields("\"a").is_err());
        assert!(csv_fields("\"a\"b").is_err());
    }
}
