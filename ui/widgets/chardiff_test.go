package widgets_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncline/ui/widgets"
)

// marked writes runs with brackets around what differs.
func marked(runs []widgets.Run) string {
	var b strings.Builder
	for _, r := range runs {
		if r.Differs {
			b.WriteString("[" + r.Text + "]")
		} else {
			b.WriteString(r.Text)
		}
	}
	return b.String()
}

func TestDiffRuns(t *testing.T) {
	for name, c := range map[string]struct{ a, b, left, right string }{
		"a phone spelled in two ways": {"+49 30 23125 418", "(030) 23125-418", "[+49 30] 23125[ ]418", "[(030)] 23125[-]418"},
		"equal":                       {"Buyer", "Buyer", "Buyer", "Buyer"},
		"one letter":                  {"Schmidt", "Schmitt", "Schmi[d]t", "Schmi[t]t"},
		"something is added":          {"Tolvane", "Tolvane Ltd", "Tolvane", "Tolvane[ Ltd]"},
		"more than half differs":      {"Head of procurement", "xyz", "Head of procurement", "xyz"},
		"nothing in common":           {"abc", "xyz", "abc", "xyz"},
		"one side is empty":           {"", "abc", "", "abc"},
		"both are empty":              {"", "", "", ""},
		"characters, not bytes":       {"Müller", "Möller", "M[ü]ller", "M[ö]ller"},
		"islands of two are joined":   {"aaaaXabYcccc", "aaaaPabQcccc", "aaaa[XabY]cccc", "aaaa[PabQ]cccc"},
		"islands of three stay":       {"aaaaXabcYcccc", "aaaaPabcQcccc", "aaaa[X]abc[Y]cccc", "aaaa[P]abc[Q]cccc"},
		"a short equal head stays":    {"ab1cdefgh", "ab2cdefgh", "ab[1]cdefgh", "ab[2]cdefgh"},
	} {
		t.Run(name, func(t *testing.T) {
			left, right := widgets.DiffRuns(c.a, c.b)
			if got := marked(left); got != c.left {
				t.Errorf("left %q, want %q", got, c.left)
			}
			if got := marked(right); got != c.right {
				t.Errorf("right %q, want %q", got, c.right)
			}
		})
	}
}

func TestDiffRunsLoseNothing(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab c1é")))
	rapid.Check(t, func(r *rapid.T) {
		a, b := text.Draw(r, "a"), text.Draw(r, "b")
		left, right := widgets.DiffRuns(a, b)
		join := func(runs []widgets.Run) (all, same string) {
			for _, run := range runs {
				all += run.Text
				if !run.Differs {
					same += run.Text
				}
			}
			return all, same
		}
		allA, sameA := join(left)
		allB, sameB := join(right)
		if allA != a || allB != b {
			r.Fatalf("runs %v, %v are not %q, %q", left, right, a, b)
		}
		anyMark := strings.Contains(marked(left)+marked(right), "[")
		if anyMark && sameA != sameB {
			r.Fatalf("unmarked parts differ: %q, %q", sameA, sameB)
		}
		if a == b && anyMark {
			r.Fatalf("equal values are marked: %v", left)
		}
	})
}

func TestVeryLongValuesAreNotCompared(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 1000)
	left, _ := widgets.DiffRuns(long, long+"x")
	if len(left) != 1 || left[0].Differs {
		t.Errorf("got %d runs, want the whole value as one", len(left))
	}
}
