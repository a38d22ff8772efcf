//! RUN --mount=type=secret and ssh.

use anyhow::Result;
use plimsoll_engine::{Silent, SshServer};

use crate::image::{dockerfile, refused_with, same};

const SECRETS: &str = r"FROM alpine
RUN mkdir /out # secrets
RUN --mount=type=secret,id=one cat /run/secrets/one > /out/default && stat -c '%a %u:%g' /run/secrets/one >> /out/default
RUN --mount=type=secret,source=one,target=/etc/one,mode=0440,uid=1000,gid=50 stat -c '%a %u:%g' /etc/one > /out/placed
RUN --mount=type=secret,target=/etc/one wc -c < /etc/one > /out/by-target
RUN --mount=type=secret,id=one,env=TOKEN echo $TOKEN > /out/variable; ls /run/secrets 2> /dev/null >> /out/variable; true
RUN --mount=type=secret,id=one,env=TOKEN,target=/t cat /t > /out/both; echo $TOKEN >> /out/both
RUN --mount=type=secret,id=absent ls /run/secrets 2> /dev/null > /out/absent; true
RUN --mount=type=secret,id=absent,env=NONE echo ${NONE-unset} > /out/no-variable
RUN --mount=type=secret,id=one,required=true --mount=type=secret,id=two cat /run/secrets/one /run/secrets/two > /out/two
USER app
RUN --mount=type=secret,id=one,uid=1000 cat /run/secrets/one > /tmp/user
RUN --mount=type=secret,id=one ! cat /run/secrets/one 2> /dev/null
RUN echo ${TOKEN-unset} > /tmp/after && test ! -e /run/secrets/one
";

#[test]
fn secrets_as_files_and_variables() -> Result<()> {
    let folder = dockerfile(SECRETS)?;
    let image = same(folder.path(), |build| {
        build.secret("one", "tell-1").secret("two", "|tell-2")
    })?;
    for (path, expected) in [
        ("out/default", "tell-1400 0:0"),
        ("out/placed", "440 1000:50"),
        ("out/by-target", "6"),
        ("out/variable", "tell-1"),
        ("out/both", "tell-1tell-1"),
        ("out/absent", ""),
        ("out/no-variable", ""),
        ("out/two", "tell-1|tell-2"),
        ("tmp/user", "tell-1"),
        ("tmp/after", "unset"),
    ] {
        assert_eq!(image.lines(path)?.join("|"), expected, "{path}");
    }
    Ok(())
}

const AGENT: &str = r#"FROM alpine
RUN mkdir /out # agent
RUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK > /out/default && stat -c '%a %u:%g' $SSH_AUTH_SOCK >> /out/default
RUN --mount=type=ssh,id=default,target=/agent,mode=0666,uid=1000,gid=50 stat -c '%F %a %u:%g' /agent > /out/placed; echo $SSH_AUTH_SOCK >> /out/placed
RUN --mount=type=ssh --mount=type=ssh,id=other echo $SSH_AUTH_SOCK > /out/two && test -S /run/buildkit/ssh_agent.1
RUN --mount=type=ssh,id=absent test ! -e $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK > /out/absent
RUN echo ${SSH_AUTH_SOCK-unset} > /out/after
"#;

#[test]
fn the_agent_is_there_for_its_steps_alone() -> Result<()> {
    let server = SshServer::start(&mut Silent)?;
    let agent = server.agent();
    let folder = dockerfile(AGENT)?;
    let image = same(folder.path(), |build| {
        build.ssh("default", &agent).ssh("other", &agent)
    })?;
    for (path, expected) in [
        ("default", "/run/buildkit/ssh_agent.0|600 0:0"),
        ("placed", "socket 666 1000:50|/agent"),
        ("two", "/run/buildkit/ssh_agent.0"),
        ("absent", "/run/buildkit/ssh_agent.0"),
        ("after", "unset"),
    ] {
        assert_eq!(image.lines(&format!("out/{path}"))?.join("|"), expected, "{path}");
    }
    Ok(())
}

#[test]
fn what_is_required_must_be_given() -> Result<()> {
    refused_with(
        "FROM alpine\nRUN --mount=type=secret,id=absent,required true\n",
        &[],
        "absent",
    )?;
    refused_with(
        "FROM alpine\nRUN --mount=type=ssh,required=true true\n",
        &[],
        "ssh",
    )
}
