//! Steps that lack what only the client can lend them, and what to pass then.

use llb_graph::{Marshalled, caps, proto};

use crate::gateway::Status;

/// How the daemon says that no ssh agent was passed; the id follows in quotes and may be empty.
const NO_AGENT: (&str, &str) = ("no SSH key \"", "\" forwarded from the client");
/// How a client that passes some agent, or could pass one, says that it has none of an id. It is the end of a line.
const UNSET_AGENT: &str = "unset ssh forward key ";
/// How the daemon says that no secret of an id was passed.
const NO_SECRET: (&str, &str) = ("secret ", ": not found");
/// The same in Docker Engine 20.10.
const NO_SECRET_20_10: (&str, &str) = ("secret ", " not found: not found");

/// Whether a step of the graph cannot do without a secret or an ssh agent of the client.
#[must_use]
pub fn borrows(definition: &Marshalled) -> bool {
    let lent = [
        caps::EXEC_MOUNT_SSH,
        caps::EXEC_MOUNT_SECRET,
        caps::EXEC_SECRET_ENV,
    ];
    let mut caps = definition.caps().iter();
    // Only then is it worth decoding all steps.
    caps.any(|cap| lent.contains(&cap.as_str()))
        && definition
            .each_op()
            .any(|op| op.is_ok_and(|op| is_lost_without_client(&op)))
}

fn is_lost_without_client(op: &proto::Op) -> bool {
    let Some(proto::op::Op::Exec(exec)) = &op.op else {
        return false;
    };
    let mut mounts = exec.mounts.iter();
    exec.secretenv.iter().any(|secret| !secret.optional)
        || mounts.any(|mount| {
            mount.secret_opt.as_ref().is_some_and(|secret| !secret.optional)
                || mount.ssh_opt.as_ref().is_some_and(|ssh| !ssh.optional)
        })
}

/// Says what to pass to the client, where that is why the build failed; other errors stay as they are.
#[must_use]
pub fn say_what_to_pass(mut status: Status) -> Status {
    let advice = if let Some(id) = missing_agent(&status.message) {
        // A mount without an id takes the client's default agent.
        let id = if id.is_empty() { "default" } else { id };
        format!(
            "pass the client's ssh agent with `--ssh {id}`, after `ssh-add`, or a key with `--ssh {id}=FILE`"
        )
    } else if let Some(id) = missing_secret(&status.message) {
        format!("pass the secret with `--secret id={id},src=FILE` or `--secret id={id},env=VARIABLE`")
    } else {
        return status;
    };
    status.message = format!("{}; {advice}", status.message);
    status
}

/// The id of the secret that was not passed.
fn missing_secret(message: &str) -> Option<&str> {
    between(message, NO_SECRET_20_10).or_else(|| between(message, NO_SECRET))
}

/// The id of the ssh agent that was not passed.
fn missing_agent(message: &str) -> Option<&str> {
    between(message, NO_AGENT).or_else(|| {
        let (_, rest) = message.split_once(UNSET_AGENT)?;
        rest.split_whitespace().next()
    })
}

/// What a message has between two texts.
fn between<'m>(message: &'m str, (before, after): (&str, &str)) -> Option<&'m str> {
    let (_, rest) = message.split_once(before)?;
    let (found, _) = rest.split_once(after)?;
    (!found.contains(char::is_whitespace)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_the_id() {
        for (said, advice) in [
            ("no SSH key \"\" forwarded from the client", "`--ssh default`"),
            (
                "no SSH key \"github\" forwarded from the client",
                "`--ssh github`",
            ),
            (
                "failed: rpc error: unset ssh forward key default",
                "`--ssh default`",
            ),
            (
                "secret api.key not found: not found",
                "`--secret id=api.key,src=FILE`",
            ),
            (
                "failed: secret api.key: not found",
                "`--secret id=api.key,src=FILE`",
            ),
        ] {
            let status = say_what_to_pass(Status::new(said));
            assert!(status.message.starts_with(said), "{}", status.message);
            assert!(status.message.contains(advice), "{}", status.message);
        }
    }

    #[test]
    fn other_errors_stay_as_they_are() {
        for said in [
            "process \"cat secret of mine: not found\" did not complete successfully",
            "alpine: not found",
            "",
        ] {
            assert_eq!(say_what_to_pass(Status::new(said)).message, said);
        }
    }

    #[test]
    fn steps_that_can_do_without_borrow_nothing() {
        use llb_graph::{ExecOp, Graph, MarshalOptions, Op, Platform, SecretEnv, Vertex};

        for optional in [true, false] {
            let mut exec = ExecOp::new(None, vec!["x".to_owned()]);
            exec.secret_env.push(SecretEnv {
                id: "s".to_owned(),
                name: "S".to_owned(),
                optional,
            });
            let mut graph = Graph::new();
            let root = graph.add(Vertex::new(Op::Exec(exec))).unwrap().first_output();
            let options = MarshalOptions::new(Platform::new("linux", "amd64"));
            let definition = graph.marshal(Some(root), &options).unwrap();
            assert_eq!(borrows(&definition), !optional);
        }
    }
}
