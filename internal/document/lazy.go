package document

import (
	"regexp"
	"sync"
)

// lazily compiles a regular expression when it is first used: most runs read no document, and compiling them all takes
// longer than deriving a gradient.
func lazily(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
