package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"
)

// caseTimeout bounds one request; a case takes milliseconds.
const caseTimeout = 60 * time.Second

func refuseDial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("the oracle has no network")
}

// job is one request line and the place for its answer line.
type job struct {
	line   []byte
	answer chan []byte
}

// supervise reads request lines, spreads them over worker processes and writes
// the answers in the order of the requests. A panic in a goroutine of the
// reference ends only the worker, which is then replaced.
func supervise(in io.Reader, out io.Writer, workers int) error {
	if workers < 1 {
		workers = 1
	}
	queue := make(chan *job)
	ordered := make(chan *job, 4*workers)
	for range workers {
		go func() {
			w := &workerProcess{}
			defer w.stop()
			for j := range queue {
				j.answer <- w.ask(j.line)
			}
		}()
	}
	readErr := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(queue)
		readErr <- eachLine(in, func(line []byte) error {
			j := &job{line: line, answer: make(chan []byte, 1)}
			ordered <- j
			queue <- j
			return nil
		})
	}()
	for j := range ordered {
		if _, err := out.Write(append(<-j.answer, '\n')); err != nil {
			return err
		}
	}
	return <-readErr
}

// eachLine calls f with each non-empty line; lines may be of any length.
func eachLine(in io.Reader, f func([]byte) error) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := r.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := f(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// workerProcess is a copy of this program that runs with -worker.
type workerProcess struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func (w *workerProcess) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	w.cmd = exec.Command(self, "-worker")
	w.stderr.Reset()
	w.cmd.Stderr = &w.stderr
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		return err
	}
	stdout, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	w.stdout = bufio.NewReaderSize(stdout, 1<<20)
	return w.cmd.Start()
}

func (w *workerProcess) stop() {
	if w.cmd == nil {
		return
	}
	_ = w.stdin.Close()
	_ = w.cmd.Wait()
	w.cmd = nil
}

// ask sends one request and gives its answer line, or a line that says how the
// worker ended.
func (w *workerProcess) ask(line []byte) []byte {
	if w.cmd == nil {
		if err := w.start(); err != nil {
			w.cmd = nil
			return failureLine(line, "cannot start a worker: "+err.Error())
		}
	}
	process := w.cmd.Process
	timer := time.AfterFunc(caseTimeout, func() { _ = process.Kill() })
	_, err := w.stdin.Write(append(bytes.Clone(line), '\n'))
	var answer []byte
	if err == nil {
		answer, err = w.stdout.ReadBytes('\n')
	}
	inTime := timer.Stop()
	if err == nil {
		return bytes.TrimSpace(answer)
	}
	w.stop()
	if !inTime {
		return failureLine(line, fmt.Sprintf("no answer within %s", caseTimeout))
	}
	return failureLine(line, lastPart(w.stderr.String()))
}

// failureLine is the answer for a request that the reference did not survive.
func failureLine(request []byte, why string) []byte {
	var head struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(request, &head)
	line, err := json.Marshal(Answer{ID: head.ID, Panic: why})
	if err != nil {
		return []byte(`{"panic":"unprintable"}`)
	}
	return line
}

// lastPart keeps what a Go crash says first and not all of its goroutines.
func lastPart(s string) string {
	if s == "" {
		return "the worker ended without a word"
	}
	return s[:min(len(s), 4096)]
}

// serve answers requests one after another in this process.
func serve(in io.Reader, out io.Writer) error {
	return eachLine(in, func(line []byte) error {
		_, err := out.Write(append(answerLine(line), '\n'))
		return err
	})
}

// answerLine runs one request line.
func answerLine(line []byte) []byte {
	request, err := parseRequest(line)
	if err != nil {
		bad, _ := json.Marshal(Answer{ID: request.ID, BadRequest: err.Error()})
		return bad
	}
	answer, err := json.Marshal(run(context.Background(), request))
	if err != nil {
		return failureLine(line, err.Error())
	}
	return answer
}
