use super::*;

fn request(options: &[(&str, &str)]) -> Result<Request, String> {
    let options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    Request::parse(&Environment {
        options,
        ..Environment::default()
    })
}

#[test]
fn nothing_asked_for() {
    // Written out, so that a new option has to say what it is by default.
    let Request {
        place,
        handling,
        image,
        run,
        contexts,
        targets,
        build_platforms,
        cache_imports,
        sbom,
        forwarded,
        session_id,
        local_session_ids,
    } = request(&[]).unwrap();
    let expected = PlaceOptions {
        filename: "Dockerfile".to_owned(),
        dockerfile_local: "dockerfile".to_owned(),
        dockerfile_is_local: false,
        context: String::new(),
        context_subdir: None,
        keep_git_dir: false,
        commit_time: false,
        git_advice: false,
    };
    assert_eq!(place, expected);
    let expected = Handling {
        is_forwarded: false,
        syntax: None,
        missing_cap: None,
        subrequest: None,
    };
    assert_eq!(handling, expected);
    let ImageOptions {
        target,
        build_args,
        labels,
        no_cache,
        resolve_mode,
        check,
        advice,
        cache_mounts,
        lock,
    } = image;
    assert_eq!((target, check, no_cache), (None, None, NoCache::Off));
    assert_eq!((advice, cache_mounts, lock), (None, None, None));
    assert!(build_args.is_empty() && labels.is_empty());
    assert_eq!(resolve_mode, ResolveMode::Default);
    let RunOptions {
        network,
        extra_hosts,
        shm_size,
        ulimits,
        cgroup_parent,
        hostname,
        resources,
        cache_mount_namespace,
    } = run;
    assert_eq!(network, NetworkMode::Sandbox);
    assert!(extra_hosts.is_empty() && ulimits.is_empty() && resources.is_none());
    assert_eq!(shm_size, 0);
    assert_eq!([cgroup_parent, hostname, cache_mount_namespace], ["", "", ""]);
    let ContextOptions {
        named,
        input_metadata,
        shared_keys,
    } = contexts;
    assert!(named.is_empty() && input_metadata.is_empty() && shared_keys.is_empty());
    assert_eq!(targets, Targets::default());
    assert_eq!(build_platforms, [own_platform()]);
    assert!(cache_imports.is_empty() && sbom.is_none() && forwarded.is_empty());
    assert!(session_id.is_empty() && local_session_ids.is_empty());
}

#[test]
fn environment_variables() {
    let variables = [
        ("BUILDKIT_FRONTEND_OPT_0", "target=a=b"),
        ("BUILDKIT_FRONTEND_OPT_17", "no-cache"),
        ("BUILDKIT_SESSION_ID", "s1"),
        (
            "BUILDKIT_WORKERS",
            r#"[{"ID":"w","Platforms":[{"architecture":"arm64","os":"linux"}]}]"#,
        ),
        ("HOME", "/"),
    ];
    let variables = variables.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let environment = Environment::from_variables(variables);
    let request = Request::parse(&environment).unwrap();
    assert_eq!(request.image.target.as_deref(), Some("a=b"));
    assert_eq!(request.image.no_cache, NoCache::All);
    assert_eq!(request.session_id, "s1");
    assert_eq!(request.build_platforms[0].architecture, "arm64");
}

#[test]
fn workers_of_newer_and_older_daemons() {
    for json in [
        r#"[{"id":"w","labels":{},"platforms":[{"architecture":"s390x","os":"linux"}],"cdiDevices":null}]"#,
        r#"[{"ID":"w","Labels":{},"Platforms":[{"architecture":"s390x","os":"linux"}]}]"#,
    ] {
        let variables = [("BUILDKIT_WORKERS".to_owned(), json.to_owned())];
        let workers = Environment::from_variables(variables).workers;
        assert_eq!(workers[0][0].architecture, "s390x", "{json}");
    }
}

#[test]
fn every_problem_at_once() {
    let problems = request(&[
        ("shm-size", "1g"),
        ("ulimit", "x=1"),
        ("force-network-mode", "lan"),
        ("memory", "0"),
    ])
    .unwrap_err();
    assert_eq!(problems.lines().count(), 4, "{problems}");
    for part in [
        "`shm-size` is `1g`",
        "`ulimit` is `x=1`",
        "`force-network-mode` is `lan`",
        "`memory` is `0`",
    ] {
        assert!(problems.contains(part), "{part} in {problems}");
    }
}

#[test]
fn platforms() {
    let several = request(&[("platform", "linux/amd64,linux/aarch64")])
        .unwrap()
        .targets;
    assert!(several.keyed);
    assert_eq!(several.platforms[1].architecture, "arm64");
    assert!(
        request(&[("platform", "linux/amd64"), ("multi-platform", "1")])
            .unwrap()
            .targets
            .keyed
    );
    assert!(
        request(&[
            ("platform", "linux/amd64,linux/arm64"),
            ("multi-platform", "false")
        ])
        .is_err()
    );
    assert!(
        request(&[("platform", "x")])
            .unwrap_err()
            .contains("OS/ARCHITECTURE")
    );
    assert!(
        request(&[("multi-platform", "maybe")])
            .unwrap_err()
            .contains("true or false")
    );
}

#[test]
fn build_args_with_a_meaning() {
    let request = request(&[
        ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "box"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
        ("build-arg:BUILDKIT_SYNTAX", "x.io/other --flag"),
        ("hostname", "unused"),
    ])
    .unwrap();
    assert_eq!(request.run.hostname, "box");
    assert_eq!(request.run.cache_mount_namespace, "ns");
    assert_eq!(request.handling.syntax.as_deref(), Some("x.io/other --flag"));
    assert_eq!(request.image.build_args.len(), 3);
}
