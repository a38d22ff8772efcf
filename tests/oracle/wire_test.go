package main

import (
	"strings"
	"testing"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func sent(t *testing.T, method string, m proto.Message) Sent {
	t.Helper()
	dt, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return Sent{Method: method, Message: dt}
}

// field is a field that holds bytes.
func field(number protowire.Number, content ...byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

func returned(refs map[string]*gwpb.Ref) *gwpb.ReturnRequest {
	return &gwpb.ReturnRequest{Result: &gwpb.Result{Result: &gwpb.Result_Refs{Refs: &gwpb.RefMap{Refs: refs}}}}
}

func hold(ours, reference []Sent) *Wire {
	return holdWire(Request{Wire: ours}, reference)
}

func kinds(w *Wire) string {
	var out []string
	for _, f := range w.Findings {
		out = append(out, strings.TrimSpace(f.Kind+" "+f.Path))
	}
	return strings.Join(out, ", ")
}

func unused(s Sent) Sent {
	s.Unused = true
	return s
}

func TestWireFindings(t *testing.T) {
	reference := []Sent{
		sent(t, "Ping", &gwpb.PingRequest{}),
		sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{{}}}, AllowResultReturn: true}),
		sent(t, "Warn", &gwpb.WarnRequest{Short: []byte("Rule: words"), Level: 1, Info: &opspb.SourceInfo{Filename: "Dockerfile"}}),
		sent(t, "Return", returned(map[string]*gwpb.Ref{"linux/amd64": {}, "linux/arm64": {Id: "0"}})),
	}
	// What an encoder writes that leaves out the default value of an entry.
	withoutValue := field(1, field(4, field(1, field(1, []byte("linux/amd64")...)...)...)...)
	for name, c := range map[string]struct {
		ours Sent
		want string
	}{
		"the same, other words":     {sent(t, "Warn", &gwpb.WarnRequest{Short: []byte("Rule: ours"), Level: 1, Info: &opspb.SourceInfo{Filename: "Dockerfile"}}), ""},
		"entry without its value":   {Sent{Method: "Return", Message: withoutValue}, "nil result.refs.refs[linux/amd64], round trip result.refs.refs[linux/amd64], round trip result.refs.refs[linux/amd64]"},
		"field of none":             {Sent{Method: "Ping", Message: field(7, 1)}, "unknown"},
		"field of no operation":     {sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{field(900)}}}), "unknown Definition.def[0], alone"},
		"no message":                {Sent{Method: "Return", Message: []byte{0xff}}, "unreadable"},
		"no call":                   {Sent{Method: "Build"}, "unreadable"},
		"other value":               {sent(t, "Warn", &gwpb.WarnRequest{Short: []byte("Rule: x"), Level: 2, Info: &opspb.SourceInfo{Filename: "Dockerfile"}}), "differs level"},
		"message that is missing":   {sent(t, "Warn", &gwpb.WarnRequest{Short: []byte("Rule: x"), Level: 1}), "nil info"},
		"other flag":                {sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{{}}}}), "differs allowResultReturn"},
		"call of ours alone":        {sent(t, "Solve", &gwpb.SolveRequest{Frontend: "gateway.v0"}), "alone"},
		"call that came to nothing": {unused(sent(t, "Solve", &gwpb.SolveRequest{Frontend: "gateway.v0"})), ""},
		"enum":                      {sent(t, "Return", &gwpb.ReturnRequest{Result: &gwpb.Result{Attestations: map[string]*gwpb.Attestations{"": {Attestation: []*gwpb.Attestation{{Kind: 9}}}}}}), "unknown result.attestations[].attestation[0].kind, nil result.refs, differs result.attestations"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := kinds(hold([]Sent{c.ours}, reference)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Each reason takes out what it names: with the entry gone, the two differ.
func TestWirePermits(t *testing.T) {
	for _, p := range permitted {
		if p.why == "" {
			t.Error("a difference is permitted without a reason")
		}
	}
	borrowing, err := (&opspb.Op{Op: &opspb.Op_Exec{Exec: &opspb.ExecOp{Mounts: []*opspb.Mount{{SecretOpt: &opspb.SecretOpt{ID: "s"}}}}}}).MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	solve := func(op []byte, evaluate bool) []Sent {
		return []Sent{sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{op}}, Evaluate: evaluate})}
	}
	if got := kinds(hold(solve(borrowing, true), solve(borrowing, false))); got != "" {
		t.Error(got)
	}
	if got := kinds(hold(solve(nil, true), solve(nil, false))); got != "differs Evaluate" {
		t.Error(got)
	}
}

func TestWireReferencesByGraph(t *testing.T) {
	one := sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{field(1)}}})
	two := sent(t, "Solve", &gwpb.SolveRequest{Definition: &opspb.Definition{Def: [][]byte{field(1), {}}}})
	read := func(ref string) Sent { return sent(t, "Return", returned(map[string]*gwpb.Ref{"p": {Id: ref}})) }
	if got := kinds(hold([]Sent{two, one, read("0")}, []Sent{one, two, read("1")})); got != "" {
		t.Error(got)
	}
	if got := kinds(hold([]Sent{two, one, read("0")}, []Sent{one, two, read("0")})); got != "differs result.refs.refs[p].id" {
		t.Error(got)
	}
}

func TestWireOfTheReferenceItself(t *testing.T) {
	request := `{"any_image":true,"opts":{"platform":"linux/amd64,linux/arm64"},"locals":{"dockerfile":{"Dockerfile":"RlJPTSBzY3JhdGNoCkNNRCBhCg=="}},"wire":[]}`
	r, err := parseRequest([]byte(request))
	if err != nil {
		t.Fatal(err)
	}
	a := runRequest(t, r)
	if len(a.Wire.Findings) != 0 || len(a.Wire.Held) != 0 {
		t.Errorf("%+v", a.Wire)
	}
}
