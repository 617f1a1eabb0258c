package redact

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// shortest is the length below which a known secret is not looked for: to
// replace every "a" would tell more than it hides.
const shortest = 4

// mostKnown is how many secrets are remembered: a window that is open for
// weeks gets a new access token every half hour.
const mostKnown = 512

// Known are the secrets that the process holds. They are in memory only. Its
// methods may be called by several goroutines; the zero Known is empty.
type Known struct {
	mu       sync.RWMutex
	secrets  []string // the newest last
	replacer *strings.Replacer
}

// Add makes a secret known.
func (k *Known) Add(secret string) {
	secret = strings.TrimSpace(secret)
	if len(secret) < shortest {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.Contains(k.secrets, secret) {
		return
	}
	k.secrets = append(k.secrets, secret)
	k.secrets = k.secrets[max(0, len(k.secrets)-mostKnown):]
	k.replacer = replacerOf(k.secrets)
}

// Hide takes out every secret that is known, also in the forms that a query, a
// path or JSON give it.
func (k *Known) Hide(s string) string {
	k.mu.RLock()
	r := k.replacer
	k.mu.RUnlock()
	if r == nil {
		return s
	}
	return r.Replace(s)
}

// String keeps the secrets out of what prints a Known.
func (k *Known) String() string { return "redact.Known(hidden)" }

// GoString does the same for %#v.
func (k *Known) GoString() string { return k.String() }

// One returns what takes a single secret out.
func One(secret string) func(string) string {
	if len(secret) < 2*shortest {
		return func(s string) string { return s }
	}
	return replacerOf([]string{secret}).Replace
}

func replacerOf(secrets []string) *strings.Replacer {
	var forms []string
	for _, s := range secrets {
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s))
		if quoted, err := json.Marshal(s); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
	}
	// Of two that begin at the same place, the longer one is taken.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, f := range slices.Compact(forms) {
		pairs = append(pairs, f, Hidden)
	}
	return strings.NewReplacer(pairs...)
}
