package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/containerd/log"
)

func init() {
	log.L.Logger.SetOutput(new(bytes.Buffer))
	forbidNetwork()
}

// ask runs a Dockerfile with options as opts, key then value.
func ask(t *testing.T, dockerfile string, opts ...string) Answer {
	t.Helper()
	r, err := parseRequest([]byte(`{"id":"t","any_image":true}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte(dockerfile)}, "context": {}}
	r.Opts = map[string]string{}
	for i := 0; i+1 < len(opts); i += 2 {
		r.Opts[opts[i]] = opts[i+1]
	}
	return runRequest(t, r)
}

func runRequest(t *testing.T, r Request) Answer {
	t.Helper()
	a := run(context.Background(), r)
	if a.Panic != "" || a.BadRequest != "" {
		t.Fatalf("panic %q, bad request %q", a.Panic, a.BadRequest)
	}
	return a
}

func names(t *testing.T, ref *Ref) []string {
	t.Helper()
	if ref == nil || ref.Definition == nil {
		t.Fatal("no reference")
	}
	var out []string
	for _, id := range ref.Digests[:len(ref.Digests)-1] {
		out = append(out, ref.OpMetadata[id].GetDescription()["llb.customname"])
	}
	return out
}

func TestCustomNames(t *testing.T) {
	a := ask(t, "FROM alpine AS b\nWORKDIR /w\nRUN echo hi\nCOPY x y /z/\n")
	got := strings.Join(names(t, a.Result.Refs[""])[1:], "|")
	want := "[2/4] WORKDIR /w|[3/4] RUN echo hi|[internal] load build context|[4/4] COPY x y /z/"
	if strings.ReplaceAll(got, "[b ", "[") != want {
		t.Errorf("got %s", got)
	}
}

func TestDigestsAreStable(t *testing.T) {
	file := "FROM alpine\nCOPY --link . /\nRUN --mount=type=cache,target=/c true\n"
	one, two := ask(t, file).Result.Refs[""], ask(t, file).Result.Refs[""]
	if strings.Join(one.Digests, " ") != strings.Join(two.Digests, " ") {
		t.Error("two runs differ")
	}
	const workdirOnScratch = "sha256:62ed96b7444709d5dd327d9bbc19e609c49c41a4a3088380650b18dddb3e4e9a"
	if got := ask(t, "FROM scratch\nWORKDIR /a\n").Result.Refs[""].Digests[0]; got != workdirOnScratch {
		t.Errorf("digest %s", got)
	}
}

func TestErrorHasItsSource(t *testing.T) {
	a := ask(t, "FROM alpine\nRUN true\nCOPY --nope a b\n")
	if a.Error == nil || a.Result != nil {
		t.Fatalf("%+v", a)
	}
	if len(a.Error.Sources) != 1 || a.Error.Sources[0].Filename != "Dockerfile" || a.Error.Sources[0].Ranges[0][0] != 3 {
		t.Errorf("sources %+v", a.Error.Sources)
	}
}

func TestMissingImageIsNotFound(t *testing.T) {
	r, _ := parseRequest([]byte(`{"locals":{"dockerfile":{"Dockerfile":"RlJPTSBhbHBpbmUK"}}}`))
	a := runRequest(t, r)
	if a.Error == nil || a.Error.Code != 5 || !strings.Contains(a.Error.Message, "docker.io/library/alpine:latest: not found") {
		t.Errorf("%+v", a.Error)
	}
}

func TestWarning(t *testing.T) {
	a := ask(t, "FROM alpine\nMAINTAINER me\n")
	if len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0].Short, "MaintainerDeprecated") || a.Warnings[0].Ranges[0][0] != 2 {
		t.Errorf("%+v", a.Warnings)
	}
}

func TestPlatformsKeyTheResult(t *testing.T) {
	a := ask(t, "FROM alpine\nRUN uname\n", "platform", "linux/amd64,linux/arm/v7")
	if a.Result.Refs["linux/amd64"] == nil || a.Result.Refs["linux/arm/v7"] == nil || len(a.Result.Refs) != 2 {
		t.Errorf("refs %v", sortedKeys(a.Result.Refs))
	}
	if !strings.Contains(string(a.Result.Metadata["containerimage.config/linux/arm/v7"]), `"variant":"v7"`) {
		t.Errorf("config %s", a.Result.Metadata["containerimage.config/linux/arm/v7"])
	}
}

func TestScratchIsAnEmptyReference(t *testing.T) {
	a := ask(t, "FROM scratch\nLABEL a=b\n")
	if ref, ok := a.Result.Refs[""]; !ok || ref != nil {
		t.Errorf("refs %+v", a.Result.Refs)
	}
}

func TestConvertLLB(t *testing.T) {
	a := ask(t, "FROM alpine\nRUN true\n", "requestid", "frontend.convertllb")
	var result struct {
		Def map[string]json.RawMessage `json:"def"`
	}
	if err := json.Unmarshal(a.Result.Metadata["result.json"], &result); err != nil || len(result.Def) != 3 {
		t.Errorf("%v %s", err, a.Result.Metadata["result.json"])
	}
}

func TestUnknownSubrequestHasItsDetail(t *testing.T) {
	a := ask(t, "FROM alpine\n", "requestid", "frontend.nope")
	if a.Error == nil || len(a.Error.Details) != 1 || !strings.Contains(a.Error.Details[0].Type, "Subrequest") {
		t.Errorf("%+v", a.Error)
	}
}

func TestCapabilityAbsent(t *testing.T) {
	r, _ := parseRequest([]byte(`{"any_image":true,"caps_absent":["mergeop"]}`))
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte("FROM alpine\nCOPY --link a b\n")}}
	got := names(t, runRequest(t, r).Result.Refs[""])
	if strings.Contains(strings.Join(got, "|"), "LINK") {
		t.Errorf("a merge without the capability: %v", got)
	}
}

func TestDaemonWithoutReturn(t *testing.T) {
	r, _ := parseRequest([]byte(`{"any_image":true,"frontend_caps_absent":["return"]}`))
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte("FROM alpine\nRUN x\n")}}
	a := runRequest(t, r)
	if a.Result == nil || a.Result.Refs[""] == nil || len(a.Result.Metadata["containerimage.config"]) == 0 {
		t.Errorf("%+v", a)
	}
}

func TestForwardIsRecorded(t *testing.T) {
	a := ask(t, "# syntax=example.com/other:1\nFROM alpine\n")
	last := a.Solves[len(a.Solves)-1]
	if last.Frontend != "gateway.v0" || last.Opts["source"] != "example.com/other:1" {
		t.Errorf("%+v", last)
	}
}

func TestRedirectOutOfTheRegistry(t *testing.T) {
	r, _ := parseRequest([]byte(`{"images":{"docker.io/library/a:latest":{"redirect":"https://example.com/f"}}}`))
	r.Opts = map[string]string{"context:c": "docker-image://a"}
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte("FROM scratch\nCOPY --from=c / /\n")}}
	got := strings.Join(names(t, runRequest(t, r).Result.Refs[""]), "|")
	// The reference glues scheme and rest with a colon only.
	if !strings.Contains(got, "[context c] https:example.com/f") {
		t.Errorf("got %s", got)
	}
}

func TestEpochFromGit(t *testing.T) {
	r, _ := parseRequest([]byte(`{"git":{"https://example.com/r.git":{"commit":"aa","committer_date":1700000000}}}`))
	r.Opts = map[string]string{"build-arg:SOURCE_DATE_EPOCH": "src"}
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte(
		"FROM scratch AS src\nADD https://example.com/r.git /\nFROM scratch\nCOPY --from=src / /\n")}}
	a := runRequest(t, r)
	if got := string(a.Result.Metadata["source.date.epoch"]); got != "1700000000" {
		t.Errorf("epoch %q, metadata %v, %+v", got, sortedKeys(a.Result.Metadata), a.Error)
	}
}

func TestServeAnswersInOrder(t *testing.T) {
	var out bytes.Buffer
	in := `{"id":"1","locals":{"dockerfile":{"Dockerfile":"RlJPTSBzY3JhdGNoCg=="}}}` + "\n\n" + `{"id":"2","bogus":1}` + "\n"
	if err := serve(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"id":"1","result"`) || !strings.Contains(lines[1], "bad_request") {
		t.Errorf("answers %q", lines)
	}
}

func TestCallsAndTrips(t *testing.T) {
	r, err := parseRequest([]byte(`{"any_image":true,"trip_ms":20}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Locals = map[string]Tree{"dockerfile": {"Dockerfile": []byte("FROM a AS one\nRUN x\nFROM b\nCOPY --from=one / /\n")}}
	a := runRequest(t, r)
	// Greeting and return come to these.
	asked := int64(2 + len(a.Solves) + len(a.Resolves))
	for _, s := range a.Solves {
		asked += int64(len(s.Reads))
	}
	// At least greeting, finding the Dockerfile, reading it, looking its images
	// up, the graph and the return come one after the other.
	if a.Calls < asked || a.Trips < 6 {
		t.Errorf("%d calls and %d trips, of which %d are in the answer", a.Calls, a.Trips, asked)
	}
	r.TripMS = 0
	if a := runRequest(t, r); a.Calls != 0 || a.Trips != 0 {
		t.Errorf("%d calls and %d trips that were not asked for", a.Calls, a.Trips)
	}
	if _, err := parseRequest([]byte(`{"trip_ms":-1}`)); err == nil {
		t.Error("time that runs backwards was taken")
	}
}
