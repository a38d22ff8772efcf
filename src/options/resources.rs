//! Options that limit what a `RUN` may use.

use llb_graph::{LinuxResources, Ulimit};

use super::keys::Options;
use super::value::{Problems, csv_fields, malformed};

/// Limits that have a name for `setrlimit`.
const ULIMIT_NAMES: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Highest number of a CPU or memory node.
const MAX_CPU: u32 = 8192;

/// `ulimit`: `name=soft[:hard]`, several with commas; -1 is unlimited.
pub(super) fn parse_ulimits(key: &str, value: &str) -> Result<Vec<Ulimit>, String> {
    if value.is_empty() {
        return Ok(Vec::new());
    }
    let fields = csv_fields(value).map_err(|problem| format!("option `{key}`: {problem}"))?;
    fields.iter().map(|field| parse_ulimit(key, field)).collect()
}

fn parse_ulimit(key: &str, field: &str) -> Result<Ulimit, String> {
    let expected = |what: &str| malformed(key, field, what);
    let Some((name, limits)) = field.split_once('=') else {
        return Err(expected("NAME=SOFT[:HARD], such as nofile=1024:2048"));
    };
    if !ULIMIT_NAMES.contains(&name) {
        return Err(expected(&format!(
            "one of {} as the name",
            ULIMIT_NAMES.join(", ")
        )));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let (Ok(soft), Ok(hard)) = (soft.parse::<i64>(), hard.parse::<i64>()) else {
        return Err(expected(
            "whole numbers as the limits, at most two, such as nofile=1024:2048",
        ));
    };
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(expected(
            "a soft limit that is not above the hard one; -1 is unlimited",
        ));
    }
    Ok(Ulimit {
        name: name.to_owned(),
        soft,
        hard,
    })
}

/// `memory`, `memswap`, `cpushares`, `cpuperiod`, `cpuquota`, `cpusetcpus` and `cpusetmems`; `None` where none is set.
pub(super) fn parse_resources(options: &Options<'_>, problems: &mut Problems) -> Option<LinuxResources> {
    let resources = LinuxResources {
        memory: problems.take(parse_positive(options, "memory", "a number of bytes above 0")),
        memory_swap: problems.take(parse_swap(options, "memswap")),
        cpu_shares: problems.take(parse_positive(options, "cpushares", "a whole number above 0")),
        cpu_period: problems.take(parse_positive(
            options,
            "cpuperiod",
            "a number of microseconds above 0",
        )),
        cpu_quota: problems.take(parse_positive(
            options,
            "cpuquota",
            "a number of microseconds above 0",
        )),
        cpuset_cpus: problems.take(parse_cpuset(options, "cpusetcpus")),
        cpuset_mems: problems.take(parse_cpuset(options, "cpusetmems")),
    };
    (resources != LinuxResources::default()).then_some(resources)
}

/// A number above zero; zero where the option is absent or empty.
fn parse_positive<T: std::str::FromStr + Default + PartialOrd>(
    options: &Options<'_>,
    key: &str,
    expected: &str,
) -> Result<T, String> {
    match options.get(key) {
        "" => Ok(T::default()),
        value => value
            .parse()
            .ok()
            .filter(|number| *number > T::default())
            .ok_or_else(|| malformed(key, value, expected)),
    }
}

fn parse_swap(options: &Options<'_>, key: &str) -> Result<i64, String> {
    match options.get(key) {
        "" => Ok(0),
        value => value
            .parse()
            .ok()
            .filter(|number| *number == -1 || *number > 0)
            .ok_or_else(|| malformed(key, value, "a number of bytes above 0, or -1 for unlimited")),
    }
}

/// A set such as `0-3,5`; passed on as it was written.
fn parse_cpuset(options: &Options<'_>, key: &str) -> Result<String, String> {
    let value = options.get(key);
    let number = |text: &str| {
        text.trim()
            .parse::<u32>()
            .ok()
            .filter(|number| *number <= MAX_CPU)
    };
    let fits = value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .all(|part| match part.split_once('-') {
            None => number(part).is_some(),
            Some((low, high)) => {
                matches!((number(low), number(high)), (Some(low), Some(high)) if low <= high)
            }
        });
    if fits {
        Ok(value.to_owned())
    } else {
        Err(malformed(
            key,
            value,
            "numbers and ranges up to 8192, such as 0-3,5",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulimits() {
        let parsed = parse_ulimits("ulimit", "nofile=1024:2048,core=-1").unwrap();
        assert_eq!((parsed[0].soft, parsed[0].hard), (1024, 2048));
        assert_eq!((parsed[1].soft, parsed[1].hard), (-1, -1));
        for bad in [
            "nofile",
            "as=1",
            "nofile=x",
            "nofile=1:2:3",
            "nofile=3:2",
            "nofile=-1:2",
        ] {
            assert!(parse_ulimits("ulimit", bad).is_err(), "{bad}");
        }
    }
}
