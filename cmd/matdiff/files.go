package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// readFile reads a file that a flag names.
func (s *session) readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, wrong("%s cannot be read: %v", name, reason(err))
	}
	defer f.Close()
	return s.readWhole(f, name)
}

// readBelow reads a file that another file names: an ordinary one, in or below folder. Reading others might not end.
func (s *session) readBelow(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no ordinary file")
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return s.readWhole(f, name)
}

// writeFile writes a file whole or not at all: beside it, and then in its place. What is no ordinary file, such as
// /dev/stderr, is written directly.
func (s *session) writeFile(name string, text []byte) (err error) {
	s.writing <- struct{}{}
	defer func() {
		<-s.writing
		if err != nil {
			err = wrong("%s cannot be written: %v", name, reason(err))
		}
	}()
	if err := s.overrun(); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	switch info, err := os.Stat(name); {
	case err == nil && !info.Mode().IsRegular():
		return os.WriteFile(name, text, mode)
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".matdiff-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if e := f.Chmod(mode); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // there is no more to say than err
	}
	return err
}
