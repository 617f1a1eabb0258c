package assets

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed licences.txt
var licences string

// Licences is what everything that the program is made of asks to be shipped
// with it. make licences writes it.
func Licences() string { return licences }

// Licence is the licence of one part of the program.
type Licence struct {
	Part string // with its version
	Text string
}

// LicenceList is Licences by part, in the order of the alphabet.
func LicenceList() []Licence {
	var all []Licence
	for block := range strings.SplitSeq(licences, "\n"+strings.Repeat("=", 78)+"\n") {
		names, text, ok := strings.Cut(block, "\n\n")
		if !ok || strings.HasPrefix(block, "Syncline is made of") {
			continue
		}
		for name := range strings.SplitSeq(names, "\n") {
			all = append(all, Licence{Part: name, Text: strings.TrimSpace(text)})
		}
	}
	slices.SortFunc(all, func(a, b Licence) int { return strings.Compare(strings.ToLower(a.Part), strings.ToLower(b.Part)) })
	return all
}
