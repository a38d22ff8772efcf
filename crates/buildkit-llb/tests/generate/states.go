package main

import (
	"net"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/llbbuild"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var arm = ocispecs.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}

// Programs with chained states, for tests/reference/states.rs.
func states() {
	chains()
	commands()
	stateFiles()
	layers()
}

func chains() {
	cache := func(dest string) llb.RunOption {
		return llb.AddMount(dest, llb.Scratch(), llb.AsPersistentCacheDir(dest, llb.CacheMountShared))
	}
	golang := llb.Image("golang").Dir("/src").AddEnv("A", "b")
	emit("state-readme", golang.Run(llb.Shlex("go mod download"), cache("/go/pkg"), llb.AddSecret("/run/secrets/token", llb.SecretID("token"))).
		Run(llb.Shlexf("go build %s", "./..."), cache("/go/pkg")).Root())
	emit("state-names", llb.Merge([]llb.State{llb.Image("alpine"), llb.Image("index.docker.io/me/app:1"), llb.Image("localhost/a@sha256:" + strings.Repeat("a", 64)), llb.Image("Host/b")}))
	emit("state-dirs", golang.Dir("a/../b").Run(llb.Shlex("one")).Dir("").Run(llb.Shlex("two")).Dir("/x//y/").Run(llb.Shlex("three")).Root())
	emit("state-env", golang.AddEnv("B", "1").AddEnv("A", "2").AddEnv("AB", "=").Run(llb.Shlex("a")).AddEnv("B", "").Run(llb.Shlex("b")).Root())
	emit("state-settings", golang.User("me:us").Hostname("h").Network(llb.NetModeNone).Security(llb.SecurityModeInsecure).
		AddExtraHost("one", net.ParseIP("10.0.0.1")).AddExtraHost("two", net.ParseIP("::1")).
		AddUlimit(llb.UlimitNofile, 1, 2).AddUlimit(llb.UlimitCPU, 3, -1).WithCgroupParent("cg").
		Run(llb.Shlex("a")).Root().Run(llb.Shlex("b")).Root())
	config := []byte(`{"architecture":"arm64","os":"linux","variant":"v8","os.version":"1","os.features":["b","a"],
		"config":{"Env":["PATH=/bin:/x","A=from image","EMPTY","=x"],"WorkingDir":"work","User":"nobody","Cmd":["x"]}}`)
	emit("state-config", must(golang.WithImageConfig(config)).Run(llb.Shlex("a")).Root())
	emit("state-config-empty", must(golang.WithImageConfig([]byte(`{"os":"linux","config":{"Env":null,"WorkingDir":""},"rootfs":null}`))).Run(llb.Shlex("a")).Root())
	emit("state-platform", golang.Platform(arm).Run(llb.Shlex("a")).Run(llb.Shlex("b"), llb.LinuxS390x).Run(llb.Shlex("c")).Root())
	emit("state-image-platform", llb.Image("alpine", llb.Platform(arm)).Run(llb.Shlex("a")).Root())
	one := golang.Run(llb.Shlex("one")).Root()
	two := golang.AddEnv("B", "two").Run(llb.Shlex("two")).Root()
	emit("state-branches", one.Run(llb.Shlex("three"), llb.AddMount("/two", two)).Root())
	emit("state-local", llb.Scratch().File(llb.Copy(llb.Local("context"), "/", "/")))
	emit("state-old", golang.Run(llb.Shlex("a")).Root(), few())
	def := must(one.Marshal(ctx, amd64))
	imported := llb.NewState(must(llb.NewDefinitionOp(def.ToPB())))
	emit("state-imported", imported.Run(llb.Shlex("b"), llb.AddMount("/golang", golang)).Root())
}

func commands() {
	alpine := llb.Image("alpine")
	busy := llb.Image("busybox").Dir("/busy")
	words := `a 'b c' "d \" $e \n" f\ g''"" '' # h` + "\n\t" + `i#j "k
l"\# ü`
	emit("state-shlex", alpine.Run(llb.Shlex(words)).Root())
	run := alpine.AddEnv("A", "1").Run(llb.Args([]string{"a"}), llb.With(llb.AddEnv("A", "2"), llb.AddEnv("B", "3"), llb.Dir("x"), llb.User("u"), llb.Hostname("h"),
		llb.Network(llb.NetModeHost), llb.Security(llb.SecurityModeInsecure)),
		llb.AddExtraHost("e", net.ParseIP("1.2.3.4")), llb.AddUlimit(llb.UlimitCore, 0, 0), llb.WithCgroupParent("c"), llb.ValidExitCodes(0, 9),
		llb.WithProxy(llb.ProxyEnv{HTTPProxy: "p"}), llb.AddCDIDevice(llb.CDIDeviceName("v/c=1"), llb.CDIDeviceOptional), llb.MemoryLimit(5),
		llb.IgnoreCache, llb.WithCustomName("named"), llb.WithDescription(map[string]string{"k": "v"}), llb.WithoutExportCache(), llb.ProgressGroup("g", "group", false), llb.Require("w"))
	emit("state-own", run.Run(llb.Args([]string{"after"})).Root(), all())
	run = alpine.Run(llb.Args([]string{"a"}),
		llb.AddMount("/z", busy), llb.AddMount("/b", busy, llb.Readonly, llb.SourcePath("/sel")), llb.AddMount("/a", alpine, llb.ForceNoOutput),
		llb.AddMount("/-", llb.Scratch()), llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()), llb.AddMount("/shm", llb.Scratch(), llb.Tmpfs(llb.TmpfsSize(9))),
		llb.AddMount("/cache", busy, llb.AsPersistentCacheDir("id", llb.CacheMountLocked), llb.SourcePath("/c")),
		llb.AddMount("/on", busy, llb.ContentCache(llb.MountContentCacheOn)))
	emit("state-mounts", run.Root())
	emit("state-mounts-z", run.GetMount("/z").Run(llb.Shlex("b")).Root())
	emit("state-mounts-b", run.GetMount("/b").Run(llb.Shlex("b")).Root())
	emit("state-mounts-both", llb.Merge([]llb.State{run.GetMount("/-"), run.Root(), run.GetMount("/on")}))
	ro := alpine.Run(llb.Args([]string{"a"}), llb.ReadonlyRootFS(), llb.AddMount("/out", llb.Scratch()), llb.Platform(arm))
	emit("state-readonly", ro.Run(llb.Shlex("b"), llb.AddMount("/in", ro.GetMount("/out"), llb.Readonly)).Root())
	emit("state-readonly-out", ro.GetMount("/out").Run(llb.Shlex("b")).Root())
	own := llb.Image("busybox", llb.Platform(arm))
	run = own.Platform(ocispecs.Platform{OS: "linux", Architecture: "s390x"}).Run(llb.Shlex("a"), llb.ReadonlyRootFS(), llb.AddMount("/m", own, llb.Readonly))
	emit("state-readonly-platform", run.Run(llb.Shlex("b"), llb.AddMount("/m", run.GetMount("/m").Run(llb.Shlex("c")).Root())).Root())
	emit("state-lent", alpine.Run(llb.Shlex("a"), llb.AddSecret("/s", llb.SecretID("id"), llb.SecretFileOpt(1, 2, 0o440), llb.SecretOptional),
		llb.AddSecretWithDest("tok", nil, llb.SecretAsEnvName("TOKEN")), llb.AddSecretWithDest("opt", nil, llb.SecretAsEnvName("OPT"), llb.SecretOptional),
		llb.AddSSHSocket(), llb.AddSSHSocket(llb.SSHID("other"), llb.SSHSocketOpt("/sock", 3, 4, 0o666), llb.SSHOptional)).Root())
	sm := llb.NewSourceMap(nil, "build.star", "Starlark", []byte("one\ntwo\n"))
	line := func(n int32) []*pb.Range {
		return []*pb.Range{{Start: &pb.Position{Line: n}, End: &pb.Position{Line: n}}}
	}
	emit("state-located", alpine.Run(llb.Shlex("a"), sm.Location(line(1))).Run(llb.Shlex("b"), sm.Location(line(2))).Root())
}

func stateFiles() {
	alpine := llb.Image("alpine").Dir("/work")
	local := llb.Local("context", llb.SessionID("s")).Dir("sub")
	emit("state-files", alpine.File(llb.Mkdir("d", 0o755, llb.WithParents(true)).Mkfile("d/f", 0o600, []byte("x"), llb.WithUser("me:us")).
		Copy(local, "a/", "d/").Copy(local, "/abs/./x", "rel/.").Rm("../gone*", llb.WithAllowNotFound(true), llb.WithAllowWildcard(true)).
		Symlink("f", "d/l", llb.WithUIDGID(1, 2)), llb.WithCustomName("many")).Run(llb.Shlex("ls")).Root())
	emit("state-files-copy", llb.Scratch().File(llb.Copy(alpine.Run(llb.Shlex("make"), llb.AddMount("/out", llb.Scratch())).Root(), "*.so", "/lib/", &llb.CopyInfo{
		Mode: &llb.ChmodOpt{Mode: 0o644}, FollowSymlinks: true, CopyDirContentsOnly: true, IncludePatterns: []string{"a", "b"}, ExcludePatterns: []string{"c"}, RequiredPaths: []string{"d"},
		AttemptUnpack: true, CreateDestPath: true, AllowWildcard: true, AllowEmptyWildcard: true, AlwaysReplaceExistingDestPaths: true,
		ChownOpt: &llb.ChownOpt{User: &llb.UserOpt{Name: "me"}}})))
}

func layers() {
	alpine := llb.Image("alpine").AddEnv("A", "1")
	busy := llb.Image("busybox").AddEnv("B", "2")
	made := alpine.Run(llb.Shlex("touch a")).Root()
	merged := llb.Merge([]llb.State{llb.Scratch(), busy, llb.Diff(alpine, made)}, llb.WithCustomName("merge"))
	emit("state-merge", merged.Run(llb.Shlex("env")).Root())
	emit("state-merge-one", llb.Merge([]llb.State{llb.Scratch(), busy}).Run(llb.Shlex("env")).Root())
	emit("state-merge-none", llb.Merge([]llb.State{llb.Scratch()}))
	emit("state-diff", llb.Diff(alpine, busy).Run(llb.Shlex("env")).Root())
	emit("state-diff-lower-scratch", llb.Diff(llb.Scratch(), busy).Run(llb.Shlex("env")).Root())
	emit("state-diff-upper-scratch", llb.Diff(alpine, llb.Scratch()))
	emit("state-requires", alpine.Requires("why", busy, llb.Scratch(), made).Run(llb.Shlex("env")).Root())
	emit("state-build", alpine.With(llbbuild.Build(llbbuild.WithFilename("f"))).Run(llb.Shlex("env")).Root())
	emit("state-http", llb.Scratch().File(llb.Copy(llb.HTTP("https://example.com/a.tar"), "/a.tar", "/")))
	emit("state-git", llb.Git("https://github.com/moby/buildkit.git", "v0.33.1"))
	emit("state-git-bare", llb.Git("github.com/moby/buildkit", ":docs/../x/"))
	emit("state-oci-layout", llb.OCILayout("example.com/app@sha256:"+strings.Repeat("a", 64)))
}
