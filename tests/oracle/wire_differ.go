package main

import (
	"bytes"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// differ tells where two messages differ, field by field.
type differ struct {
	method   string
	findings []Finding
}

func (d *differ) add(path string, ours, reference any) {
	d.findings = append(d.findings, Finding{
		Method: d.method, Path: path, Kind: kindDiffers, Ours: show(ours), Reference: show(reference),
	})
}

func show(v any) string {
	if dt, ok := v.([]byte); ok {
		v = string(dt)
	}
	return short(fmt.Sprintf("%v", v))
}

// showValue is any value of a field as text; a message as JSON.
func showValue(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if fd.Message() == nil || fd.IsMap() || fd.IsList() {
		return show(v.Interface())
	}
	js, err := protojson.Marshal(v.Message().Interface())
	if err != nil {
		return err.Error()
	}
	return short(string(js))
}

func (d *differ) message(path string, ours, reference protoreflect.Message) {
	if !ours.IsValid() && reference.IsValid() {
		d.add(path, "nothing", "a message")
		d.findings[len(d.findings)-1].Kind = kindNil
		return
	}
	fields := ours.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		at := join(path, fd)
		if has := ours.Has(fd); has != reference.Has(fd) {
			side := func(has bool, m protoreflect.Message) string {
				if !has {
					return "nothing"
				}
				return showValue(fd, m.Get(fd))
			}
			d.add(at, side(has, ours), side(!has, reference))
			if fd.Message() != nil && !fd.IsMap() && !fd.IsList() && !has {
				d.findings[len(d.findings)-1].Kind = kindNil
			}
			continue
		}
		left, right := ours.Get(fd), reference.Get(fd)
		switch {
		case fd.IsMap():
			d.maps(at, fd.MapValue(), left.Map(), right.Map())
		case fd.IsList():
			d.lists(at, fd, left.List(), right.List())
		case ours.Has(fd):
			d.value(at, fd, left, right)
		}
	}
}

func (d *differ) value(path string, fd protoreflect.FieldDescriptor, ours, reference protoreflect.Value) {
	switch {
	case fd.Message() != nil:
		d.message(path, ours.Message(), reference.Message())
	case fd.Kind() == protoreflect.BytesKind:
		if !bytes.Equal(ours.Bytes(), reference.Bytes()) {
			d.add(path, ours.Bytes(), reference.Bytes())
		}
	case !ours.Equal(reference):
		d.add(path, ours.Interface(), reference.Interface())
	}
}

func (d *differ) maps(path string, fd protoreflect.FieldDescriptor, ours, reference protoreflect.Map) {
	at := func(k protoreflect.MapKey) string { return fmt.Sprintf("%s[%s]", path, k.String()) }
	ours.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if reference.Has(k) {
			d.value(at(k), fd, v, reference.Get(k))
		} else {
			d.add(at(k), showValue(fd, v), "nothing")
		}
		return true
	})
	reference.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if !ours.Has(k) {
			d.add(at(k), "nothing", showValue(fd, v))
		}
		return true
	})
}

func (d *differ) lists(path string, fd protoreflect.FieldDescriptor, ours, reference protoreflect.List) {
	if ours.Len() != reference.Len() {
		d.add(path, fmt.Sprintf("%d entries", ours.Len()), fmt.Sprintf("%d entries", reference.Len()))
		return
	}
	for i := range ours.Len() {
		d.value(fmt.Sprintf("%s[%d]", path, i), fd, ours.Get(i), reference.Get(i))
	}
}
