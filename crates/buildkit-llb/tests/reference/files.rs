use llb_graph::{
    ChownOpt, CopyAction, CopyMode, ExecOp, FileAction, FileOp, MkdirAction, MkfileAction, Mount, Op,
    RmAction, SymlinkAction, UserOpt, Vertex,
};

use crate::{Case, add, all, alpine, busybox, case, copy, file, local, with};

const EPOCH: i64 = 1_700_000_000_000_000_005;

pub fn cases() -> Vec<Case> {
    [single(), copies(), many(), owners()]
        .into_iter()
        .flatten()
        .collect()
}

fn mkdir(path: &str, owner: Option<ChownOpt>) -> MkdirAction {
    MkdirAction {
        path: path.to_owned(),
        mode: 0o755,
        owner,
        ..Default::default()
    }
}

fn mkfile(path: &str, mode: u32, data: &[u8]) -> MkfileAction {
    MkfileAction {
        path: path.to_owned(),
        mode,
        data: data.to_vec(),
        ..Default::default()
    }
}

fn single() -> Vec<Case> {
    vec![
        case("file-mkfile", |graph| {
            let action = FileAction::Mkfile(mkfile("/name", 0o644, b"data\x00\xff"));
            file(graph, None, vec![action])
        }),
        case("file-mkdir", |graph| {
            let base = alpine(graph);
            let action = FileAction::Mkdir(MkdirAction {
                path: "a/./b/".to_owned(),
                mode: 0o4755,
                make_parents: true,
                owner: Some(ChownOpt::parse("me:7")),
                timestamp: Some(EPOCH),
            });
            file(graph, base, vec![action])
        }),
        case("file-zero", |graph| {
            let base = alpine(graph);
            let action = FileAction::Mkfile(MkfileAction {
                owner: Some(ChownOpt::ids(0, 0)),
                timestamp: Some(0),
                ..mkfile("/e", 0, b"")
            });
            file(graph, base, vec![action])
        }),
        case("file-rm", |graph| {
            let base = alpine(graph);
            let action = FileAction::Rm(RmAction {
                path: "/x*".to_owned(),
                allow_not_found: true,
                allow_wildcard: true,
            });
            file(graph, base, vec![action])
        }),
        case("file-symlink", |graph| {
            let base = alpine(graph);
            let action = FileAction::Symlink(SymlinkAction {
                oldpath: "../a/".to_owned(),
                newpath: "/b".to_owned(),
                owner: Some(ChownOpt::parse("root")),
                timestamp: None,
            });
            file(graph, base, vec![action])
        }),
    ]
}

fn copies() -> Vec<Case> {
    vec![
        case("file-copy", |graph| {
            let (base, from) = (alpine(graph), local(graph));
            file(graph, base, vec![copy(from, "/", "/app/")])
        }),
        with("file-copy-options", all(), |graph| {
            let (base, source) = (alpine(graph), local(graph));
            let action = CopyAction {
                source,
                src: "a//b".to_owned(),
                dest: "/app/.".to_owned(),
                owner: Some(ChownOpt {
                    user: Some(UserOpt::Name("me".to_owned())),
                    group: Some(UserOpt::Id(12)),
                }),
                mode: Some(CopyMode::Bits(0o7755)),
                follow_symlinks: true,
                dir_contents_only: true,
                attempt_unpack: true,
                create_dest_path: true,
                allow_wildcard: true,
                allow_empty_wildcard: true,
                timestamp: Some(EPOCH),
                include_patterns: vec!["i1".to_owned(), "i2".to_owned()],
                exclude_patterns: vec!["e".to_owned()],
                always_replace_existing_dest_paths: true,
                required_paths: vec!["/r".to_owned()],
            };
            file(graph, base, vec![FileAction::Copy(action)])
        }),
        case("file-copy-modestr", |graph| {
            let (base, source) = (alpine(graph), local(graph));
            let action = CopyAction {
                source,
                src: "/a".to_owned(),
                dest: "/b".to_owned(),
                mode: Some(CopyMode::Symbolic("go-w".to_owned())),
                owner: Some(ChownOpt {
                    user: Some(UserOpt::Id(u32::MAX)),
                    group: None,
                }),
                ..Default::default()
            };
            file(graph, base, vec![FileAction::Copy(action)])
        }),
        case("file-copy-scratch", |graph| {
            let source = local(graph);
            let action = CopyAction {
                source,
                src: "/a".to_owned(),
                dest: "/b".to_owned(),
                owner: Some(ChownOpt::parse("me")),
                ..Default::default()
            };
            file(graph, None, vec![FileAction::Copy(action)])
        }),
        case("file-copy-from-scratch", |graph| {
            let base = alpine(graph);
            file(graph, base, vec![copy(None, "/a", "/b")])
        }),
    ]
}

fn many() -> Vec<Case> {
    vec![
        case("file-many", |graph| {
            let (base, busy, from) = (alpine(graph), busybox(graph), local(graph));
            let actions = vec![
                FileAction::Mkdir(mkdir("/d", None)),
                copy(from, "/a", "/d/"),
                copy(busy, "/bin", "/d/"),
                copy(from, "/b", "/d/"),
                copy(base, "/etc", "/d"),
                FileAction::Mkfile(MkfileAction {
                    owner: Some(ChownOpt::parse("me:us")),
                    ..mkfile("/d/f", 0o600, b"x")
                }),
                FileAction::Rm(RmAction {
                    path: "/d/g".to_owned(),
                    ..Default::default()
                }),
                FileAction::Symlink(SymlinkAction {
                    oldpath: "f".to_owned(),
                    newpath: "/d/l".to_owned(),
                    ..Default::default()
                }),
            ];
            let vertex = Vertex::new(Op::File(FileOp { base, actions }))
                .with_ignore_cache(true)
                .with_name("many");
            Some(graph.add(vertex).unwrap().first_output())
        }),
        case("file-many-scratch", |graph| {
            let (busy, from) = (busybox(graph), local(graph));
            let actions = vec![
                copy(busy, "/a", "/a"),
                copy(from, "/b", "/b"),
                copy(busy, "/c", "/c"),
            ];
            file(graph, None, actions)
        }),
        case("file-copy-mount", |graph| {
            let base = alpine(graph);
            let mut op = ExecOp::new(base, ["a"]);
            op.mounts.push(Mount::bind("/out", None));
            let (root, out) = (op.root_output().unwrap(), op.mount_output(0).unwrap());
            let exec = add(graph, Op::Exec(op));
            let actions = vec![
                copy(Some(exec.output(out)), "/", "/"),
                copy(Some(exec.output(root)), "/", "/"),
            ];
            file(graph, base, actions)
        }),
    ]
}

fn owners() -> Vec<Case> {
    vec![case("file-user", |graph| {
        let mut last = alpine(graph);
        for (path, owner) in [
            ("/a", ""),
            ("/b", "+5:-1"),
            ("/c", "99999999999:a:b"),
            ("/d", ":"),
        ] {
            let action = FileAction::Mkdir(mkdir(path, Some(ChownOpt::parse(owner))));
            last = file(graph, last, vec![action]);
        }
        last
    })]
}
