// Command reference measures the reference's own library: from the text of a
// Dockerfile to the bytes of its definition, base images answered from memory.
//
//	reference DOCKERFILE SECONDS
//
// compiles for so many seconds, at least twice, or once for 0
// seconds, and prints one line of JSON, {"refused":…} where the file is
// refused; benches/programs/src/bin/compile.rs prints the same of Plimsoll.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const imageConfig = `{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},"history":[{"created_by":"base"}]}`

type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, digest.FromString(ref), []byte(imageConfig), nil
}

type report struct {
	Nanoseconds []int64 `json:"nanoseconds"`
	PeakKiB     int64   `json:"peak_kib"`
	Bytes       int     `json:"bytes"`
	Operations  int     `json:"operations"`
	Digest      string  `json:"digest"`
}

// refusal is said of a file that the library does not compile.
type refusal struct {
	Refused string `json:"refused"`
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(file, seconds string) error {
	limit, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var out report
	var spent time.Duration
	least := 1
	if limit > 0 {
		least = 2
	}
	for spent.Seconds() < limit || len(out.Nanoseconds) < least {
		start := time.Now()
		definition, err := compile(data)
		if err != nil {
			return json.NewEncoder(os.Stdout).Encode(refusal{err.Error()})
		}
		bytes, err := definition.ToPB().MarshalVT()
		if err != nil {
			return err
		}
		took := time.Since(start)
		spent += took
		out.Nanoseconds = append(out.Nanoseconds, took.Nanoseconds())
		out.Bytes = len(bytes)
		out.Operations = len(definition.Def)
		head, err := definition.Head()
		if err != nil {
			return err
		}
		out.Digest = head.String()
	}
	if out.PeakKiB, err = peak(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func compile(data []byte) (*llb.Definition, error) {
	ctx := context.Background()
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	caps := pb.Caps.CapSet(pb.Caps.All())
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, data, dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildPlatforms: []ocispecs.Platform{platform}},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", data),
		TargetPlatform: &platform,
		MetaResolver:   images{},
		LLBCaps:        &caps,
		Warn:           func(_, _, _, _ string, _ []parser.Range) {},
	})
	if err != nil {
		return nil, err
	}
	// Made up anew by each process where it is not given, and with it the digests of what is copied from the context.
	definition, err := result.State.Marshal(ctx, llb.LocalUniqueID("unique"))
	if err != nil {
		return nil, err
	}
	if _, err := json.Marshal(result.Image); err != nil {
		return nil, err
	}
	return definition, nil
}

// peak is the largest resident size of this process so far, in KiB.
func peak() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no VmHWM")
}
