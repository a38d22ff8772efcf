package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/containerd/platforms"
	gwclient "github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Request is one case: everything that the frontend can learn from outside.
type Request struct {
	ID      string            `json:"id"`
	Opts    map[string]string `json:"opts"`
	Session *string           `json:"session"`
	Product string            `json:"product"`
	Workers []Worker          `json:"workers"`

	CapsAbsent         []string  `json:"caps_absent"`
	FrontendCapsAbsent []string  `json:"frontend_caps_absent"`
	CapsOnly           *[]string `json:"caps_only"`
	FrontendCapsOnly   *[]string `json:"frontend_caps_only"`

	// Announced, and switched off.
	CapsDisabled         []string `json:"caps_disabled"`
	FrontendCapsDisabled []string `json:"frontend_caps_disabled"`

	Locals   map[string]Tree       `json:"locals"`
	Images   map[string]Image      `json:"images"`
	AnyImage bool                  `json:"any_image"`
	HTTP     map[string]Download   `json:"http"`
	Git      map[string]Repository `json:"git"`

	Inputs      map[string][]byte     `json:"inputs"`
	InputStates map[string]InputState `json:"input_states"`

	// Brief leaves every def_json out of the answer.
	Brief bool `json:"brief"`

	// Wire has the messages that another frontend sends in this case; they are
	// held against the reference's own.
	Wire []Sent `json:"wire"`

	// TripMS is how long the bridge waits before it answers a call, in
	// milliseconds; the answer then counts calls and trips.
	TripMS int64 `json:"trip_ms"`
}

// Tree is a flat file system: path to content.
type Tree map[string][]byte

// Worker is one worker that the daemon reports.
type Worker struct {
	ID        string            `json:"id"`
	Labels    map[string]string `json:"labels"`
	Platforms []string          `json:"platforms"`
}

// Image is what an image reference resolves to.
type Image struct {
	Digest       string          `json:"digest"`
	Config       json.RawMessage `json:"config"`
	ConfigBase64 []byte          `json:"config_base64"`
	// Platforms overrides the answer for a platform, keyed os/arch[/variant].
	Platforms map[string]Image `json:"platforms"`
	// Redirect is the identifier that a source policy puts in this one's place.
	Redirect string   `json:"redirect"`
	Error    *Failure `json:"error"`
}

// Failure is a gRPC status that a lookup ends with.
type Failure struct {
	Code    uint32 `json:"code"`
	Message string `json:"message"`
}

// Download is an http source.
type Download struct {
	Body         []byte     `json:"body"`
	LastModified *time.Time `json:"last_modified"`
	Error        *Failure   `json:"error"`
}

// Repository is a git source.
type Repository struct {
	Commit        string   `json:"commit"`
	CommitterDate int64    `json:"committer_date"`
	Files         Tree     `json:"files"`
	Error         *Failure `json:"error"`
}

// InputState is a frontend input in short form; exactly one field is set.
type InputState struct {
	Scratch bool              `json:"scratch"`
	Image   string            `json:"image"`
	Local   string            `json:"local"`
	HTTP    string            `json:"http"`
	Git     string            `json:"git"`
	Files   map[string]string `json:"files"`
}

// parseRequest reads one line. Unknown fields are refused, so that a misspelt
// one does not silently change what a case says.
func parseRequest(line []byte) (Request, error) {
	var r Request
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("request: %w", err)
	}
	if len(r.Workers) == 0 {
		r.Workers = []Worker{{Platforms: []string{"linux/amd64"}}}
	}
	if r.Product == "" {
		r.Product = "buildkit"
	}
	if r.TripMS < 0 {
		return r, fmt.Errorf("request: trip_ms is %d, which is no time", r.TripMS)
	}
	return r, nil
}

// session is the session's id: "session" unless the request says otherwise.
func (r Request) session() string {
	if r.Session == nil {
		return "session"
	}
	return *r.Session
}

// options is a copy of the options: the reference writes into its map.
func (r Request) options() map[string]string {
	opts := maps.Clone(r.Opts)
	if opts == nil {
		opts = map[string]string{}
	}
	return opts
}

func (r Request) workers() ([]gwclient.WorkerInfo, error) {
	infos := make([]gwclient.WorkerInfo, 0, len(r.Workers))
	for i, w := range r.Workers {
		info := gwclient.WorkerInfo{ID: w.ID, Labels: w.Labels}
		if info.ID == "" {
			info.ID = fmt.Sprintf("worker%d", i)
		}
		for _, s := range w.Platforms {
			p, err := platforms.Parse(s)
			if err != nil {
				return nil, fmt.Errorf("workers[%d]: %w", i, err)
			}
			info.Platforms = append(info.Platforms, platforms.Normalize(p))
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// defaultPlatform is what a daemon takes when a lookup names no platform.
func (r Request) defaultPlatform() ocispecs.Platform {
	for _, w := range r.Workers {
		for _, s := range w.Platforms {
			if p, err := platforms.Parse(s); err == nil {
				return platforms.Normalize(p)
			}
		}
	}
	return ocispecs.Platform{OS: "linux", Architecture: "amd64"}
}

// lookup gives the entry of a table for a location, which may be written with
// its fragment or without.
func lookup[T any](table map[string]T, locations ...string) (T, bool) {
	for _, l := range locations {
		if v, ok := table[l]; ok {
			return v, true
		}
	}
	for _, l := range locations {
		base, _, _ := strings.Cut(l, "#")
		if v, ok := table[base]; ok {
			return v, true
		}
	}
	var none T
	return none, false
}

// sortedKeys gives a map's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
