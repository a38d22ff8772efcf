package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/containerd/platforms"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Resolve is one metadata lookup, by either of the two calls.
type Resolve struct {
	Call         string            `json:"call"`
	Identifier   string            `json:"identifier"`
	Attrs        map[string]string `json:"attrs,omitempty"`
	Platform     string            `json:"platform,omitempty"`
	LogName      string            `json:"log_name,omitempty"`
	ResolveMode  string            `json:"resolve_mode,omitempty"`
	ResolverType int32             `json:"resolver_type,omitempty"`
	SessionID    string            `json:"session_id,omitempty"`
	StoreID      string            `json:"store_id,omitempty"`
	ReturnObject bool              `json:"return_object,omitempty"`
	NoConfig     bool              `json:"no_config,omitempty"`
}

func (b *bridge) note(r Resolve) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resolves = append(b.resolves, r)
}

// maxRedirects stops a request whose images point at one another.
const maxRedirects = 20

// ResolveImageConfig is the lookup of daemons without the metadata resolver.
func (b *bridge) ResolveImageConfig(_ context.Context, in *gwpb.ResolveImageConfigRequest, _ ...grpc.CallOption) (*gwpb.ResolveImageConfigResponse, error) {
	b.send("ResolveImageConfig", in)
	b.note(Resolve{
		Call: "config", Identifier: in.Ref, Platform: platformString(in.Platform), LogName: in.LogName,
		ResolveMode: in.ResolveMode, ResolverType: in.ResolverType, SessionID: in.SessionID, StoreID: in.StoreID,
	})
	identifier := "docker-image://" + in.Ref
	if in.ResolverType == 1 {
		identifier = "oci-layout://" + in.Ref
	}
	final, image, err := b.image(identifier, in.Platform)
	if err != nil {
		return nil, err
	}
	if image == nil {
		return nil, fail(codes.InvalidArgument, "ref mutated by policy to non-image: %s", final)
	}
	_, ref, _ := strings.Cut(final, "://")
	return &gwpb.ResolveImageConfigResponse{Digest: image.Digest, Config: image.Config, Ref: ref}, nil
}

// ResolveSourceMeta answers for images, git and http; a local source has no
// metadata.
func (b *bridge) ResolveSourceMeta(_ context.Context, in *gwpb.ResolveSourceMetaRequest, _ ...grpc.CallOption) (*gwpb.ResolveSourceMetaResponse, error) {
	b.send("ResolveSourceMeta", in)
	b.note(Resolve{
		Call: "source", Identifier: in.Source.GetIdentifier(), Attrs: in.Source.GetAttrs(),
		Platform: platformString(in.Platform), LogName: in.LogName, ResolveMode: in.ResolveMode,
		ReturnObject: in.Git.GetReturnObject(), NoConfig: in.Image.GetNoConfig(),
	})
	source := in.Source.CloneVT()
	resp := &gwpb.ResolveSourceMetaResponse{Source: source}
	scheme, _, _ := strings.Cut(source.Identifier, "://")
	var err error
	switch scheme {
	case "docker-image", "oci-layout":
		source.Identifier, resp.Image, err = b.image(source.Identifier, in.Platform)
	case "http", "https":
		resp.HTTP, err = b.download(source)
	case "git":
		resp.Git, err = b.repository(source, in.Git.GetReturnObject())
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// image follows redirects to an image's digest and config; it gives no image
// when they lead out of the registry.
func (b *bridge) image(identifier string, p *opspb.Platform) (string, *gwpb.ResolveSourceImageResponse, error) {
	platform := b.request.defaultPlatform()
	if p != nil {
		platform = p.Spec()
	}
	for range maxRedirects {
		scheme, ref, _ := strings.Cut(identifier, "://")
		if scheme != "docker-image" && scheme != "oci-layout" {
			return identifier, nil, nil
		}
		image, ok := b.request.Images[identifier]
		if !ok {
			image, ok = b.request.Images[ref]
		}
		if !ok && b.request.AnyImage {
			return identifier, anyImage(ref, platform), nil
		}
		if !ok {
			return "", nil, fail(codes.NotFound, "%s: not found", ref)
		}
		image = image.forPlatform(platform)
		if image.Error != nil {
			return "", nil, image.Error.err()
		}
		if image.Redirect == "" {
			return identifier, &gwpb.ResolveSourceImageResponse{Digest: image.digest(ref, platform), Config: image.config()}, nil
		}
		identifier = image.Redirect
	}
	return "", nil, fail(codes.InvalidArgument, "%s: too many redirects", identifier)
}

func (i Image) forPlatform(p ocispecs.Platform) Image {
	for _, key := range []string{platforms.FormatAll(p), platforms.FormatAll(platforms.Normalize(p))} {
		if override, ok := i.Platforms[key]; ok {
			return override
		}
	}
	return i
}

func (i Image) config() []byte {
	if len(i.ConfigBase64) > 0 {
		return i.ConfigBase64
	}
	return i.Config
}

func (i Image) digest(ref string, p ocispecs.Platform) string {
	if i.Digest != "" {
		return i.Digest
	}
	return anyDigest(ref, p)
}

func anyDigest(ref string, p ocispecs.Platform) string {
	return digest.FromString(ref + "|" + platforms.FormatAll(p)).String()
}

// anyImage is the image that stands for every name when a request says so.
func anyImage(ref string, p ocispecs.Platform) *gwpb.ResolveSourceImageResponse {
	variant := ""
	if p.Variant != "" {
		variant = fmt.Sprintf(`"variant":%q,`, p.Variant)
	}
	config := fmt.Sprintf(`{"architecture":%q,%s"os":%q,"config":{`+
		`"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/bin/sh"],"WorkingDir":"/"},`+
		`"rootfs":{"type":"layers","diff_ids":["sha256:%064d"]},"history":[{"created_by":"base"}]}`,
		p.Architecture, variant, p.OS, 0)
	return &gwpb.ResolveSourceImageResponse{Digest: anyDigest(ref, p), Config: []byte(config)}
}

func (b *bridge) download(source *opspb.SourceOp) (*gwpb.ResolveSourceHTTPResponse, error) {
	d, ok := lookup(b.request.HTTP, source.Identifier)
	if !ok {
		return nil, fail(codes.Unknown, "invalid response status 404")
	}
	if d.Error != nil {
		return nil, d.Error.err()
	}
	resp := &gwpb.ResolveSourceHTTPResponse{
		Checksum: digest.FromBytes(d.Body).String(),
		Filename: source.Attrs[opspb.AttrHTTPFilename],
	}
	if d.LastModified != nil {
		resp.LastModified = timestamppb.New(*d.LastModified)
	}
	return resp, nil
}

func (b *bridge) repository(source *opspb.SourceOp, object bool) (*gwpb.ResolveSourceGitResponse, error) {
	g, ok := lookup(b.request.Git, source.Attrs[opspb.AttrFullRemoteURL], source.Identifier)
	if !ok {
		return nil, fail(codes.Unknown, "repository does not contain ref")
	}
	if g.Error != nil {
		return nil, g.Error.err()
	}
	_, fragment, _ := strings.Cut(source.Identifier, "#")
	ref, _, _ := strings.Cut(fragment, ":")
	resp := &gwpb.ResolveSourceGitResponse{Checksum: g.Commit, Ref: ref, CommitChecksum: g.Commit}
	if object {
		resp.CommitObject = fmt.Appendf(nil, "tree %040d\nauthor A <a@example.com> %d +0000\ncommitter C <c@example.com> %d +0000\n\nmessage\n",
			0, g.CommitterDate, g.CommitterDate)
	}
	return resp, nil
}

func platformString(p *opspb.Platform) string {
	if p == nil {
		return ""
	}
	return platforms.FormatAll(p.Spec())
}
