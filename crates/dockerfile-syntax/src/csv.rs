//! One line of comma-separated fields, as `--mount` and `--device` hold them.

use crate::text;
use crate::word::Word;

/// The fields of a line. A field in double quotes may hold commas, and `""` for a quote.
///
/// None when there is no text at all, when a quote stands inside a field that does not begin with one, or when text
/// follows a closing quote.
pub(crate) fn fields<'l, 'a>(line: &'l Word<'a>) -> Option<impl Iterator<Item = Word<'a>> + use<'l, 'a>> {
    let text = line
        .strip_suffix('\n')
        .map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    let fields = Fields {
        line,
        text,
        has_quotes: text::find(text.as_bytes(), b'"').is_some(),
        at: Some(0),
    };
    let is_csv = !text.is_empty() && (!fields.has_quotes || fields.clone().all(|field| field.is_some()));
    is_csv.then(|| fields.flatten())
}

/// The fields of a line, one after the other; None for one that is wrong.
#[derive(Clone)]
struct Fields<'l, 'a> {
    line: &'l Word<'a>,
    text: &'l str,
    /// Whether there is one at all.
    has_quotes: bool,
    /// Where the next one begins.
    at: Option<usize>,
}

impl<'a> Iterator for Fields<'_, 'a> {
    type Item = Option<Word<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at.take()?;
        let rest = &self.text[at..];
        let (field, end) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted_field(quoted) {
                Some((field, len)) => {
                    let inside = self.line.part(at + 1..at + len);
                    let field = match field {
                        Some(text) => Word::new(text, inside.span),
                        None => inside,
                    };
                    (field, at + 1 + len)
                }
                None => return Some(None),
            },
            None => {
                let comma = text::find(rest.as_bytes(), b',');
                let end = comma.map_or(self.text.len(), |comma| at + comma);
                if self.has_quotes && self.text[at..end].contains('"') {
                    return Some(None);
                }
                (self.line.part(at..end), end)
            }
        };
        match self.text.as_bytes().get(end) {
            None => {}
            Some(b',') => self.at = Some(end + 1),
            Some(_) => return Some(None),
        }
        Some(Some(field))
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
            let line = Word::from(line);
            let found = fields(&line).map(Iterator::collect::<Vec<_>>);
            let texts = found
                .as_ref()
                .map(|found| found.iter().map(Word::as_str).collect::<Vec<_>>());
            assert_eq!(texts.as_deref(), want, "{line:?}");
        }
    }

    #[test]
    fn fields_know_their_places() {
        let line = "a,\"b,c\",\"d\"\"e\",f";
        let word = Word::from(line);
        let found: Vec<Word<'_>> = fields(&word).unwrap().collect();
        let marked: Vec<&str> = found
            .iter()
            .map(|field| &line[field.span.start..field.span.end])
            .collect();
        assert_eq!(marked, ["a", "b,c", "d\"\"e", "f"]);
    }
}
