package widgets

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncline/ui/look"
)

// A value is broken between its words, and nothing of it is lost.
func TestValuesAreBrokenBetweenWords(t *testing.T) {
	t.Parallel()
	width := 10.5 * look.MonoSide.Width("0")
	for value, want := range map[string]string{
		"Klitgaard Syd Arkitekter": "Klitgaard |Syd |Arkitekter",
		"a b c d e f g":            "a b c d e |f g",
		"Donaudampfschiff":         "Donaudampf|schiff",
		"one\ntwo\r\n":             "one|two|",
		"":                         "",
	} {
		var lines []string
		for _, l := range broken(whole(value), width) {
			var b strings.Builder
			for _, r := range l {
				b.WriteString(r.Text)
			}
			lines = append(lines, b.String())
		}
		if got := strings.Join(lines, "|"); got != want {
			t.Errorf("%q is broken %q, want %q", value, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		left, _ := DiffRuns(rapid.StringMatching(`[ab ]{0,40}`).Draw(r, "a"), rapid.StringMatching(`[ab ]{0,40}`).Draw(r, "b"))
		var all, shown strings.Builder
		for _, run := range left {
			all.WriteString(run.Text)
		}
		for _, l := range broken(left, width) {
			n := 0
			for _, run := range l {
				shown.WriteString(run.Text)
				n += len(run.Text)
			}
			if n > 10 {
				r.Fatalf("a line of %d", n)
			}
		}
		if all.String() != shown.String() {
			r.Fatalf("%q is shown %q", all.String(), shown.String())
		}
	})
}
