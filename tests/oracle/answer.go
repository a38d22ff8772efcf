package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/grpcerrors"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
)

// Answer is what the frontend did and what it returned.
type Answer struct {
	ID         string            `json:"id"`
	Result     *Result           `json:"result,omitempty"`
	Solves     []Solve           `json:"solves,omitempty"`
	Resolves   []Resolve         `json:"resolves,omitempty"`
	Warnings   []Warning         `json:"warnings,omitempty"`
	Error      *Error            `json:"error,omitempty"`
	Inputs     map[string][]byte `json:"inputs,omitempty"`
	Panic      string            `json:"panic,omitempty"`
	BadRequest string            `json:"bad_request,omitempty"`
	Wire       *Wire             `json:"wire,omitempty"`
	Calls      int64             `json:"calls,omitempty"`
	Trips      int64             `json:"trips,omitempty"`
}

// Result is what was handed to Return.
type Result struct {
	Metadata     map[string][]byte        `json:"metadata"`
	Refs         map[string]*Ref          `json:"refs"`
	Attestations map[string][]Attestation `json:"attestations,omitempty"`
}

// Ref is a result's file system: the solve it came from and that definition.
type Ref struct {
	Solve string `json:"solve"`
	*Definition
}

// Attestation is one statement about a result.
type Attestation struct {
	Kind          string            `json:"kind"`
	Metadata      map[string][]byte `json:"metadata,omitempty"`
	Path          string            `json:"path,omitempty"`
	PredicateType string            `json:"predicate_type,omitempty"`
	Subjects      []json.RawMessage `json:"subjects,omitempty"`
	Ref           *Ref              `json:"ref"`
}

// Solve is one call of Solve.
type Solve struct {
	ID           string                 `json:"id"`
	Frontend     string                 `json:"frontend,omitempty"`
	Opts         map[string]string      `json:"opts,omitempty"`
	CacheImports []CacheImport          `json:"cache_imports,omitempty"`
	Evaluate     bool                   `json:"evaluate,omitempty"`
	Final        bool                   `json:"final,omitempty"`
	Inputs       map[string]*Definition `json:"inputs,omitempty"`
	Reads        []string               `json:"reads,omitempty"`
	*Definition
}

// CacheImport is a cache source that goes with a solve.
type CacheImport struct {
	Type  string            `json:"type"`
	Attrs map[string]string `json:"attrs,omitempty"`
}

// Warning is one call of Warn.
type Warning struct {
	Short    string   `json:"short"`
	Detail   []string `json:"detail,omitempty"`
	URL      string   `json:"url,omitempty"`
	Level    int64    `json:"level"`
	Digest   string   `json:"digest"`
	Filename string   `json:"filename,omitempty"`
	Ranges   []Range  `json:"ranges"`
}

// Error is the status that the frontend returned.
type Error struct {
	Message string         `json:"message"`
	Code    int32          `json:"code"`
	Sources []ErrorSource  `json:"sources,omitempty"`
	Details []ErrorDetails `json:"details,omitempty"`
}

// ErrorSource points at the lines that an error is about.
type ErrorSource struct {
	Filename string  `json:"filename"`
	Language string  `json:"language,omitempty"`
	Ranges   []Range `json:"ranges"`
}

// ErrorDetails is a status detail other than sources and stack traces.
type ErrorDetails struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

func text(dt []byte) string {
	if utf8.Valid(dt) {
		return string(dt)
	}
	return strings.ToValidUTF8(string(dt), "\uFFFD")
}

func newWarning(in *gwpb.WarnRequest) Warning {
	w := Warning{
		Short: text(in.Short), URL: in.Url, Level: in.Level, Digest: in.Digest,
		Filename: in.Info.GetFilename(), Ranges: newRanges(in.Ranges),
	}
	for _, d := range in.Detail {
		w.Detail = append(w.Detail, text(d))
	}
	return w
}

// newError reads a returned status the way a daemon does.
func newError(in *spb.Status) *Error {
	out := &Error{Message: in.Message, Code: in.Code}
	for _, s := range errdefs.Sources(grpcerrors.FromGRPC(status.FromProto(in).Err())) {
		out.Sources = append(out.Sources, ErrorSource{
			Filename: s.Info.GetFilename(), Language: s.Info.GetLanguage(), Ranges: newRanges(s.Ranges),
		})
	}
	for _, d := range in.Details {
		if strings.Contains(d.TypeUrl, "stack.Stack") || strings.Contains(d.TypeUrl, "errdefs.Source+") {
			continue
		}
		detail := ErrorDetails{Type: d.TypeUrl, Value: d.Value}
		if !json.Valid(d.Value) {
			detail.Value, _ = json.Marshal(d.Value)
		}
		out.Details = append(out.Details, detail)
	}
	return out
}

// answer turns what the bridge saw into an answer.
func (b *bridge) answer() (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := Answer{ID: b.request.ID, Resolves: b.resolves, Warnings: b.warnings}
	slices.SortFunc(out.Resolves, func(x, y Resolve) int {
		return cmp.Or(cmp.Compare(x.Identifier, y.Identifier), cmp.Compare(x.Platform, y.Platform),
			cmp.Compare(x.LogName, y.LogName), cmp.Compare(x.Call, y.Call))
	})
	for i := range b.solves {
		s, err := b.newSolve(i)
		if err != nil {
			return out, err
		}
		out.Solves = append(out.Solves, s)
	}
	if b.returned.GetError() != nil {
		out.Error = newError(b.returned.Error)
	}
	if r := b.returned.GetResult(); r != nil {
		var err error
		if out.Result, err = b.newResult(r); err != nil {
			return out, err
		}
	}
	return out, b.addFinalSolve(&out)
}

// addFinalSolve gives the result of a daemon without the return call: there the
// last Solve is marked final and carries the metadata as JSON.
func (b *bridge) addFinalSolve(out *Answer) error {
	if len(b.solves) == 0 || b.returned != nil {
		return nil
	}
	last := len(b.solves) - 1
	final := b.solves[last].request
	if !final.Final {
		return nil
	}
	out.Result = &Result{Metadata: map[string][]byte{}, Refs: map[string]*Ref{"": nil}}
	if err := json.Unmarshal(final.ExporterAttr, &out.Result.Metadata); err != nil {
		return err
	}
	if len(final.Definition.GetDef()) == 0 {
		return nil
	}
	var err error
	out.Result.Refs[""], err = b.newRef(newID(last))
	return err
}

func (b *bridge) newSolve(i int) (Solve, error) {
	req := b.solves[i].request
	out := Solve{
		ID: newID(i), Frontend: req.Frontend, Opts: req.FrontendOpt, Evaluate: req.Evaluate,
		Final: req.Final, Reads: b.solves[i].reads,
	}
	for _, c := range req.CacheImports {
		out.CacheImports = append(out.CacheImports, CacheImport{Type: c.Type, Attrs: c.Attrs})
	}
	var err error
	if out.Definition, err = newDefinition(req.Definition, b.request.Brief); err != nil {
		return out, err
	}
	if len(req.FrontendInputs) > 0 {
		out.Inputs = map[string]*Definition{}
	}
	for name, def := range req.FrontendInputs {
		if out.Inputs[name], err = newDefinition(def, b.request.Brief); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (b *bridge) newResult(in *gwpb.Result) (*Result, error) {
	out := &Result{Metadata: in.Metadata, Refs: map[string]*Ref{}}
	if out.Metadata == nil {
		out.Metadata = map[string][]byte{}
	}
	refs := map[string]string{}
	switch r := in.Result.(type) {
	case *gwpb.Result_Ref:
		refs[""] = r.Ref.GetId()
	case *gwpb.Result_RefDeprecated:
		refs[""] = r.RefDeprecated
	case *gwpb.Result_Refs:
		for k, ref := range r.Refs.GetRefs() {
			refs[k] = ref.GetId()
		}
	case *gwpb.Result_RefsDeprecated:
		refs = r.RefsDeprecated.GetRefs()
	}
	var err error
	for k, id := range refs {
		if out.Refs[k], err = b.newRef(id); err != nil {
			return nil, err
		}
	}
	for k, list := range in.Attestations {
		if out.Attestations == nil {
			out.Attestations = map[string][]Attestation{}
		}
		for _, a := range list.GetAttestation() {
			att, err := b.newAttestation(a)
			if err != nil {
				return nil, err
			}
			out.Attestations[k] = append(out.Attestations[k], att)
		}
	}
	return out, nil
}

func (b *bridge) newRef(id string) (*Ref, error) {
	for i, s := range b.solves {
		if id != newID(i) {
			continue
		}
		def, err := newDefinition(s.request.Definition, b.request.Brief)
		return &Ref{Solve: id, Definition: def}, err
	}
	return nil, nil
}

func (b *bridge) newAttestation(a *gwpb.Attestation) (Attestation, error) {
	out := Attestation{
		Kind: a.Kind.String(), Metadata: a.Metadata, Path: a.Path, PredicateType: a.InTotoPredicateType,
	}
	for _, s := range a.InTotoSubjects {
		js, err := json.Marshal(s)
		if err != nil {
			return out, err
		}
		out.Subjects = append(out.Subjects, js)
	}
	var err error
	out.Ref, err = b.newRef(a.Ref.GetId())
	return out, err
}
