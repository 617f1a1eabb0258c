package record

import (
	"slices"
	"strings"
)

// canonicalSet sorts the options of a multi-select value, without duplicates.
// A leading ';', which asks HubSpot to append, is not part of what is held.
func canonicalSet(s string) string { return strings.Join(SplitSet(s), ";") }

// SplitSet returns the options of a multi-select value, sorted, without space
// around them, without empty ones and duplicates. Options are case-sensitive.
func SplitSet(s string) []string {
	parts := strings.Split(exactText(s), ";")
	kept := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// JoinSet is the way back from SplitSet.
func JoinSet(options []string) string { return canonicalSet(strings.Join(options, ";")) }
