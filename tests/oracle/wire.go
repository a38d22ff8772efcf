package main

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"google.golang.org/protobuf/proto"
)

// Sent is a message as it went over the wire: the name of the call, and the
// bytes.
type Sent struct {
	Method  string `json:"method"`
	Message []byte `json:"message"`
	// Unused says that the frontend made nothing of the answer. Asking early
	// for what is then not needed is no difference.
	Unused bool `json:"unused,omitempty"`
}

// Wire is what came of holding the messages of another frontend against those
// of the reference.
type Wire struct {
	// Held counts the messages that have a counterpart, by call.
	Held map[string]int `json:"held"`
	// Alone counts those that the reference does not send, by call.
	Alone    map[string]int `json:"alone,omitempty"`
	Findings []Finding      `json:"findings,omitempty"`
}

// Finding is what is wrong with a message.
type Finding struct {
	Method string `json:"method"`
	// Path leads to the field: `result.refs.refs[linux/amd64]`.
	Path string `json:"path,omitempty"`
	// Kind is one of the kinds below.
	Kind      string `json:"kind"`
	Ours      string `json:"ours,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// The kinds of findings. All but kindDiffers and kindAlone are mistakes
// whatever the reference sends.
const (
	// kindUnreadable: the daemon's decoder refuses the message.
	kindUnreadable = "unreadable"
	// kindNil: a map or a list holds nothing where a message belongs.
	kindNil = "nil"
	// kindUnknown: a field, or the value of an enum, that the daemon does not know.
	kindUnknown = "unknown"
	// kindRoundTrip: written again it reads otherwise, or the daemon's decoder
	// reads it otherwise than the protocol says.
	kindRoundTrip = "round trip"
	// kindDiffers: the reference's own message has another value.
	kindDiffers = "differs"
	// kindAlone: the reference makes no such call.
	kindAlone = "alone"
)

// call is a message that was read.
type call struct {
	method  string
	message proto.Message
	unused  bool
}

// readCalls decodes messages as a daemon does, and tells what is wrong with
// each by itself.
func readCalls(sent []Sent) ([]call, []Finding) {
	var calls []call
	var findings []Finding
	for _, s := range sent {
		m, err := newMessage(s.Method)
		if err == nil {
			err = decode(s.Message, m)
		}
		if err != nil {
			findings = append(findings, Finding{Method: s.Method, Kind: kindUnreadable, Ours: err.Error()})
			continue
		}
		c := &checker{method: s.Method}
		c.message("", m.ProtoReflect())
		c.roundTrip(s.Message, m)
		findings = append(findings, c.findings...)
		calls = append(calls, call{s.Method, m, s.Unused})
	}
	return calls, findings
}

// holdWire holds the messages that a request has of another frontend against
// those of the reference. The order of calls, and how often one is made, are free.
func holdWire(request Request, reference []Sent) (out *Wire) {
	defer func() {
		// A panic here would pass for one of the reference.
		if p := recover(); p != nil {
			out = &Wire{Findings: []Finding{{Kind: kindUnreadable, Ours: fmt.Sprintf("%v\n%s", p, debug.Stack())}}}
		}
	}()
	left, findings := readCalls(request.Wire)
	right, wrong := readCalls(reference)
	out = &Wire{Held: map[string]int{}, Alone: map[string]int{}, Findings: findings}
	if slices.ContainsFunc(wrong, func(f Finding) bool { return strings.Contains(f.Ours, "contains invalid UTF-8") }) {
		// The reference can't send this: bytes that are no text in a string. Ours is held by itself.
		return out
	}
	for _, f := range wrong {
		// The messages of the reference are read as ours are: what is found
		// there is a mistake of this program.
		f.Kind += " in the reference's own"
		out.Findings = append(out.Findings, f)
	}
	if slices.ContainsFunc(findings, func(f Finding) bool { return f.Kind == kindUnreadable || f.Kind == kindNil }) {
		return out
	}
	for _, calls := range [][]call{left, right} {
		r := &reader{calls: calls, loose: request.session() == "", text: utf8.Valid(request.Locals["dockerfile"]["Dockerfile"])}
		r.settle()
	}
	counterparts := map[string][]call{}
	for _, c := range right {
		key := c.key()
		counterparts[key] = append(counterparts[key], c)
	}
	for _, c := range left {
		same := counterparts[c.key()]
		if len(same) == 0 {
			out.Alone[c.method]++
			out.Findings = append(out.Findings, c.alone()...)
			continue
		}
		out.Held[c.method]++
		out.Findings = append(out.Findings, nearest(c, same)...)
	}
	return out
}

// alone is the finding for a call that the reference does not make; none for
// reading, which each frontend does in its own way.
func (c call) alone() []Finding {
	if c.unused {
		return nil
	}
	switch c.message.(type) {
	case *gwpb.ReadFileRequest, *gwpb.ReadDirRequest, *gwpb.StatFileRequest, *gwpb.EvaluateRequest:
		return nil
	}
	return []Finding{{Method: c.method, Kind: kindAlone, Ours: short(c.key())}}
}

// key is equal for calls that are about the same. It is taken after settle, so
// references are named by their graph.
func (c call) key() string {
	switch m := c.message.(type) {
	case *gwpb.SolveRequest:
		return "solve " + solveKey(m)
	case *gwpb.ResolveSourceMetaRequest:
		return fmt.Sprintf("source %s %s %s", m.GetSource().GetIdentifier(), platformString(m.Platform), m.LogName)
	case *gwpb.ResolveImageConfigRequest:
		return fmt.Sprintf("config %s %s %s", m.Ref, platformString(m.Platform), m.LogName)
	case *gwpb.ReadFileRequest:
		return fmt.Sprintf("read %s %s", m.FilePath, m.Ref)
	case *gwpb.ReadDirRequest:
		return fmt.Sprintf("readdir %s %s", m.DirPath, m.Ref)
	case *gwpb.StatFileRequest:
		return fmt.Sprintf("stat %s %s", m.Path, m.Ref)
	case *gwpb.EvaluateRequest:
		return "evaluate " + m.Ref
	case *gwpb.WarnRequest:
		return fmt.Sprintf("warn %s %v", m.Short, newRanges(m.Ranges))
	}
	return c.method
}

// nearest holds a call against that counterpart which differs least.
func nearest(c call, same []call) []Finding {
	var least []Finding
	for i, other := range same {
		d := &differ{method: c.method}
		d.message("", c.message.ProtoReflect(), other.message.ProtoReflect())
		if i == 0 || len(d.findings) < len(least) {
			least = d.findings
		}
		if len(least) == 0 {
			return nil
		}
	}
	return least
}

// short is a text as a finding shows it.
func short(s string) string {
	const limit = 400
	if len(s) > limit {
		s = s[:limit] + fmt.Sprintf("… (%d bytes)", len(s))
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
