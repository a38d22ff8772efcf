//! What a frontend did, in the oracle's answer format.

use llb_graph::{RawDefinition, digest, proto};
use plimsoll_frontend::gateway::pb;
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::base64::encode;
use crate::bridge::FakeBridge;
use crate::noted::Noted;

/// Details that the oracle tells apart from the others.
const SOURCE_DETAIL: &str = "errdefs.Source+";

impl FakeBridge {
    /// Every message, as the oracle's `wire` takes them.
    #[must_use]
    pub fn wire(&self) -> Value {
        let noted = self.noted();
        let mut solves = 0..;
        let sent = noted.sent.iter().map(|one| {
            let mut sent = json!({ "method": one.method, "message": encode(&one.message) });
            if one.method == "Solve" && solves.next().is_some_and(|index| is_unused(&noted, index)) {
                sent["unused"] = Value::Bool(true);
            }
            sent
        });
        sent.collect()
    }

    /// All that happened, as the oracle would tell it with `brief`.
    #[must_use]
    pub fn answer(&self) -> Value {
        let noted = self.noted();
        let mut out = Map::new();
        out.insert("id".to_owned(), json!(self.case.id));
        if let Some(result) = self.returned_result() {
            out.insert("result".to_owned(), result_json(&noted, &result));
        }
        put_list(
            &mut out,
            "solves",
            (0..noted.solves.len())
                .map(|index| solve_json(&noted, index))
                .collect(),
        );
        put_list(&mut out, "resolves", resolves_json(&noted));
        put_list(
            &mut out,
            "warnings",
            noted.warnings.iter().map(warning_json).collect(),
        );
        if let Some(error) = self.returned_error() {
            out.insert("error".to_owned(), error_json(&error.into_wire()));
        }
        Value::Object(out)
    }
}

fn put_list(out: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        out.insert(key.to_owned(), Value::Array(list));
    }
}

/// Leaves out what is empty, false or zero.
fn put(out: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    let empty = match &value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    };
    if !empty {
        out.insert(key.to_owned(), value);
    }
}

fn solve_json(noted: &Noted, index: usize) -> Value {
    let request = &noted.solves[index];
    let mut out = request
        .definition
        .as_ref()
        .map(definition_json)
        .unwrap_or_default();
    out.insert("id".to_owned(), json!(index.to_string()));
    put(&mut out, "frontend", request.frontend.clone());
    put(&mut out, "opts", json!(request.frontend_opt));
    let imports = request.cache_imports.iter().map(|import| {
        let mut out = Map::from_iter([("type".to_owned(), json!(import.r#type))]);
        put(&mut out, "attrs", json!(import.attrs));
        Value::Object(out)
    });
    put(&mut out, "cache_imports", imports.collect::<Vec<_>>());
    put(&mut out, "evaluate", request.evaluate);
    let inputs = request.frontend_inputs.iter();
    let inputs = inputs.map(|entry| {
        let definition = entry.value.as_ref().map(definition_json);
        (
            entry.key.clone().unwrap_or_default(),
            definition.map_or(absent(), Value::Object),
        )
    });
    put(&mut out, "inputs", inputs.collect::<Map<_, _>>());
    put(&mut out, "reads", json!(noted.reads[index]));
    Value::Object(out)
}

fn definition_json(definition: &RawDefinition) -> Map<String, Value> {
    // A graph of the frontend can be read; `Solve` refuses any other.
    parts_json(&proto::Definition::decode(definition.bytes()).unwrap_or_default())
}

fn parts_json(definition: &proto::Definition) -> Map<String, Value> {
    let mut out = Map::new();
    let ops: Vec<String> = definition.def.iter().map(|op| encode(op)).collect();
    let digests: Vec<String> = definition.def.iter().map(|op| digest(op)).collect();
    out.insert("def".to_owned(), json!(ops));
    out.insert("digests".to_owned(), json!(digests));
    let metadata = definition.metadata.iter().map(|entry| {
        let metadata = entry.value.clone().unwrap_or_default();
        (entry.key.clone().unwrap_or_default(), metadata_json(&metadata))
    });
    put(&mut out, "op_metadata", metadata.collect::<Map<_, _>>());
    if let Some(source) = &definition.source {
        out.insert("source".to_owned(), source_json(source));
    }
    out
}

fn metadata_json(metadata: &proto::OpMetadata) -> Value {
    let mut out = Map::new();
    put(&mut out, "ignore_cache", metadata.ignore_cache);
    put(
        &mut out,
        "description",
        json!(proto::string_map(metadata.description.clone())),
    );
    if let Some(export) = &metadata.export_cache {
        let mut value = Map::new();
        put(&mut value, "Value", export.value);
        out.insert("export_cache".to_owned(), Value::Object(value));
    }
    let caps = metadata.caps.iter().map(|cap| {
        (
            cap.key.clone().unwrap_or_default(),
            json!(cap.value == Some(true)),
        )
    });
    put(&mut out, "caps", caps.collect::<Map<_, _>>());
    if let Some(group) = &metadata.progress_group {
        let mut value = Map::new();
        put(&mut value, "id", group.id.clone());
        put(&mut value, "name", group.name.clone());
        put(&mut value, "weak", group.weak);
        out.insert("progress_group".to_owned(), Value::Object(value));
    }
    if let Some(limits) = &metadata.linux_resources {
        let mut value = Map::new();
        put(&mut value, "memory", limits.memory);
        put(&mut value, "memorySwap", limits.memory_swap);
        put(&mut value, "cpuShares", limits.cpu_shares);
        put(&mut value, "cpuPeriod", limits.cpu_period);
        put(&mut value, "cpuQuota", limits.cpu_quota);
        put(&mut value, "cpusetCpus", limits.cpuset_cpus.clone());
        put(&mut value, "cpusetMems", limits.cpuset_mems.clone());
        out.insert("linux_resources".to_owned(), Value::Object(value));
    }
    Value::Object(out)
}

fn source_json(source: &proto::Source) -> Value {
    let info = |info: &proto::SourceInfo| {
        let mut out = Map::new();
        out.insert("filename".to_owned(), json!(info.filename));
        out.insert("language".to_owned(), json!(info.language));
        out.insert("data".to_owned(), json!(encode(&info.data)));
        if let Some(definition) = &info.definition {
            out.insert("definition".to_owned(), Value::Object(parts_json(definition)));
        }
        Value::Object(out)
    };
    let locations = source.locations.iter().map(|entry| {
        let locations = entry.value.iter().flat_map(|locations| &locations.locations);
        let locations: Vec<Value> = locations
            .map(|place| json!({ "source_index": place.source_index, "ranges": ranges_json(&place.ranges) }))
            .collect();
        (entry.key.clone().unwrap_or_default(), Value::Array(locations))
    });
    json!({
        "infos": source.infos.iter().map(info).collect::<Vec<_>>(),
        "locations": locations.collect::<Map<_, _>>(),
    })
}

fn ranges_json(ranges: &[proto::Range]) -> Value {
    let numbers = |range: &proto::Range| {
        let place = |position: &Option<proto::Position>| {
            position
                .as_ref()
                .map_or((0, 0), |position| (position.line, position.character))
        };
        let (start, end) = (place(&range.start), place(&range.end));
        json!([start.0, start.1, end.0, end.1])
    };
    ranges.iter().map(numbers).collect()
}

fn resolves_json(noted: &Noted) -> Vec<Value> {
    let platform = |platform: &Option<proto::Platform>| {
        platform
            .clone()
            .map(|platform| llb_graph::Platform::from(platform).format_all())
            .unwrap_or_default()
    };
    let mut all: Vec<([String; 4], Value)> = Vec::new();
    for request in &noted.source_metas {
        let source = request.source.clone().unwrap_or_default();
        let key = [
            source.identifier.clone(),
            platform(&request.platform),
            request.log_name.clone(),
            "source".into(),
        ];
        let mut out = resolve_json(&key, &request.resolve_mode);
        put(&mut out, "attrs", json!(proto::string_map(source.attrs)));
        put(
            &mut out,
            "return_object",
            request.git.is_some_and(|git| git.return_object),
        );
        put(
            &mut out,
            "no_config",
            request.image.is_some_and(|image| image.no_config),
        );
        all.push((key, Value::Object(out)));
    }
    for request in &noted.image_configs {
        let key = [
            request.r#ref.clone(),
            platform(&request.platform),
            request.log_name.clone(),
            "config".into(),
        ];
        let mut out = resolve_json(&key, &request.resolve_mode);
        put(&mut out, "resolver_type", request.resolver_type);
        put(&mut out, "session_id", request.session_id.clone());
        put(&mut out, "store_id", request.store_id.clone());
        all.push((key, Value::Object(out)));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, value)| value).collect()
}

fn resolve_json([identifier, platform, log_name, call]: &[String; 4], mode: &str) -> Map<String, Value> {
    let mut out = Map::new();
    put(&mut out, "call", call.clone());
    put(&mut out, "identifier", identifier.clone());
    put(&mut out, "platform", platform.clone());
    put(&mut out, "log_name", log_name.clone());
    put(&mut out, "resolve_mode", mode);
    out
}

fn warning_json(warning: &pb::WarnRequest) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut out = Map::new();
    out.insert("short".to_owned(), json!(text(&warning.short)));
    put(
        &mut out,
        "detail",
        json!(
            warning
                .detail
                .iter()
                .map(|detail| text(detail))
                .collect::<Vec<_>>()
        ),
    );
    put(&mut out, "url", warning.url.clone());
    out.insert("level".to_owned(), json!(warning.level));
    out.insert("digest".to_owned(), json!(warning.digest));
    put(
        &mut out,
        "filename",
        warning
            .info
            .as_ref()
            .map(|info| info.filename.clone())
            .unwrap_or_default(),
    );
    out.insert("ranges".to_owned(), ranges_json(&warning.ranges));
    Value::Object(out)
}

/// The error as a daemon reads it: the place named last is the innermost one, and comes first.
fn error_json(status: &plimsoll_frontend::gateway::protocol::google::rpc::Status) -> Value {
    let mut out = Map::new();
    out.insert("message".to_owned(), json!(status.message));
    out.insert("code".to_owned(), json!(status.code));
    let (mut sources, mut details) = (Vec::new(), Vec::new());
    for detail in &status.details {
        let value: Value =
            serde_json::from_slice(&detail.value).unwrap_or_else(|_| json!(encode(&detail.value)));
        if detail.type_url.contains(SOURCE_DETAIL) {
            sources.push(error_source(&value));
        } else if !detail.type_url.contains("stack.Stack") {
            details.push(json!({ "type": detail.type_url, "value": value }));
        }
    }
    put(&mut out, "sources", sources);
    put(&mut out, "details", details);
    Value::Object(out)
}

fn error_source(value: &Value) -> Value {
    let mut out = Map::new();
    out.insert("filename".to_owned(), value["info"]["filename"].clone());
    put(&mut out, "language", value["info"]["language"].clone());
    let number = |position: &Value, key: &str| position[key].as_i64().unwrap_or_default();
    let ranges = value["ranges"].as_array().into_iter().flatten().map(|range| {
        let (start, end) = (&range["start"], &range["end"]);
        json!([
            number(start, "line"),
            number(start, "character"),
            number(end, "line"),
            number(end, "character")
        ])
    });
    out.insert("ranges".to_owned(), ranges.collect());
    Value::Object(out)
}

fn result_json(noted: &Noted, result: &pb::Result) -> Value {
    use pb::result::Result as Kind;

    let metadata = result
        .metadata
        .iter()
        .map(|(key, value)| (key.clone(), json!(encode(value))));
    let refs: Vec<(String, Option<String>)> = match &result.result {
        None => Vec::new(),
        Some(Kind::Ref(reference)) => vec![(String::new(), Some(reference.id.clone()))],
        Some(Kind::RefDeprecated(id)) => vec![(String::new(), Some(id.clone()))],
        Some(Kind::Refs(refs)) => refs
            .refs
            .iter()
            .map(|entry| {
                let id = entry.value.as_ref().map(|reference| reference.id.clone());
                (entry.key.clone().unwrap_or_default(), id)
            })
            .collect(),
        Some(Kind::RefsDeprecated(refs)) => {
            let refs = refs.refs.clone().into_iter();
            refs.map(|(key, id)| (key, Some(id))).collect()
        }
    };
    let refs = refs.into_iter().map(|(key, id)| {
        let reference = id.map_or(absent(), |id| reference_json(noted, &id));
        (key, reference)
    });
    let mut out = json!({
        "metadata": metadata.collect::<Map<_, _>>(),
        "refs": refs.collect::<Map<_, _>>(),
    });
    if !result.attestations.is_empty() {
        let statements = result.attestations.iter().map(|entry| {
            let list = entry.value.as_ref().map_or(absent(), |list| {
                let list = list.attestation.iter();
                list.map(|one| attestation_json(noted, one)).collect()
            });
            (entry.key.clone().unwrap_or_default(), list)
        });
        out["attestations"] = Value::Object(statements.collect());
    }
    out
}

/// What a daemon's decoder makes nil of, and what has ended daemons.
fn absent() -> Value {
    json!("absent from its entry")
}

fn reference_json(noted: &Noted, id: &str) -> Value {
    let Some(solve) = id.parse().ok().and_then(|index: usize| noted.solves.get(index)) else {
        return Value::Null;
    };
    let mut out = solve.definition.as_ref().map(definition_json).unwrap_or_default();
    out.insert("solve".to_owned(), json!(id));
    Value::Object(out)
}

fn attestation_json(noted: &Noted, attestation: &pb::Attestation) -> Value {
    let mut out = Map::new();
    let kind = if attestation.kind == 1 { "Bundle" } else { "InToto" };
    out.insert("kind".to_owned(), json!(kind));
    let metadata = attestation
        .metadata
        .iter()
        .map(|(key, value)| (key.clone(), json!(encode(value))));
    put(&mut out, "metadata", metadata.collect::<Map<_, _>>());
    put(&mut out, "path", attestation.path.clone());
    put(
        &mut out,
        "predicate_type",
        attestation.in_toto_predicate_type.clone(),
    );
    let reference = attestation
        .r#ref
        .as_ref()
        .map(|reference| reference_json(noted, &reference.id));
    out.insert("ref".to_owned(), reference.unwrap_or_default());
    Value::Object(out)
}

/// Whether a frontend had a folder of the client solved and then did not look into it, so that nothing was sent.
fn is_unused(noted: &Noted, index: usize) -> bool {
    let definition = noted.solves[index].definition.as_ref();
    let definition = definition.and_then(|definition| definition.decode().ok());
    let mut ops = definition.iter().flat_map(|definition| definition.each_op());
    let is_folder = ops.any(|op| match op.map(|(_, op)| op.op) {
        Ok(Some(proto::op::Op::Source(source))) => source.identifier.starts_with("local://"),
        _ => false,
    });
    is_folder && ops.count() == 1 && noted.reads[index].is_empty()
}
