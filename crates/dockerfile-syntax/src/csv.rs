//! One line of comma-separated fields, as `--mount` and `--device` hold them.

/// The fields of a line. A field in double quotes may hold commas, and `""` for a quote.
///
/// None when there is no text at all, when a quote stands inside a field that does not begin with one, or when text
/// follows a closing quote.
pub(crate) fn fields(line: &str) -> Option<Vec<String>> {
    let line = line
        .strip_suffix('\n')
        .map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, tail) = rest
                .split_once(',')
                .map_or((rest, None), |(field, tail)| (field, Some(tail)));
            if field.contains('"') {
                return None;
            }
            fields.push(field.to_owned());
            match tail {
                Some(tail) => rest = tail,
                None => return Some(fields),
            }
            continue;
        };
        let (field, tail) = quoted_field(quoted)?;
        fields.push(field);
        match tail.strip_prefix(',') {
            Some(tail) => rest = tail,
            None => return tail.is_empty().then_some(fields),
        }
    }
}

/// A field behind its opening quote, and what follows its closing quote.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (head, tail) = rest.split_once('"')?;
        field.push_str(head);
        match tail.strip_prefix('"') {
            Some(tail) => {
                field.push('"');
                rest = tail;
            }
            None => return Some((field, tail)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn lines_and_their_fields() {
        let cases: [(&str, Option<&[&str]>); 10] = [
            ("a,b=c", Some(&["a", "b=c"])),
            ("", None),
            (",", Some(&["", ""])),
            ("\"a,b\",c", Some(&["a,b", "c"])),
            ("\"a\"\"b\"", Some(&["a\"b"])),
            ("\"a\",", Some(&["a", ""])),
            ("\"a", None),
            ("a\"b", None),
            ("\"a\"b", None),
            ("a\r\n", Some(&["a"])),
        ];
        for (line, want) in cases {
            let want = want.map(|want| want.iter().map(ToString::to_string).collect());
            assert_eq!(fields(line), want, "{line:?}");
        }
    }
}
