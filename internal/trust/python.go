package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// python is a process that answers a line of JSON with a line of JSON.
type python struct {
	command, source string
	process         *exec.Cmd
	in              io.WriteCloser
	out             *bufio.Reader
	patience        time.Duration
}

// patience is how long an answer may take.
const patience = 20 * time.Second

var errNoAnswer = errors.New("takes too long")

// findPython returns a Python that has the modules, the one asked for if there is one; it is empty if there is none.
func findPython(asked, modules string) string {
	candidates := []string{asked}
	if asked == "" {
		candidates = []string{"python3", "/usr/bin/python3"}
	}
	for _, command := range candidates {
		if exec.Command(command, "-c", "import "+modules).Run() == nil {
			return command
		}
	}
	return ""
}

func startPython(command, source string) (*python, error) {
	p := exec.Command(command, "-c", source)
	p.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1") // others would wait for work, and busily
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	return &python{command, source, p, in, bufio.NewReader(out), patience}, nil
}

func (p *python) stop() {
	_ = p.in.Close() // it ends, having answered all there was
	_ = p.process.Wait()
}

// ask returns errNoAnswer where patience ends; a new process then takes the place of the one that did not answer.
func (p *python) ask(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return err
	}
	process := p.process.Process
	end := time.AfterFunc(p.patience, func() { _ = process.Kill() })
	back, err := p.out.ReadBytes('\n')
	if !end.Stop() {
		p.stop()
		another, err := startPython(p.command, p.source)
		if err != nil {
			return err
		}
		*p = *another
		return errNoAnswer
	}
	if err != nil {
		return fmt.Errorf("the Python process: %w", err)
	}
	return json.Unmarshal(back, answer)
}
