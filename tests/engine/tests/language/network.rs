//! RUN --network and --security.

use anyhow::{Result, ensure};

use crate::image::{dockerfile, refused, same};

const DOCKERFILE: &str = r"FROM alpine
RUN mkdir /out # network
RUN --network=none awk 'NR > 2 { print $1 }' /proc/net/dev > /out/none
RUN --network=default cat /proc/net/dev | wc -l > /out/default
RUN --network=host cat /proc/net/dev | wc -l > /out/host
RUN --security=sandbox awk '/^CapEff/ { print $2 }' /proc/self/status > /out/sandbox
RUN --security=insecure awk '/^CapEff/ { print $2 }' /proc/self/status > /out/insecure
";

#[test]
fn networks_and_privileges() -> Result<()> {
    let folder = dockerfile(DOCKERFILE)?;
    let entitled = ["--allow=network.host", "--allow=security.insecure"];
    let image = same(folder.path(), |build| {
        entitled.iter().fold(build, |build, flag| build.flag(flag))
    })?;
    assert_eq!(image.lines("out/none")?, ["lo:"]);
    assert_eq!(image.lines("out/default")?, image.lines("out/host")?);
    assert_eq!(image.lines("out/sandbox")?, ["00000000a80425fb"]);
    assert_ne!(image.lines("out/insecure")?, image.lines("out/sandbox")?);

    for (flag, missing) in [(entitled[0], "security.insecure"), (entitled[1], "network.host")] {
        let words = refused(folder.path(), |build| build.flag(flag))?;
        ensure!(words.contains(missing), "{missing} is not in\n{words}");
    }
    Ok(())
}

#[test]
fn a_build_without_network() -> Result<()> {
    let folder = dockerfile("FROM alpine\nRUN awk 'NR > 2 { print $1 }' /proc/net/dev > /none\n")?;
    let image = same(folder.path(), |build| build.opt("force-network-mode", "none"))?;
    assert_eq!(image.lines("none")?, ["lo:"]);
    Ok(())
}
