package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/containerd/typeurl/v2"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	opspb "github.com/moby/buildkit/solver/pb"
	// Replaces the codec of gRPC, as buildkitd does by the same import.
	_ "github.com/moby/buildkit/util/grpcutil/encoding/proto"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
)

// bridgeService describes the calls of the gateway.
var bridgeService = gwpb.File_github_com_moby_buildkit_frontend_gateway_pb_gateway_proto.Services().ByName("LLBBridge")

// newMessage is an empty request of a call.
func newMessage(method string) (proto.Message, error) {
	m := bridgeService.Methods().ByName(protoreflect.Name(method))
	if m == nil {
		return nil, fmt.Errorf("the daemon has no call %q", method)
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
	if err != nil {
		return nil, err
	}
	return t.New().Interface(), nil
}

// decode reads a message by the codec that the daemon's server takes.
func decode(dt []byte, m proto.Message) error {
	return encoding.GetCodecV2(grpcproto.Name).Unmarshal(mem.BufferSlice{mem.SliceBuffer(dt)}, m)
}

// encode writes a message by the same codec.
func encode(m proto.Message) ([]byte, error) {
	data, err := encoding.GetCodecV2(grpcproto.Name).Marshal(m)
	if err != nil {
		return nil, err
	}
	defer data.Free()
	return data.Materialize(), nil
}

// checker looks at a message by itself: every field of every message in it,
// those inside the bytes of operations and of error details too.
type checker struct {
	method   string
	findings []Finding
}

func (c *checker) add(path, kind, format string, args ...any) {
	c.findings = append(c.findings, Finding{Method: c.method, Path: path, Kind: kind, Ours: short(fmt.Sprintf(format, args...))})
}

func (c *checker) message(path string, m protoreflect.Message) {
	if !m.IsValid() {
		c.add(path, kindNil, "no %s where one belongs", m.Descriptor().FullName())
		return
	}
	for rest := m.GetUnknown(); len(rest) > 0; {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			c.add(path, kindUnreadable, "unknown fields: %v", protowire.ParseError(n))
			break
		}
		c.add(path, kindUnknown, "field %d of %s", number, m.Descriptor().FullName())
		rest = rest[n:]
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		eachElement(path, fd, v, func(path string, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
			switch {
			case fd.Message() != nil:
				c.message(path, v.Message())
			case fd.Enum() != nil && fd.Enum().Values().ByNumber(v.Enum()) == nil:
				c.add(path, kindUnknown, "%d of %s", v.Enum(), fd.Enum().FullName())
			}
		})
		return true
	})
	switch m := m.Interface().(type) {
	case *opspb.Definition:
		c.operations(path, m)
	case *anypb.Any:
		c.detail(path, m)
	}
}

// eachElement calls f with a field's value, or with those of a list or map.
func eachElement(path string, fd protoreflect.FieldDescriptor, v protoreflect.Value, f func(string, protoreflect.FieldDescriptor, protoreflect.Value)) {
	path = join(path, fd)
	switch {
	case fd.IsMap():
		v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			f(fmt.Sprintf("%s[%s]", path, k.String()), fd.MapValue(), v)
			return true
		})
	case fd.IsList():
		for i := range v.List().Len() {
			f(fmt.Sprintf("%s[%d]", path, i), fd, v.List().Get(i))
		}
	default:
		f(path, fd, v)
	}
}

func join(path string, fd protoreflect.FieldDescriptor) string {
	if path == "" {
		return string(fd.Name())
	}
	return path + "." + string(fd.Name())
}

// operations looks into the bytes of a definition.
func (c *checker) operations(path string, def *opspb.Definition) {
	for i, dt := range def.Def {
		at := fmt.Sprintf("%s.def[%d]", path, i)
		var op opspb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			c.add(at, kindUnreadable, "%v", err)
			continue
		}
		c.message(at, op.ProtoReflect())
		c.roundTripAt(at, dt, &op)
	}
}

// detail looks into an error's detail: JSON of a type that the daemon knows by
// its address. One that it does not know it hands on unread.
func (c *checker) detail(path string, detail *anypb.Any) {
	v, err := typeurl.UnmarshalAny(detail)
	if err != nil {
		c.add(path, kindUnknown, "%s: %v", detail.TypeUrl, err)
		return
	}
	strict := json.NewDecoder(bytes.NewReader(detail.Value))
	strict.DisallowUnknownFields()
	if err := strict.Decode(reflect.New(reflect.TypeOf(v).Elem()).Interface()); err != nil {
		c.add(path, kindUnknown, "%s: %v", detail.TypeUrl, err)
	}
	if m, ok := v.(proto.Message); ok {
		c.message(path, m.ProtoReflect())
	}
}

// roundTrip writes what was read, and reads that again; and it reads the bytes
// as the protocol has it, for the daemon's decoder is generated apart.
func (c *checker) roundTrip(dt []byte, m proto.Message) {
	c.roundTripAt("", dt, m)
}

func (c *checker) roundTripAt(path string, dt []byte, m proto.Message) {
	empty := func() proto.Message { return m.ProtoReflect().New().Interface() }
	again := empty()
	written, err := encode(m)
	if err == nil {
		err = decode(written, again)
	}
	if err != nil {
		c.add(path, kindRoundTrip, "%v", err)
	}
	c.same(path, m, again)

	canonical := empty()
	if err := proto.Unmarshal(dt, canonical); err != nil {
		c.add(path, kindRoundTrip, "%v", err)
	}
	c.same(path, m, canonical)
}

// same notes where a message reads otherwise in another way. Equality of the
// library would do, but that it takes nothing for an empty message.
func (c *checker) same(path string, m, other proto.Message) {
	d := &differ{method: c.method}
	d.message(path, m.ProtoReflect(), other.ProtoReflect())
	for _, f := range d.findings {
		f.Kind = kindRoundTrip
		c.findings = append(c.findings, f)
	}
}
