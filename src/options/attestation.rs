//! Options about statements that go with an image.

use std::collections::BTreeMap;

use dockerfile_compile::Reference;
use llb_graph::collect;

use super::keys::Options;
use super::value::csv_fields;

/// Scans images where the client names no other scanner.
const DEFAULT_SCANNER: &str = "docker/buildkit-syft-scanner:stable-1";

/// A request for a bill of materials (SBOM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SbomRequest {
    /// Image of the scanner, by its full name.
    pub scanner: String,
    /// What the scanner is told, as `BUILDKIT_SCAN_<key>`.
    pub parameters: BTreeMap<String, String>,
}

/// `attest:TYPE`, also as `build-arg:BUILDKIT_ATTEST_TYPE`. Provenance is the daemon's work, so it is only checked.
pub(super) fn parse_sbom(options: Options<'_>) -> Result<Option<SbomRequest>, String> {
    let mut requests: BTreeMap<String, (String, String)> = BTreeMap::new();
    for prefix in ["attest:", "build-arg:BUILDKIT_ATTEST_"] {
        for (kind, value) in options.family(prefix) {
            requests.insert(kind.to_lowercase(), (format!("{prefix}{kind}"), value));
        }
    }
    let mut sbom = None;
    for (kind, (key, value)) in &requests {
        let parameters = parse_parameters(key, value)?;
        match kind.as_str() {
            "sbom" => sbom = Some(parse_scanner(key, parameters)?),
            "provenance" => {}
            _ => {
                return Err(format!(
                    "option `{key}`: `{kind}` is no attestation; expected `sbom` or `provenance`"
                ));
            }
        }
    }
    Ok(sbom)
}

/// `k=v`, several with commas; of two with one key the later counts.
fn parse_parameters(key: &str, value: &str) -> Result<BTreeMap<String, String>, String> {
    if value.is_empty() {
        return Ok(BTreeMap::new());
    }
    let fields = csv_fields(value).map_err(|problem| format!("option `{key}`: {problem}"))?;
    let pair = |field: &String| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        (name.to_owned(), value.to_owned())
    };
    Ok(collect::map(fields.iter().map(pair)))
}

fn parse_scanner(key: &str, mut parameters: BTreeMap<String, String>) -> Result<SbomRequest, String> {
    let scanner = parameters
        .remove("generator")
        .unwrap_or_else(|| DEFAULT_SCANNER.to_owned());
    let reference = Reference::parse_normalized(&scanner)
        .map_err(|error| format!("option `{key}`: the scanner `generator={scanner}`: {error}"))?;
    Ok(SbomRequest {
        scanner: reference.or_latest().to_string(),
        parameters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sbom(key: &str, value: &str) -> Result<Option<SbomRequest>, String> {
        parse_sbom(Options(&BTreeMap::from([(key.to_owned(), value.to_owned())])))
    }

    #[test]
    fn scanners() {
        let default = sbom("attest:sbom", "").unwrap().unwrap();
        assert_eq!(default.scanner, "docker.io/docker/buildkit-syft-scanner:stable-1");
        let own = sbom("build-arg:BUILDKIT_ATTEST_SBOM", "generator=x.io/scan,\"a=b,c\"")
            .unwrap()
            .unwrap();
        assert_eq!(own.scanner, "x.io/scan:latest");
        assert_eq!(own.parameters["a"], "b,c");
        assert_eq!(sbom("attest:provenance", "mode=max").unwrap(), None);
        assert!(
            sbom("attest:other", "")
                .unwrap_err()
                .contains("`other` is no attestation")
        );
        assert!(sbom("attest:sbom", "generator=").is_err());
    }
}
