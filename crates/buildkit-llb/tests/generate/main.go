// Command reference prints what the reference client makes of a table of
// graphs, for tests/reference to compare with, and what containerd makes of a
// table of platforms. A name and a file write the JSON of that graph to the file.
//
// Run it so:
//
//	go run . > ../data/reference.txt
package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/llbbuild"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/protobuf/proto"

	"github.com/containerd/platforms"
)

var ctx = context.Background()

var amd64 = llb.Platform(ocispecs.Platform{OS: "linux", Architecture: "amd64"})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func result(def *llb.Definition) []byte {
	res := &convertllb.Result{
		Def:      map[digest.Digest]*pb.Op{},
		Metadata: def.Metadata,
		Source:   def.Source,
	}
	for _, dt := range def.Def {
		var op pb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			panic(err)
		}
		res.Def[digest.FromBytes(dt)] = &op
	}
	return must(res.ToResult()).Metadata["result.json"]
}

func emit(name string, st llb.State, opts ...llb.ConstraintsOpt) *llb.Definition {
	opts = append([]llb.ConstraintsOpt{amd64, llb.LocalUniqueID("unique")}, opts...)
	def := must(st.Marshal(ctx, opts...))
	dt := must(proto.MarshalOptions{Deterministic: true}.Marshal(def.ToPB()))
	js := result(def)
	fmt.Printf("%s %s %s\n", name, digest.FromBytes(js), hex.EncodeToString(dt))
	if len(os.Args) > 1 && os.Args[1] == name {
		if err := os.WriteFile(os.Args[2], append(js, '\n'), 0o644); err != nil {
			panic(err)
		}
	}
	return def
}

func all() llb.ConstraintsOpt {
	return llb.WithCaps(pb.Caps.CapSet(pb.Caps.All()))
}

func few() llb.ConstraintsOpt {
	return llb.WithCaps(pb.Caps.CapSet([]*apicaps.PBCap{{ID: string(pb.CapExecMetaBase), Enabled: true}}))
}

func image(name string, o ...llb.ImageOption) llb.State {
	return llb.Image("docker.io/library/"+name, o...)
}

func sources() {
	emit("scratch", llb.Scratch())
	emit("image", image("alpine:3.22"))
	emit("image-options", image("alpine:3.22", llb.ResolveModeForcePull, llb.MarkImageInternal,
		llb.WithLayerLimit(3), llb.WithImageChecksum("sha256:"+digest.Digest(strings.Repeat("a", 64))),
		llb.Platform(ocispecs.Platform{OS: "windows", Architecture: "amd64", Variant: "v2", OSVersion: "10.0.17763", OSFeatures: []string{"win32k", "x"}})))
	emit("image-prefer-local", image("alpine:3.22", llb.ResolveModePreferLocal, llb.WithCustomName("<base> & \"more\" ünï\u2028"), llb.Require("a==b", "c")))
	emit("oci-layout", llb.OCILayout("example.com/app@sha256:"+strings.Repeat("b", 64), llb.OCIStore("session", "store"), llb.OCILayerLimit(2)))
	emit("oci-layout-plain", llb.OCILayout("example.com/app@sha256:"+strings.Repeat("b", 64)))
	emit("image-blob", llb.ImageBlob("docker.io/library/app@sha256:"+strings.Repeat("c", 64), llb.Filename("f"), llb.Chmod(0o644), llb.Chown(1, 2)))
	emit("oci-layout-blob", llb.OCILayoutBlob("docker.io/library/app@sha256:"+strings.Repeat("c", 64), llb.ImageBlobOCIStore("session", "store"), llb.Filename("f")))
	emit("http", llb.HTTP("https://example.com/a.tar.gz"))
	emit("http-options", llb.HTTP("https://example.com/a.tar.gz", llb.Checksum("sha256:"+digest.Digest(strings.Repeat("d", 64))),
		llb.Filename("a"), llb.Chmod(0o755), llb.Chown(1000, 1001), llb.AuthHeaderSecret("token"),
		llb.Header(llb.HTTPHeader{Accept: "a/b", UserAgent: "ua"}), llb.VerifyPGPSignature(llb.HTTPSignatureInfo{PubKey: []byte("key\n"), Signature: []byte("sig\n")})))
	emit("local-unique", llb.Local("context"))
	emit("local-own-unique", llb.Local("context", llb.LocalUniqueID("mine")))
	emit("local-options", llb.Local("context", llb.SessionID("s"), llb.IncludePatterns([]string{"a<b", "\"c\""}), llb.ExcludePatterns([]string{"**/*.o", "!x"}),
		llb.FollowPaths([]string{"a", "b/c"}), llb.SharedKeyHint("hint"), llb.Differ(llb.DiffNone, false), llb.MetadataOnlyTransfer([]string{"go.mod"}), llb.WithCustomName("[internal] load build context")))
	emit("local-differ", llb.Local("dockerfile", llb.SessionID("s"), llb.Differ(llb.DiffMetadata, true), llb.MetadataOnlyTransfer(nil)))
	emit("git", llb.Git("https://github.com/moby/buildkit.git", ""))
	emit("git-ref-subdir", llb.Git("https://user@github.com:8443/moby/buildkit.git", "v0.11.6:docs"))
	emit("git-subdir", llb.Git("https://github.com/moby/buildkit.git", ":docs/../x/"))
	emit("git-ssh", llb.Git("git@github.com:moby/buildkit.git", "main", llb.KnownSSHHosts("github.com ssh-ed25519 AAAA"), llb.MountSSHSock("agent")))
	emit("git-ssh-default", llb.Git("ssh://git@github.com/moby/buildkit.git", "", llb.KnownSSHHosts("k")))
	emit("git-options", llb.Git("https://github.com/moby/buildkit.git", "", llb.GitRef("refs/tags/v1"), llb.GitSubDir("a/b"), llb.KeepGitDir(),
		llb.AuthTokenSecret("tok"), llb.AuthHeaderSecret("hdr"), llb.GitChecksum("abcdef"), llb.GitSkipSubmodules(), llb.GitMTimeCommit(), llb.GitFetchByCommit(), llb.GitAdvice(true),
		llb.GitBundleURL("oci-layout+blob://x@sha256:"+strings.Repeat("e", 64), llb.GitBundleOCIStore("session", "store")), llb.GitCheckoutBundle()))
}

func execs() {
	alpine := image("alpine:3.22")
	emit("exec", alpine.Run(llb.Args([]string{"/bin/sh", "-c", "true"})).Root())
	emit("exec-caps", alpine.Run(llb.Args([]string{"true"})).Root(), all())
	emit("exec-old", alpine.AddEnv("A", "1").Run(llb.Args([]string{"true"}), llb.AddSSHSocket()).Root(), few())
	emit("exec-old-path", alpine.AddEnv("PATH", "/bin").Run(llb.Args([]string{"true"})).Root(), few())
	emit("exec-old-windows", alpine.Run(llb.Args([]string{"true"})).Root(), few(), llb.Platform(ocispecs.Platform{OS: "windows", Architecture: "amd64"}))
	emit("exec-scratch", llb.Scratch().Run(llb.Args([]string{"/x"})).Root())
	st := alpine.AddEnv("A", "1").AddEnv("B", "2").AddEnv("A", "3").AddEnv("E", "").Dir("/work").User("me:us").Hostname("host").
		Network(llb.NetModeHost).Security(llb.SecurityModeInsecure).
		AddExtraHost("one", net.ParseIP("10.0.0.1")).AddExtraHost("two", net.ParseIP("::ffff:10.0.0.2")).AddExtraHost("three", net.ParseIP("2001:db8:0:0:0:0:0:1")).AddExtraHost("four", net.ParseIP("::1.2.3.4")).
		AddUlimit(llb.UlimitNofile, 1024, -1).AddUlimit(llb.UlimitCPU, 0, 5).WithCgroupParent("cg")
	emit("exec-meta", st.Run(llb.Args([]string{"a", "", "c"}), llb.ValidExitCodes(0, 3, 255),
		llb.WithProxy(llb.ProxyEnv{HTTPProxy: "h", HTTPSProxy: "hs", FTPProxy: "f", NoProxy: "n", AllProxy: "a"}),
		llb.AddCDIDevice(llb.CDIDeviceName("vendor.com/gpu=1")), llb.AddCDIDevice(llb.CDIDeviceName("vendor.com/gpu=2"), llb.CDIDeviceOptional),
		llb.WithLinuxResources(llb.LinuxResources{Memory: 1 << 30, MemorySwap: -1, CPUShares: 512, CPUPeriod: 100000, CPUQuota: 50000, CpusetCpus: "0-3", CpusetMems: "0"}),
		llb.IgnoreCache, llb.WithExportCache(), llb.ProgressGroup("pg", "group", true), llb.WithDescription(map[string]string{"x": "y", "": ""})).Root(), all())
	emit("exec-network-none", alpine.Network(llb.NetModeNone).Run(llb.Args([]string{"a"}), llb.WithoutExportCache()).Root())

	src := image("busybox:1")
	other := llb.Local("context", llb.SessionID("s"))
	ex := alpine.Run(llb.Args([]string{"a"}),
		llb.AddMount("/z", src),
		llb.AddMount("/b", src, llb.Readonly, llb.SourcePath("/sel")),
		llb.AddMount("/a", other, llb.ForceNoOutput),
		llb.AddMount("/c", llb.Scratch()),
		llb.AddMount("/cache", llb.Scratch(), llb.AsPersistentCacheDir("id", llb.CacheMountLocked)),
		llb.AddMount("/cache2", src, llb.AsPersistentCacheDir("ns//cache2", llb.CacheMountPrivate), llb.SourcePath("/cache")),
		llb.AddMount("/cache3", llb.Scratch(), llb.AsPersistentCacheDir("c3", llb.CacheMountShared), llb.Readonly),
		llb.AddMount("/dev/shm", llb.Scratch(), llb.Tmpfs(llb.TmpfsSize(64<<20))),
		llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()),
		llb.AddMount("/on", src, llb.ContentCache(llb.MountContentCacheOn)),
		llb.AddMount("/off", other, llb.Readonly, llb.ContentCache(llb.MountContentCacheOff)))
	emit("exec-mounts-root", ex.Root())
	emit("exec-mounts-z", ex.GetMount("/z"))
	emit("exec-mounts-c", ex.GetMount("/c"))
	emit("exec-mounts-b", ex.GetMount("/b"))
	// A destination before the root's.
	ex = alpine.Run(llb.Args([]string{"a"}), llb.AddMount("", src), llb.AddMount("-x", src))
	emit("exec-mount-before-root", ex.Root())
	ro := alpine.Run(llb.Args([]string{"a"}), llb.ReadonlyRootFS(), llb.AddMount("/out", llb.Scratch()))
	emit("exec-readonly-root", ro.GetMount("/out"))
	env := "TOKEN"
	dest := "/run/secrets/both"
	emit("exec-secrets", alpine.Run(llb.Args([]string{"a"}),
		llb.AddSecret("/run/secrets/x", llb.SecretID("x"), llb.SecretOptional, llb.SecretFileOpt(1, 2, 0o440)),
		llb.AddSecretWithDest("tok", nil, llb.SecretAsEnvName(env)),
		llb.AddSecretWithDest("both", &dest, llb.SecretAsEnvName("BOTH"), llb.SecretOptional)).Root(), all())
	emit("exec-secret-env-only", alpine.Run(llb.Args([]string{"a"}), llb.AddSecretWithDest("tok", nil, llb.SecretAsEnvName(env))).Root(), all())
	emit("exec-ssh", alpine.AddEnv("SSH_AUTH_SOCK", "/mine").Run(llb.Args([]string{"a"}),
		llb.AddSSHSocket(llb.SSHID("one"), llb.SSHSocketOpt("/sock", 1, 2, 0o644)), llb.AddSSHSocket(llb.SSHOptional)).Root(), all())
	emit("exec-ssh-env", alpine.Run(llb.Args([]string{"a"}), llb.AddSSHSocket(), llb.AddSSHSocket(llb.SSHSocketTarget("/sock"))).Root(), all())
	emit("exec-platform", image("alpine:3.22", llb.LinuxArm64).Run(llb.Args([]string{"a"})).Root(), all())
	chain := alpine
	for i := range 40 {
		chain = chain.Run(llb.Args([]string{"step", fmt.Sprint(i)}), llb.WithCustomNamef("step %d", i)).Root()
	}
	emit("chain", chain)
}

func files() {
	alpine := image("alpine:3.22")
	busy := image("busybox:1")
	local := llb.Local("context", llb.SessionID("s"))
	epoch := time.Unix(1700000000, 5)
	emit("file-mkfile", llb.Scratch().File(llb.Mkfile("/name", 0o644, []byte("data\x00\xff"))))
	emit("file-mkdir", alpine.File(llb.Mkdir("a/./b/", 0o4755, llb.WithParents(true), llb.WithUser("me:7"), llb.WithCreatedTime(epoch))))
	emit("file-zero", alpine.File(llb.Mkfile("/e", 0, nil, llb.WithUIDGID(0, 0), llb.WithCreatedTime(time.Unix(0, 0)))))
	emit("file-rm", alpine.File(llb.Rm("/x*", llb.WithAllowNotFound(true), llb.WithAllowWildcard(true))))
	emit("file-symlink", alpine.File(llb.Symlink("../a/", "/b", llb.WithUser("root"))))
	emit("file-copy", alpine.File(llb.Copy(local, "/", "/app/")))
	emit("file-copy-options", alpine.File(llb.Copy(local, "a//b", "/app/.", &llb.CopyInfo{
		Mode: &llb.ChmodOpt{Mode: 0o7755}, FollowSymlinks: true, CopyDirContentsOnly: true, IncludePatterns: []string{"i1", "i2"}, ExcludePatterns: []string{"e"},
		RequiredPaths: []string{"/r"}, AttemptUnpack: true, CreateDestPath: true, AllowWildcard: true, AllowEmptyWildcard: true,
		ChownOpt: &llb.ChownOpt{User: &llb.UserOpt{Name: "me"}, Group: &llb.UserOpt{UID: 12}}, CreatedTime: &epoch, AlwaysReplaceExistingDestPaths: true})), all())
	emit("file-copy-modestr", alpine.File(llb.Copy(local, "/a", "/b", &llb.CopyInfo{Mode: &llb.ChmodOpt{ModeStr: "go-w"}, ChownOpt: &llb.ChownOpt{User: &llb.UserOpt{UID: -1}}})))
	emit("file-copy-scratch", llb.Scratch().File(llb.Copy(local, "/a", "/b", llb.WithUser("me"))))
	emit("file-copy-from-scratch", alpine.File(llb.Copy(llb.Scratch(), "/a", "/b")))
	emit("file-many", alpine.File(
		llb.Mkdir("/d", 0o755).Copy(local, "/a", "/d/").Copy(busy, "/bin", "/d/").Copy(local, "/b", "/d/").Copy(alpine, "/etc", "/d").
			Mkfile("/d/f", 0o600, []byte("x"), llb.WithUser("me:us")).Rm("/d/g").Symlink("f", "/d/l"), llb.IgnoreCache, llb.WithCustomName("many")))
	emit("file-many-scratch", llb.Scratch().File(llb.Copy(busy, "/a", "/a").Copy(local, "/b", "/b").Copy(busy, "/c", "/c")))
	ex := alpine.Run(llb.Args([]string{"a"}), llb.AddMount("/out", llb.Scratch()))
	emit("file-copy-mount", alpine.File(llb.Copy(ex.GetMount("/out"), "/", "/").Copy(ex.Root(), "/", "/")))
	emit("file-user", alpine.File(llb.Mkdir("/a", 0o755, llb.WithUser(""))).File(llb.Mkdir("/b", 0o755, llb.WithUser("+5:-1"))).
		File(llb.Mkdir("/c", 0o755, llb.WithUser("99999999999:a:b"))).File(llb.Mkdir("/d", 0o755, llb.WithUser(":"))))
}

func others() {
	alpine := image("alpine:3.22")
	busy := image("busybox:1")
	local := llb.Local("context", llb.SessionID("s"))
	copied := llb.Scratch().File(llb.Copy(local, "/a", "/b"), llb.ProgressGroup("id", "COPY", true))
	emit("merge", llb.Merge([]llb.State{alpine, copied, busy, alpine}, llb.ProgressGroup("id", "COPY", false), llb.WithCustomName("LINK COPY")))
	emit("merge-one", llb.Merge([]llb.State{llb.Scratch(), copied}))
	emit("merge-none", llb.Merge([]llb.State{llb.Scratch()}))
	emit("diff", llb.Diff(alpine, alpine.Run(llb.Args([]string{"a"})).Root(), llb.WithCustomName("diff")))
	emit("diff-upper-scratch", llb.Diff(alpine, llb.Scratch()))
	emit("diff-lower-scratch", llb.Diff(llb.Scratch(), busy))
	emit("diff-same", llb.Diff(alpine, alpine))
	emit("build", alpine.With(llbbuild.Build(llbbuild.WithFilename("llb.bin"))))
	emit("build-default", alpine.With(llbbuild.Build()))
	emit("passthrough", alpine.Requires("why", busy, local))
	op := llb.NewPassthroughOp("multi", []llb.PassthroughInput{{State: alpine, Output: true}, {State: busy}, {State: local, Output: true}})
	emit("passthrough-second", llb.NewState(op.OutputAt(1)))

	sm := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte("FROM alpine\nRUN <a>\n"))
	same := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte("FROM alpine\nRUN <a>\n"))
	third := llb.NewSourceMap(nil, "other", "", nil)
	third.Definition = must(local.Marshal(ctx, amd64))
	line := func(n int32) []*pb.Range {
		return []*pb.Range{{Start: &pb.Position{Line: n}, End: &pb.Position{Line: n}}}
	}
	base := image("alpine:3.22", sm.Location(line(1)))
	run := base.Run(llb.Args([]string{"a"}), same.Location(append(line(2), &pb.Range{Start: &pb.Position{Line: 3, Character: 4}, End: &pb.Position{Line: 5}})), third.Location(nil)).Root()
	emit("locations", run)
	// The same bytes twice, with other metadata and another place.
	one := busy.Run(llb.Args([]string{"a"}), llb.WithCustomName("one"), sm.Location(line(1)), llb.ProgressGroup("p", "p", false)).Root()
	two := busy.Run(llb.Args([]string{"a"}), llb.WithDescription(map[string]string{"llb.customname": "two", "k": "v"}), sm.Location(line(2)), llb.IgnoreCache).Root()
	emit("same-digest", llb.Merge([]llb.State{one, two}))

	def := must(run.Marshal(ctx, amd64, llb.LocalUniqueID("unique")))
	imported := llb.NewState(must(llb.NewDefinitionOp(def.ToPB())))
	emit("imported", imported)
	emit("imported-used", imported.Run(llb.Args([]string{"b"}), llb.AddMount("/m", base)).Root())
	ex := base.Run(llb.Args([]string{"a"}), llb.AddMount("/out", llb.Scratch()), sm.Location(line(2)))
	def = must(alpine.File(llb.Copy(ex.GetMount("/out"), "/", "/").Copy(ex.Root(), "/", "/")).Marshal(ctx, amd64))
	imported = llb.NewState(must(llb.NewDefinitionOp(def.ToPB())))
	emit("imported-outputs", imported)
}

func platformTable() {
	var out bytes.Buffer
	for _, s := range []string{
		"linux", "windows", "amd64", "arm", "arm64", "armhf", "armel", "x86_64", "x86-64", "i386", "aarch64", "macos", "MacOS/ARM64", "386", "riscv64", "bogus", "",
		"linux/amd64", "linux/AMD64", "linux/x86_64/v1", "linux/amd64/v1", "linux/amd64/v2", "linux/arm", "linux/arm/v7", "linux/arm/7", "linux/arm/6", "linux/arm/5", "linux/arm/8", "linux/arm/v9", "linux/armhf", "linux/armhf/v6", "linux/armel",
		"linux/arm64", "linux/arm64/v8", "linux/arm64/8", "linux/arm64/v8.0", "linux/arm64/9", "linux/arm64/v9.0", "linux/arm64/v9.1", "linux/aarch64/v8", "linux/i386/x", "foo/bar", "foo/bar/baz", "a/b/c/d", "linux/", "/amd64", "linux//v7", "linux/*", "*",
		"windows(10.0.17763.1879)/amd64", "windows(10.0.17763+win32k)/amd64", "windows(+b+a+b)/amd64", "windows()/amd64", "windows(+)/amd64", "windows(+a+)/amd64", "windows(a%2Bb%25)/amd64", "windows(%zz)/amd64", "windows(%2)/amd64", "windows(1)", "windows(1", "linux(a b)/x", "lin.ux/x", "linux/a.b", "linux/a b", "windows(++a)/x", "windows(+%20)/amd64", "windows(1)x/amd64", "windows(%2F+%28)/amd64/v3",
	} {
		p, err := platforms.Parse(s)
		if err != nil {
			fmt.Fprintf(&out, "%q error\n", s)
			continue
		}
		n := platforms.Normalize(p)
		fmt.Fprintf(&out, "%q %q %q %q %q %q | %s %s | %s %s\n", s, p.OS, p.Architecture, p.Variant, p.OSVersion, strings.Join(p.OSFeatures, ","),
			platforms.Format(p), platforms.FormatAll(p), platforms.Format(n), platforms.FormatAll(n))
	}
	if err := os.WriteFile("platforms.txt", out.Bytes(), 0o644); err != nil {
		panic(err)
	}
}

func main() {
	sources()
	execs()
	files()
	others()
	states()
	platformTable()
}
