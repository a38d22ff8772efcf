//! One line of comma-separated fields, as `--mount` and `--device` hold them.

use crate::word::Word;

/// The fields of a line. A field in double quotes may hold commas, and `""` for a quote.
///
/// None when there is no text at all, when a quote stands inside a field that does not begin with one, or when text
/// follows a closing quote.
pub(crate) fn fields<'a>(line: &Word<'a>) -> Option<Vec<Word<'a>>> {
    let text = line
        .strip_suffix('\n')
        .map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let end = if let Some(quoted) = rest.strip_prefix('"') {
            let (field, len) = quoted_field(quoted)?;
            let inner = at + 1..at + len;
            fields.push(match field {
                None => line.part(inner),
                Some(field) => Word::new(field, line.part(inner).span),
            });
            at + 1 + len
        } else {
            let end = rest.find(',').map_or(text.len(), |comma| at + comma);
            if text[at..end].contains('"') {
                return None;
            }
            fields.push(line.part(at..end));
            end
        };
        match text[end..].chars().next() {
            None => return Some(fields),
            Some(',') => at = end + 1,
            Some(_) => return None,
        }
    }
}

/// How long a field behind its opening quote is, its closing quote included; and its text if it has quotes inside.
fn quoted_field(text: &str) -> Option<(Option<String>, usize)> {
    let mut field = String::new();
    let mut at = 0;
    loop {
        let end = at + text[at..].find('"')?;
        if !text[end + 1..].starts_with('"') {
            let has_quotes = at > 0;
            field.push_str(&text[at..end]);
            return Some((has_quotes.then_some(field), end + 1));
        }
        field.push_str(&text[at..=end]);
        at = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::fields;
    use crate::word::Word;

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
            let found = fields(&Word::from(line));
            let texts = found
                .as_ref()
                .map(|found| found.iter().map(Word::as_str).collect::<Vec<_>>());
            assert_eq!(texts.as_deref(), want, "{line:?}");
        }
    }

    #[test]
    fn fields_know_their_places() {
        let line = "a,\"b,c\",\"d\"\"e\",f";
        let found = fields(&Word::from(line)).unwrap();
        let marked: Vec<&str> = found
            .iter()
            .map(|field| &line[field.span.start..field.span.end])
            .collect();
        assert_eq!(marked, ["a", "b,c", "d\"\"e", "f"]);
    }
}
