//! Where a build may find results of earlier ones.

use std::collections::BTreeMap;

use llb_graph::collect;
use serde::Deserialize;

use super::keys::Options;
use super::value::malformed;

/// One place with cached results.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CacheImport {
    /// Kind of place, such as `registry`.
    #[serde(rename = "Type", alias = "type", default)]
    pub kind: String,
    /// What that kind needs to know.
    #[serde(rename = "Attrs", alias = "attrs", default, deserialize_with = "nullable")]
    pub attrs: BTreeMap<String, String>,
}

fn nullable<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `cache-imports` (JSON), then `cache-from` (references with commas), the older form.
pub(super) fn parse(options: Options<'_>) -> Result<Vec<CacheImport>, String> {
    let mut imports: Vec<CacheImport> = match options.get("cache-imports") {
        "" => Vec::new(),
        json => serde_json::from_str::<Option<_>>(json)
            .map_err(|error| {
                let expected = r#"JSON such as [{"Type":"registry","Attrs":{"ref":"example.org/cache"}}]"#;
                format!("{}: {error}", malformed("cache-imports", json, expected))
            })?
            .unwrap_or_default(),
    };
    let references = options
        .get("cache-from")
        .split(',')
        .filter(|_| !options.get("cache-from").is_empty());
    imports.extend(references.map(|reference| CacheImport {
        kind: "registry".to_owned(),
        attrs: collect::map([("ref".to_owned(), reference.to_owned())]),
    }));
    Ok(imports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let options = BTreeMap::from([
            (
                "cache-imports".to_owned(),
                r#"[{"Type":"local","Attrs":{"src":"x"}},{"Type":"gha","Attrs":null}]"#.to_owned(),
            ),
            ("cache-from".to_owned(), "a,b".to_owned()),
        ]);
        let imports = parse(Options(&options)).unwrap();
        let kinds: Vec<&str> = imports.iter().map(|import| import.kind.as_str()).collect();
        assert_eq!(kinds, ["local", "gha", "registry", "registry"]);
        let bad = BTreeMap::from([("cache-imports".to_owned(), "{".to_owned())]);
        assert!(parse(Options(&bad)).unwrap_err().contains("expected JSON"));
    }
}
