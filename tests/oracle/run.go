package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/builder"
	"github.com/moby/buildkit/frontend/gateway/grpcclient"
	opspb "github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	"google.golang.org/protobuf/proto"
)

// newID names the reference of a solve.
func newID(i int) string { return strconv.Itoa(i) }

// run takes one case through the whole frontend. It sets the exported product,
// which the reference keeps in a global: one case at a time in a process.
func run(ctx context.Context, request Request) (out Answer) {
	defer func() {
		if p := recover(); p != nil {
			out = Answer{ID: request.ID, Panic: fmt.Sprintf("%v\n%s", p, debug.Stack())}
		}
	}()
	apicaps.ExportedProduct = request.Product
	inputs, err := request.inputDefinitions(ctx)
	if err != nil {
		return Answer{ID: request.ID, BadRequest: err.Error()}
	}
	workers, err := request.workers()
	if err != nil {
		return Answer{ID: request.ID, BadRequest: err.Error()}
	}
	b := &bridge{request: request, inputs: inputs}
	start := time.Now()
	client, err := grpcclient.New(ctx, request.options(), request.session(), request.Product, b, workers)
	if err != nil {
		return Answer{ID: request.ID, BadRequest: err.Error()}
	}
	// The error went through Return, as a daemon sees it; where the daemon
	// lacks that call, the process would have ended with it.
	runErr := client.Run(ctx, builder.Build)
	took := time.Since(start)
	out, err = b.answer()
	if err != nil {
		return Answer{ID: request.ID, BadRequest: err.Error()}
	}
	if runErr != nil && out.Error == nil {
		out.Error = &Error{Message: runErr.Error(), Code: 2}
	}
	if request.TripMS > 0 {
		b.mu.Lock()
		out.Calls = b.calls
		b.mu.Unlock()
		out.Trips = took.Milliseconds() / request.TripMS
	}
	if request.Wire != nil {
		b.mu.Lock()
		out.Wire = holdWire(request, b.sent)
		b.mu.Unlock()
	}
	if len(request.InputStates) > 0 {
		out.Inputs, err = marshalled(inputs)
		if err != nil {
			return Answer{ID: request.ID, BadRequest: err.Error()}
		}
	}
	return out
}

// inputDefinitions gives the frontend inputs of a request, both forms merged.
func (r Request) inputDefinitions(ctx context.Context) (map[string]*opspb.Definition, error) {
	out := map[string]*opspb.Definition{}
	for name, dt := range r.Inputs {
		var def opspb.Definition
		if err := def.UnmarshalVT(dt); err != nil {
			return nil, fmt.Errorf("inputs[%q]: %w", name, err)
		}
		out[name] = &def
	}
	for _, name := range sortedKeys(r.InputStates) {
		def, err := r.InputStates[name].state().Marshal(ctx)
		if err != nil {
			return nil, fmt.Errorf("input_states[%q]: %w", name, err)
		}
		out[name] = def.ToPB()
	}
	return out, nil
}

// state builds the input that the short form describes.
func (s InputState) state() llb.State {
	switch {
	case s.Image != "":
		return llb.Image(s.Image, llb.LinuxAmd64)
	case s.Local != "":
		return llb.Local(s.Local, llb.SessionID("session"))
	case s.HTTP != "":
		return llb.HTTP(s.HTTP, llb.Filename("file"))
	case s.Git != "":
		return llb.Git(s.Git, "")
	}
	st := llb.Scratch()
	for _, p := range sortedKeys(s.Files) {
		st = st.File(llb.Mkfile("/"+clean(p), 0o644, []byte(s.Files[p])))
	}
	return st
}

func marshalled(defs map[string]*opspb.Definition) (map[string][]byte, error) {
	out := map[string][]byte{}
	for name, def := range defs {
		dt, err := proto.MarshalOptions{Deterministic: true}.Marshal(def)
		if err != nil {
			return nil, err
		}
		out[name] = dt
	}
	return out, nil
}
