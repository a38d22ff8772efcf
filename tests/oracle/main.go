// Command oracle answers what the reference frontend makes of a Dockerfile.
//
// It runs the reference's whole frontend in this process over a bridge that is
// made of the request's own data: no daemon, no network. README.md describes
// the protocol.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/containerd/log"
)

// repeated collects the values of a flag that may be given several times.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, " ") }

func (r *repeated) Set(v string) error {
	*r = append(*r, v)
	return nil
}

func main() {
	var options, images, locals repeated
	file := flag.String("f", "", "compile this Dockerfile and print its operations for a person to read")
	ignore := flag.String("ignore", "", "with -f: file to use as .dockerignore")
	flag.Var(&options, "o", "with -f: frontend option key=value (repeatable)")
	flag.Var(&images, "image", "with -f: image config, ref=config.json (repeatable)")
	flag.Var(&locals, "local", "with -f: a file of a local source, name:path=file (repeatable)")
	jobs := flag.Int("j", runtime.NumCPU(), "number of worker processes")
	worker := flag.Bool("worker", false, "answer requests one after another in this process")
	flag.Parse()

	forbidNetwork()
	log.L.Logger.SetOutput(io.Discard)

	var err error
	switch {
	case *file != "":
		err = explain(os.Stdout, *file, *ignore, options, images, locals)
	case *worker:
		err = serve(os.Stdin, os.Stdout)
	default:
		err = supervise(os.Stdin, os.Stdout, *jobs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

// forbidNetwork makes name lookups fail at once. The reference scans the host
// key of an ssh git remote; under a daemon it runs without a network too.
func forbidNetwork() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: refuseDial}
}
