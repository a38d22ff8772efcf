package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	archivecompression "github.com/moby/go-archive/compression"
	digest "github.com/opencontainers/go-digest"
	fstypes "github.com/tonistiigi/fsutil/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// files computes what a definition's result holds, for the few shapes that a
// frontend reads from: sources, and copies of them (a subdirectory, a download
// that is unpacked). Other operations have no files.
func (b *bridge) files(def *opspb.Definition) (Tree, error) {
	ops := map[string]*opspb.Op{}
	var last *opspb.Op
	for _, dt := range def.GetDef() {
		var op opspb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, fail(codes.InvalidArgument, "definition: %v", err)
		}
		ops[digest.FromBytes(dt).String()] = &op
		last = &op
	}
	if last == nil || len(last.Inputs) == 0 {
		return Tree{}, nil
	}
	return b.opFiles(ops, last.Inputs[0].Digest), nil
}

func (b *bridge) opFiles(ops map[string]*opspb.Op, dgst string) Tree {
	op := ops[dgst]
	if source := op.GetSource(); source != nil {
		return b.sourceFiles(source)
	}
	out := Tree{}
	for _, action := range op.GetFile().GetActions() {
		if mkfile := action.GetMkfile(); mkfile != nil {
			out[clean(mkfile.Path)] = mkfile.Data
		}
		cp := action.GetCopy()
		if cp == nil || int(action.SecondaryInput) >= len(op.Inputs) || action.SecondaryInput < 0 {
			continue
		}
		copyInto(out, b.opFiles(ops, op.Inputs[action.SecondaryInput].Digest), cp)
	}
	return out
}

func copyInto(out, from Tree, cp *opspb.FileActionCopy) {
	src, dest := clean(cp.Src), clean(cp.Dest)
	for p, dt := range from {
		if p == src && cp.AttemptUnpackDockerCompatibility {
			unpackInto(out, dest, dt)
			continue
		}
		if p == src {
			out[clean(path.Join(dest, path.Base(p)))] = dt
			continue
		}
		if rest, ok := strings.CutPrefix(p, strings.TrimPrefix(src+"/", "/")); ok {
			out[clean(path.Join(dest, rest))] = dt
		}
	}
}

func unpackInto(out Tree, dest string, dt []byte) {
	stream, err := archivecompression.DecompressStream(bytes.NewReader(dt))
	if err != nil {
		return
	}
	defer stream.Close()
	for r := tar.NewReader(stream); ; {
		header, err := r.Next()
		if err != nil {
			return
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return
		}
		if header.Typeflag == tar.TypeReg {
			out[clean(path.Join(dest, header.Name))] = content
		}
	}
}

func (b *bridge) sourceFiles(source *opspb.SourceOp) Tree {
	scheme, rest, _ := strings.Cut(source.Identifier, "://")
	out := Tree{}
	switch scheme {
	case "local":
		for p, dt := range b.request.Locals[rest] {
			out[clean(p)] = dt
		}
	case "http", "https":
		if d, ok := lookup(b.request.HTTP, source.Identifier); ok {
			out[clean(source.Attrs[opspb.AttrHTTPFilename])] = d.Body
		}
	case "git":
		if g, ok := lookup(b.request.Git, source.Attrs[opspb.AttrFullRemoteURL], source.Identifier); ok {
			for p, dt := range g.Files {
				out[clean(p)] = dt
			}
		}
	}
	return out
}

// clean writes a path without its leading slash; the root is "".
func clean(p string) string {
	return strings.TrimPrefix(path.Clean("/"+p), "/")
}

func notFound(verb, p string) error {
	return fail(codes.Unknown, "%v", &fs.PathError{Op: verb, Path: p, Err: errors.New("no such file or directory")})
}

func (b *bridge) ReadFile(_ context.Context, in *gwpb.ReadFileRequest, _ ...grpc.CallOption) (*gwpb.ReadFileResponse, error) {
	b.send("ReadFile", in)
	tree, err := b.read(in.Ref, "read", in.FilePath)
	if err != nil {
		return nil, err
	}
	dt, ok := tree[clean(in.FilePath)]
	if !ok {
		return nil, notFound("open", in.FilePath)
	}
	if r := in.Range; r != nil {
		dt = dt[min(r.Offset, int64(len(dt))):]
		dt = dt[:min(r.Length, int64(len(dt)))]
	}
	if len(dt) == 0 {
		dt = nil // an empty field does not travel
	}
	return &gwpb.ReadFileResponse{Data: dt}, nil
}

func (b *bridge) StatFile(_ context.Context, in *gwpb.StatFileRequest, _ ...grpc.CallOption) (*gwpb.StatFileResponse, error) {
	b.send("StatFile", in)
	tree, err := b.read(in.Ref, "stat", in.Path)
	if err != nil {
		return nil, err
	}
	name := clean(in.Path)
	if dt, ok := tree[name]; ok {
		return &gwpb.StatFileResponse{Stat: &fstypes.Stat{Path: path.Base(name), Mode: 0o644, Size: int64(len(dt))}}, nil
	}
	if name == "" || len(children(tree, name)) > 0 {
		return &gwpb.StatFileResponse{Stat: &fstypes.Stat{Path: path.Base(name), Mode: uint32(fs.ModeDir | 0o755)}}, nil
	}
	return nil, notFound("lstat", in.Path)
}

func (b *bridge) ReadDir(_ context.Context, in *gwpb.ReadDirRequest, _ ...grpc.CallOption) (*gwpb.ReadDirResponse, error) {
	b.send("ReadDir", in)
	tree, err := b.read(in.Ref, "readdir", in.DirPath)
	if err != nil {
		return nil, err
	}
	resp := &gwpb.ReadDirResponse{}
	found := children(tree, clean(in.DirPath))
	for _, name := range sortedKeys(found) {
		if in.IncludePattern != "" {
			if ok, err := path.Match(in.IncludePattern, name); err != nil || !ok {
				continue
			}
		}
		resp.Entries = append(resp.Entries, found[name])
	}
	return resp, nil
}

// children lists what lies directly under a directory.
func children(tree Tree, dir string) map[string]*fstypes.Stat {
	found := map[string]*fstypes.Stat{}
	prefix := strings.TrimPrefix(dir+"/", "/")
	for p, dt := range tree {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok || rest == "" {
			continue
		}
		name, _, deeper := strings.Cut(rest, "/")
		if deeper {
			found[name] = &fstypes.Stat{Path: name, Mode: uint32(fs.ModeDir | 0o755)}
		} else {
			found[name] = &fstypes.Stat{Path: name, Mode: 0o644, Size: int64(len(dt))}
		}
	}
	return found
}
