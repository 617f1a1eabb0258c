// Package locale keeps the toolkit of the window quiet where the environment
// names no language, as LANG=C does. The toolkit reads the environment while its
// packages initialise, before main, and writes an error to standard error, into
// the output of commands that have no window.
//
// Go initialises packages that depend on nothing else in the order of their
// import paths, and the toolkit's needs text/template, which comes after this one.
package locale

import (
	"os"
	"regexp"
	"runtime"
	"strings"
)

// kept are the variables as they were, and whether they were set.
var kept = map[string]*string{}

func init() {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || wellFormed(os.Getenv) {
		return
	}
	for name, value := range map[string]string{"LC_ALL": "en_US.UTF-8", "LANGUAGE": ""} {
		kept[name] = nil
		if was, set := os.LookupEnv(name); set {
			kept[name] = &was
		}
		_ = os.Setenv(name, value) // without it the toolkit writes its lines
	}
}

// Restore gives the environment back as it was, for main to call first: what is
// started from here shall find it so.
func Restore() {
	for name, was := range kept {
		if was == nil {
			_ = os.Unsetenv(name)
			continue
		}
		_ = os.Setenv(name, *was)
	}
	clear(kept)
}

var tag = regexp.MustCompile(`^([A-Za-z]{2,3})([_-][A-Za-z]{4})?([_-]([A-Za-z]{2}|[0-9]{3}))?([.@].*)?$`)

// wellFormed reports whether every language that the environment names is one by
// its form. Naming none is in order.
func wellFormed(getenv func(string) string) bool {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	if locale == "C" || locale == "POSIX" {
		return false
	}
	if several := getenv("LANGUAGE"); several != "" {
		locale = several
	}
	if locale == "" {
		return true
	}
	for name := range strings.SplitSeq(locale, ":") {
		if !tag.MatchString(name) {
			return false
		}
	}
	return true
}
