//! Options about the network of a build.

use std::net::IpAddr;

use llb_graph::{ExtraHost, NetworkMode};

use super::value::{csv_fields, malformed};

/// `force-network-mode`: the network of every `RUN` that names none.
pub(super) fn parse_mode(key: &str, value: &str) -> Result<NetworkMode, String> {
    match value {
        "" | "sandbox" => Ok(NetworkMode::Sandbox),
        "host" => Ok(NetworkMode::Host),
        "none" => Ok(NetworkMode::None),
        _ => Err(malformed(key, value, "`none`, `host` or `sandbox`")),
    }
}

/// `add-hosts`: `host=ip`, several with commas; letter case does not matter.
pub(super) fn parse_hosts(key: &str, value: &str) -> Result<Vec<ExtraHost>, String> {
    if value.is_empty() {
        return Ok(Vec::new());
    }
    let fields = csv_fields(value).map_err(|problem| format!("option `{key}`: {problem}"))?;
    fields.iter().map(|field| parse_host(key, field)).collect()
}

fn parse_host(key: &str, field: &str) -> Result<ExtraHost, String> {
    let lower = field.to_lowercase();
    let Some((host, ip)) = lower.split_once('=') else {
        return Err(malformed(key, field, "HOST=IP, such as db.local=10.0.0.7"));
    };
    let address: IpAddr = ip.parse().map_err(|_| {
        malformed(
            key,
            field,
            &format!("an IP address behind the `=`, and `{ip}` is none"),
        )
    })?;
    // An IPv4 address in IPv6 clothes is written as the plain one.
    Ok(ExtraHost {
        host: host.to_owned(),
        ip: address.to_canonical(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let hosts = parse_hosts("add-hosts", "A=1.2.3.4,b=::FFFF:1.2.3.4,c=2001:db8:0:0::1").unwrap();
        let ips: Vec<String> = hosts.iter().map(|host| host.ip.to_string()).collect();
        assert_eq!(ips, ["1.2.3.4", "1.2.3.4", "2001:db8::1"]);
        assert_eq!(hosts[0].host, "a");
        assert!(parse_hosts("add-hosts", "a").unwrap_err().contains("HOST=IP"));
        assert!(
            parse_hosts("add-hosts", "a=1.2.3")
                .unwrap_err()
                .contains("`1.2.3` is none")
        );
    }
}
