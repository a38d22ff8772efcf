package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// explain compiles one Dockerfile and prints what came of it for a person:
// each operation under its progress name, then configs, warnings, error.
func explain(out io.Writer, file, ignore string, options, images, locals []string) error {
	request, err := commandRequest(file, ignore, options, images, locals)
	if err != nil {
		return err
	}
	answer := run(context.Background(), request)
	if answer.BadRequest != "" {
		return fmt.Errorf("%s", answer.BadRequest)
	}
	if answer.Panic != "" {
		return fmt.Errorf("the reference panicked: %s", answer.Panic)
	}
	if answer.Result != nil {
		for _, key := range sortedKeys(answer.Result.Refs) {
			printRef(out, key, answer.Result.Refs[key])
		}
		for _, key := range sortedKeys(answer.Result.Metadata) {
			fmt.Fprintf(out, "== %s\n%s\n", key, indented(answer.Result.Metadata[key]))
		}
	}
	for _, r := range answer.Resolves {
		fmt.Fprintf(out, "== resolved %s %s\n", r.Identifier, r.Platform)
	}
	for _, w := range answer.Warnings {
		fmt.Fprintf(out, "== warning: %s\n", w.Short)
	}
	if e := answer.Error; e != nil {
		fmt.Fprintf(out, "== error (code %d): %s\n", e.Code, e.Message)
		for _, s := range e.Sources {
			fmt.Fprintf(out, "   at %s %v\n", s.Filename, s.Ranges)
		}
	}
	return nil
}

// commandRequest makes a request of the command line.
func commandRequest(file, ignore string, options, images, locals []string) (Request, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		ID: file, Product: "buildkit", AnyImage: true,
		Opts:    map[string]string{"filename": filepath.Base(file)},
		Workers: []Worker{{Platforms: []string{"linux/amd64"}}},
		Locals:  map[string]Tree{"dockerfile": {filepath.Base(file): content}, "context": {}},
		Images:  map[string]Image{},
	}
	if ignore != "" {
		if r.Locals["context"][".dockerignore"], err = os.ReadFile(ignore); err != nil {
			return r, err
		}
	}
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		r.Opts[key] = value
	}
	for _, i := range images {
		ref, path, _ := strings.Cut(i, "=")
		config, err := os.ReadFile(path)
		if err != nil {
			return r, err
		}
		r.Images[ref] = Image{ConfigBase64: config}
	}
	for _, l := range locals {
		target, path, _ := strings.Cut(l, "=")
		name, inside, _ := strings.Cut(target, ":")
		content, err := os.ReadFile(path)
		if err != nil {
			return r, err
		}
		if r.Locals[name] == nil {
			r.Locals[name] = Tree{}
		}
		r.Locals[name][inside] = content
	}
	return r, nil
}

func printRef(out io.Writer, key string, ref *Ref) {
	if key != "" {
		fmt.Fprintf(out, "=== %s\n", key)
	}
	if ref == nil {
		fmt.Fprintln(out, "== an empty result")
		return
	}
	for i, id := range ref.Digests {
		name := "(no name)"
		metadata := ref.OpMetadata[id]
		if custom := metadata.GetDescription()["llb.customname"]; custom != "" {
			name = custom
		}
		if i == len(ref.Digests)-1 {
			name = "(terminal)"
		}
		fmt.Fprintf(out, "== %s\n   %s\n", name, id)
		if lines := sourceLines(ref, id); lines != "" {
			fmt.Fprintf(out, "   lines %s\n", lines)
		}
		if metadata != nil {
			js, err := json.Marshal(metadata)
			if err == nil {
				fmt.Fprintf(out, "   %s\n", js)
			}
		}
		fmt.Fprintf(out, "%s\n", indented(ref.DefJSON[id]))
	}
}

func sourceLines(ref *Ref, id string) string {
	var lines []string
	if ref.Source == nil {
		return ""
	}
	for _, l := range ref.Source.Locations[id] {
		for _, r := range l.Ranges {
			lines = append(lines, fmt.Sprint(r[0]))
		}
	}
	return strings.Join(slices.Compact(lines), ",")
}

// indented lays JSON out; other text stays as it is.
func indented(dt []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, dt, "", "  "); err != nil {
		return dt
	}
	return out.Bytes()
}
