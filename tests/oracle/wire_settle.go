package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// permitted is all that may differ between the messages of two frontends, with
// the reason. Each entry takes it out of a message; the rest is held field by
// field. What settles by itself (random names, references by number) is in
// settle.
var permitted = []struct {
	why    string
	forget func(*reader, proto.Message)
}{
	{"a daemon reads options only to hand them to another frontend", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.SolveRequest); ok && m.Frontend == "" {
			m.FrontendOpt = nil
		}
	}},
	{"ours has what runs or copies something computed at once, to say why it failed", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.SolveRequest); ok && mayFail(m.Definition) {
			m.Evaluate = false
		}
	}},
	{"the default is the default, named or not", func(_ *reader, m proto.Message) {
		switch m := m.(type) {
		case *gwpb.ResolveSourceMetaRequest:
			m.ResolveMode = strings.TrimPrefix(m.ResolveMode, "default")
		case *gwpb.ResolveImageConfigRequest:
			m.ResolveMode = strings.TrimPrefix(m.ResolveMode, "default")
		}
	}},
	{"people read warnings, so the words are ours; programs read the rule before the colon", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.WarnRequest); ok {
			rule, _, _ := strings.Cut(string(m.Short), ":")
			m.Short, m.Detail = []byte(rule), nil
		}
	}},
	{"a terminal may show the lines of a warning, so ours writes control characters and bytes that are no text out", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.WarnRequest); ok && m.Info != nil {
			// A mark stays where something is not shown, or what is around it would be read together.
			mark := []byte("\x01")
			marked := unshown.ReplaceAll(bytes.ToValidUTF8(m.Info.Data, mark), mark)
			m.Info.Data = marks.ReplaceAll(marked, mark)
		}
	}},
	{"line 0 and no line are both no place", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.WarnRequest); ok && fmt.Sprint(newRanges(m.Ranges)) == "[[0 0 0 0]]" {
			m.Ranges = nil
		}
	}},
	{"a file that is asked for as a whole, by ours in parts where it is large", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.ReadFileRequest); ok && m.Range.GetOffset() == 0 && m.Range.GetLength() >= onePart {
			m.Range.Length = onePart
		}
	}},
	{"people read errors; the code is held, and parity holds the places of the details", func(_ *reader, m proto.Message) {
		if m, ok := m.(*spb.Status); ok {
			m.Message, m.Details = "", nil
		}
	}},
	{"history quotes bytes that are no text in the way of Go", func(r *reader, m proto.Message) {
		if m, ok := m.(*gwpb.Result); ok && !r.text {
			for key := range m.Metadata {
				if strings.HasPrefix(key, "containerimage.config") {
					m.Metadata[key] = nil
				}
			}
		}
	}},
	{"answers for people, and JSON that parity compares by meaning", func(_ *reader, m proto.Message) {
		if m, ok := m.(*gwpb.Result); ok {
			for _, key := range []string{"result.txt", "result.json"} {
				if _, ok := m.Metadata[key]; ok {
					m.Metadata[key] = nil
				}
			}
		}
	}},
}

// onePart is what ours asks for of a file at first, which is all of it where it is
// no larger.
const onePart = 4<<20 - 1<<10

// mayFail tells whether an operation runs or copies something.
func mayFail(def *opspb.Definition) bool {
	for _, dt := range def.GetDef() {
		var op opspb.Op
		if op.UnmarshalVT(dt) == nil && (op.GetExec() != nil || op.GetFile() != nil) {
			return true
		}
	}
	return false
}

// unshown is what no terminal gets raw, and how it is written out.
var unshown = regexp.MustCompile(`[^\PC\n\t]|\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\}|[a-z0])`)

// marks are several of what stands for what is not shown.
var marks = regexp.MustCompile("\x01+")

// reader puts the calls of a frontend into the form in which two are compared.
type reader struct {
	calls []call
	// loose is for builds without a session, whose local sources have random
	// names in the reference.
	loose bool
	// text tells whether the Dockerfile is UTF-8.
	text bool
	// graphs has the key of each solve, by number.
	graphs []string
}

// settle gives what is random or a number a name that two frontends share, and
// takes out what may differ.
func (r *reader) settle() {
	for _, c := range r.calls {
		eachMessage(c.message.ProtoReflect(), func(m proto.Message) {
			if def, ok := m.(*opspb.Definition); ok {
				settleDefinition(def, r.loose)
			}
			for _, p := range permitted {
				p.forget(r, m)
			}
		})
		if solve, ok := c.message.(*gwpb.SolveRequest); ok {
			r.graphs = append(r.graphs, solveKey(solve))
		}
	}
	for _, c := range r.calls {
		eachMessage(c.message.ProtoReflect(), r.settleReferences)
	}
}

// eachMessage calls f with every message in m, the inner ones first.
func eachMessage(m protoreflect.Message, f func(proto.Message)) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		eachElement("", fd, v, func(_ string, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
			if fd.Message() != nil {
				eachMessage(v.Message(), f)
			}
		})
		return true
	})
	f(m.Interface())
}

// solveKey is equal for solves of the same graph or by the same frontend.
func solveKey(m *gwpb.SolveRequest) string {
	var names, ids []string
	for _, dt := range m.GetDefinition().GetDef() {
		id := digest.FromBytes(dt).String()
		ids = append(ids, id)
		if name := m.Definition.Metadata[id].GetDescription()["llb.customname"]; name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var opts []string
	for _, key := range sortedKeys(m.FrontendOpt) {
		opts = append(opts, key+"="+m.FrontendOpt[key])
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", m.Frontend, strings.Join(opts, " "),
		strings.Join(names, "; "), digest.FromString(strings.Join(ids, " ")).Encoded()[:12]))
}

// settleReferences names references by their graph and not by their number.
func (r *reader) settleReferences(m proto.Message) {
	name := func(id *string) {
		var n int
		if _, err := fmt.Sscan(*id, &n); err == nil && n >= 0 && n < len(r.graphs) {
			*id = r.graphs[n]
		}
	}
	switch m := m.(type) {
	case *gwpb.Ref:
		name(&m.Id)
	case *gwpb.Result:
		if old, ok := m.Result.(*gwpb.Result_RefDeprecated); ok {
			name(&old.RefDeprecated)
		}
	case *gwpb.RefMapDeprecated:
		for key, id := range m.Refs {
			name(&id)
			m.Refs[key] = id
		}
	case *gwpb.ReadFileRequest:
		name(&m.Ref)
	case *gwpb.ReadDirRequest:
		name(&m.Ref)
	case *gwpb.StatFileRequest:
		name(&m.Ref)
	case *gwpb.EvaluateRequest:
		name(&m.Ref)
	}
}

// settleDefinition numbers groups by the operations that share one, as their
// ids are random with the reference, and sorts operations but for the last:
// their order has no meaning, and parity holds that of results.
func settleDefinition(def *opspb.Definition, loose bool) {
	if loose {
		renameOperations(def)
	}
	if len(def.Def) == 0 {
		return
	}
	slices.SortFunc(def.Def[:len(def.Def)-1], func(a, b []byte) int {
		return strings.Compare(string(a), string(b))
	})
	groups := map[string]string{}
	for i, dt := range def.Def {
		group := def.Metadata[digest.FromBytes(dt).String()].GetProgressGroup()
		if group == nil {
			continue
		}
		if _, ok := groups[group.Id]; !ok {
			groups[group.Id] = fmt.Sprint(i)
		}
		group.Id = groups[group.Id]
	}
}

// renameOperations takes the random names of local sources out, and names the
// operations by what is left.
func renameOperations(def *opspb.Definition) {
	names := map[string]string{}
	for i, dt := range def.Def {
		var op opspb.Op
		if op.UnmarshalVT(dt) != nil {
			return
		}
		if source := op.GetSource(); source != nil {
			delete(source.Attrs, opspb.AttrLocalUniqueID)
		}
		for _, input := range op.Inputs {
			if name, ok := names[input.Digest]; ok {
				input.Digest = name
			}
		}
		renamed, err := proto.MarshalOptions{Deterministic: true}.Marshal(&op)
		if err != nil {
			return
		}
		names[digest.FromBytes(dt).String()] = digest.FromBytes(renamed).String()
		def.Def[i] = renamed
	}
	def.Metadata = renameKeys(def.Metadata, names)
	if def.Source != nil {
		def.Source.Locations = renameKeys(def.Source.Locations, names)
	}
}

func renameKeys[V any](m map[string]V, names map[string]string) map[string]V {
	out := make(map[string]V, len(m))
	for key, v := range m {
		if name, ok := names[key]; ok {
			key = name
		}
		out[key] = v
	}
	return out
}
