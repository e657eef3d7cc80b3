package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"matdiff/internal/parser"
)

// settingsFile is the name of the file that says how the files beside it and in the folders below are read.
const settingsFile = "matdiff.toml"

// settings are what a settings file says. Flags count for more.
type settings struct {
	Declarations []string `toml:"declarations"` // as for --var
	Macros       []string `toml:"macros"`       // names of files in the folder of the settings file or below
	Layout       string   `toml:"layout"`       // of gradients in documents
	Strict       bool     `toml:"strict"`
	Require      int      `toml:"require"`
}

// maxPoints bounds the points in a line of a settings file: nested keys take the decoder quadratic memory, and no setting has
// one.
const maxPoints = 100

// settingNames are the keys of a settings file.
var settingNames = []string{"declarations", "layout", "macros", "require", "strict"}

// settingsFor returns the settings for a file, with the texts of the macro files in place of their names. They
// are in the nearest settings file, beside the document or in a folder above it that is not above its repository.
func (s *session) settingsFor(file string) (settings, error) {
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return settings{}, wrong("the folder of %s is not known: %v", file, reason(err))
	}
	for {
		found, set, err := s.settingsIn(folder)
		if found || err != nil {
			return set, err
		}
		if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil || filepath.Dir(folder) == folder {
			return settings{}, nil
		}
		folder = filepath.Dir(folder)
	}
}

// settingsIn returns the settings that a folder has, if it has any that can be seen.
func (s *session) settingsIn(folder string) (found bool, set settings, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return false, set, nil
	}
	defer root.Close()
	name := shortPath(filepath.Join(folder, settingsFile))
	switch text, err := s.readBelow(root.FS(), settingsFile); {
	case err == nil:
		set, err = s.readSettings(name, root.FS(), string(text))
		return true, set, err
	case !errors.Is(err, fs.ErrNotExist):
		return false, set, wrong("%s cannot be read: %v", name, reason(err))
	}
	return false, set, nil
}

// shortPath returns an absolute path as seen from the working folder.
func shortPath(path string) string {
	if here, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(here, path); err == nil {
			return relative
		}
	}
	return path
}

// readSettings reads the text of the settings file that is called name and stands in folder.
func (c *session) readSettings(name string, folder fs.FS, text string) (settings, error) {
	var s settings
	for i, line := range strings.Split(text, "\n") {
		if strings.Count(line, ".") > maxPoints {
			return s, wrong("%s:%d: there are more than %d points in a line", name, i+1, maxPoints)
		}
	}
	meta, err := toml.Decode(text, &s)
	if at := (toml.ParseError{}); errors.As(err, &at) {
		return s, wrong("%s:%d: %s", name, at.Position.Line, at.Message)
	} else if err != nil {
		return s, wrong("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: "))
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		d := wrong("%s: there is no setting %q", name, unknown[0])
		d.Hint = suggestion(unknown[0].String(), settingNames, "available: "+strings.Join(settingNames, ", "))
		return s, d
	}
	if s.Require < 0 {
		return s, wrong("%s: require needs a whole number from 0, not %d", name, s.Require)
	}
	if s.Layout != "" && !slices.Contains(layouts, s.Layout) {
		d := wrong("%s: there is no layout %q", name, s.Layout)
		d.Hint = "available: " + strings.Join(layouts, ", ")
		return s, d
	}
	if _, err := parser.Expression(c.builder(), "0", parser.Options{Declarations: s.Declarations}); err != nil {
		d := wrong("%s: %v", name, err)
		if inner := (*parser.Diagnostic)(nil); errors.As(err, &inner) {
			d.Source, d.Spans, d.Facts, d.Hint = inner.Source, inner.Spans, inner.Facts, inner.Hint
		}
		return s, d
	}
	for i, file := range s.Macros {
		text, err := c.readBelow(folder, file)
		if err != nil {
			return s, wrong("%s: the macros in %s cannot be read: %v", name, file, reason(err))
		}
		s.Macros[i] = string(text)
	}
	return s, nil
}

// override returns the declarations of both lists but for those in the first of a name that is also in the second.
func override(first, second []string) []string {
	named := map[string]bool{}
	for _, text := range second {
		for _, d := range declarations(text) {
			named[d.name] = true
		}
	}
	var kept []declaration
	for _, text := range first {
		kept = append(kept, declarations(text)...)
	}
	return append(sources(slices.DeleteFunc(kept, func(d declaration) bool { return named[d.name] })), second...)
}
