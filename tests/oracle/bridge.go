package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	"github.com/moby/buildkit/util/grpcerrors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// bridge is the daemon's side of the gateway, answered from a request. The
// reference's own gRPC client runs on top of it, so every message is the one
// that would have gone over the wire. Methods that a Dockerfile frontend never
// calls (containers) are left to the nil interface and would panic.
type bridge struct {
	gwpb.LLBBridgeClient
	request Request
	inputs  map[string]*opspb.Definition

	mu       sync.Mutex
	solves   []*solved
	resolves []Resolve
	warnings []Warning
	returned *gwpb.ReturnRequest
	// sent has every message in the bytes that would have gone over the wire.
	sent  []Sent
	calls int64
}

// wait is how far away the daemon is. No lock is held meanwhile, so that calls
// made at the same time wait together.
func (b *bridge) wait() {
	time.Sleep(time.Duration(b.request.TripMS) * time.Millisecond)
}

// send waits, and keeps a message's bytes. They are written at once, since the
// reference may change a message after the call.
func (b *bridge) send(method string, m proto.Message) {
	b.wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sendLocked(method, m)
}

func (b *bridge) sendLocked(method string, m proto.Message) {
	b.calls++
	if b.request.Wire == nil {
		return
	}
	dt, err := encode(m)
	if err != nil {
		panic(err)
	}
	b.sent = append(b.sent, Sent{Method: method, Message: dt})
}

// solved is one Solve call and what was read from its result.
type solved struct {
	request *gwpb.SolveRequest
	reads   []string
}

// fail is an error as the frontend's gRPC client would hand it up.
func fail(code codes.Code, format string, args ...any) error {
	return grpcerrors.FromGRPC(status.Errorf(code, format, args...))
}

func (f *Failure) err() error {
	return fail(codes.Code(f.Code), "%s", f.Message)
}

// advertise is the capability list of the Pong. An empty list arrives as no
// list at all, on which the client falls back to its frozen defaults.
func advertise(all []*apicaps.PBCap, only *[]string, absent, disabled []string) []*apicaps.PBCap {
	var out []*apicaps.PBCap
	for _, c := range all {
		if (only == nil || slices.Contains(*only, c.ID)) && !slices.Contains(absent, c.ID) {
			c.Enabled = c.Enabled && !slices.Contains(disabled, c.ID)
			out = append(out, c)
		}
	}
	return out
}

func (b *bridge) Ping(_ context.Context, in *gwpb.PingRequest, _ ...grpc.CallOption) (*gwpb.PongResponse, error) {
	b.send("Ping", in)
	r := b.request
	return &gwpb.PongResponse{
		FrontendAPICaps: advertise(gwpb.Caps.All(), r.FrontendCapsOnly, r.FrontendCapsAbsent, r.FrontendCapsDisabled),
		LLBCaps:         advertise(opspb.Caps.All(), r.CapsOnly, r.CapsAbsent, r.CapsDisabled),
	}, nil
}

func (b *bridge) Inputs(_ context.Context, in *gwpb.InputsRequest, _ ...grpc.CallOption) (*gwpb.InputsResponse, error) {
	b.send("Inputs", in)
	return &gwpb.InputsResponse{Definitions: b.inputs}, nil
}

// Solve records the call. A definition without operations gives an empty
// reference, as a daemon does for scratch; everything else gives one that can
// be read from, as far as the request has the files. Daemons without the
// return call get the answer forms of their time.
func (b *bridge) Solve(_ context.Context, in *gwpb.SolveRequest, _ ...grpc.CallOption) (*gwpb.SolveResponse, error) {
	b.wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sendLocked("Solve", in)
	b.solves = append(b.solves, &solved{request: in.CloneVT()})
	id := fmt.Sprint(len(b.solves) - 1)
	if in.Frontend == "" && len(in.Definition.GetDef()) == 0 {
		id = ""
	}
	if !b.supports(gwpb.CapReturnResult) {
		return &gwpb.SolveResponse{Ref: id}, b.sourceFailure(in)
	}
	ref := &gwpb.Ref{Id: id}
	if id != "" {
		ref.Def = b.solves[len(b.solves)-1].request.Definition
	}
	result := &gwpb.Result{Result: &gwpb.Result_Ref{Ref: ref}}
	if !b.supports(gwpb.CapProtoRefArray) {
		result.Result = &gwpb.Result_RefDeprecated{RefDeprecated: id}
	}
	if in.Frontend != "" {
		result.Metadata = map[string][]byte{"forwarded": []byte(in.FrontendOpt["source"])}
	}
	if err := b.sourceFailure(in); err != nil {
		return nil, err
	}
	return &gwpb.SolveResponse{Result: result}, nil
}

// supports tells whether the daemon of the request has a gateway capability.
func (b *bridge) supports(id apicaps.CapID) bool {
	r := b.request
	return slices.ContainsFunc(advertise(gwpb.Caps.All(), r.FrontendCapsOnly, r.FrontendCapsAbsent, r.FrontendCapsDisabled),
		func(c *apicaps.PBCap) bool { return c.ID == string(id) && c.Enabled })
}

// sourceFailure is the error of the first source of a definition that the
// request declares broken. A daemon would meet it only when it evaluates; the
// reference reads each such result at once, so the difference does not show.
func (b *bridge) sourceFailure(in *gwpb.SolveRequest) error {
	for _, dt := range in.Definition.GetDef() {
		var op opspb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			return fail(codes.InvalidArgument, "definition: %v", err)
		}
		source := op.GetSource()
		if source == nil {
			continue
		}
		if d, ok := lookup(b.request.HTTP, source.Identifier); ok && d.Error != nil {
			return d.Error.err()
		}
		if g, ok := lookup(b.request.Git, source.Attrs[opspb.AttrFullRemoteURL], source.Identifier); ok && g.Error != nil {
			return g.Error.err()
		}
	}
	return nil
}

// read finds the files behind a reference and notes that they were asked for.
func (b *bridge) read(ref, verb, path string) (Tree, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var n int
	if _, err := fmt.Sscan(ref, &n); err != nil || n < 0 || n >= len(b.solves) {
		return nil, fail(codes.NotFound, "no such reference %q", ref)
	}
	b.solves[n].reads = append(b.solves[n].reads, verb+" "+path)
	return b.files(b.solves[n].request.Definition)
}

func (b *bridge) Evaluate(_ context.Context, in *gwpb.EvaluateRequest, _ ...grpc.CallOption) (*gwpb.EvaluateResponse, error) {
	b.send("Evaluate", in)
	return &gwpb.EvaluateResponse{}, nil
}

func (b *bridge) Warn(_ context.Context, in *gwpb.WarnRequest, _ ...grpc.CallOption) (*gwpb.WarnResponse, error) {
	b.send("Warn", in)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.warnings = append(b.warnings, newWarning(in))
	return &gwpb.WarnResponse{}, nil
}

func (b *bridge) Return(_ context.Context, in *gwpb.ReturnRequest, _ ...grpc.CallOption) (*gwpb.ReturnResponse, error) {
	b.send("Return", in)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.returned = in
	return &gwpb.ReturnResponse{}, nil
}
