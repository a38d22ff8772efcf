package main

import (
	"bytes"
	"encoding/json"

	opspb "github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/encoding/protojson"
)

// Definition is an LLB definition, its operations both as bytes and readable.
type Definition struct {
	Def        [][]byte                     `json:"def"`
	Digests    []string                     `json:"digests"`
	DefJSON    map[string]json.RawMessage   `json:"def_json,omitempty"`
	OpMetadata map[string]*opspb.OpMetadata `json:"op_metadata,omitempty"`
	Source     *Source                      `json:"source,omitempty"`
}

// Source is a definition's map from operations to lines.
type Source struct {
	Infos     []SourceInfo          `json:"infos"`
	Locations map[string][]Location `json:"locations"`
}

// SourceInfo is one source file.
type SourceInfo struct {
	Filename   string      `json:"filename"`
	Language   string      `json:"language"`
	Data       []byte      `json:"data"`
	Definition *Definition `json:"definition,omitempty"`
}

// Location is where an operation comes from.
type Location struct {
	SourceIndex int32   `json:"source_index"`
	Ranges      []Range `json:"ranges"`
}

// Range is start line, start character, end line, end character.
type Range [4]int32

func newRanges(in []*opspb.Range) []Range {
	out := []Range{}
	for _, r := range in {
		out = append(out, Range{
			r.GetStart().GetLine(), r.GetStart().GetCharacter(),
			r.GetEnd().GetLine(), r.GetEnd().GetCharacter(),
		})
	}
	return out
}

// newDefinition reads a definition; brief leaves the readable operations out.
func newDefinition(in *opspb.Definition, brief bool) (*Definition, error) {
	if in == nil {
		return nil, nil
	}
	d := &Definition{Def: in.Def, Digests: []string{}, OpMetadata: in.Metadata}
	if d.Def == nil {
		d.Def = [][]byte{}
	}
	if !brief {
		d.DefJSON = map[string]json.RawMessage{}
	}
	for _, dt := range in.Def {
		id := digest.FromBytes(dt).String()
		d.Digests = append(d.Digests, id)
		if brief {
			continue
		}
		readable, err := readableOp(dt)
		if err != nil {
			return nil, err
		}
		d.DefJSON[id] = readable
	}
	var err error
	d.Source, err = newSource(in.Source, brief)
	return d, err
}

// readableOp is an operation as protobuf JSON without the random blanks.
func readableOp(dt []byte) (json.RawMessage, error) {
	var op opspb.Op
	if err := op.UnmarshalVT(dt); err != nil {
		return nil, err
	}
	js, err := protojson.Marshal(&op)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Compact(&out, js); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func newSource(in *opspb.Source, brief bool) (*Source, error) {
	if in == nil {
		return nil, nil
	}
	s := &Source{Infos: []SourceInfo{}, Locations: map[string][]Location{}}
	for _, info := range in.Infos {
		def, err := newDefinition(info.Definition, brief)
		if err != nil {
			return nil, err
		}
		s.Infos = append(s.Infos, SourceInfo{
			Filename: info.Filename, Language: info.Language, Data: info.Data, Definition: def,
		})
	}
	for id, locations := range in.Locations {
		out := []Location{}
		for _, l := range locations.GetLocations() {
			out = append(out, Location{SourceIndex: l.SourceIndex, Ranges: newRanges(l.Ranges)})
		}
		s.Locations[id] = out
	}
	return s, nil
}
