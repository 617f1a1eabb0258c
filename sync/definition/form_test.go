package definition_test

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/definition"
)

// formed is a document whose source has further keys.
func formed(kind, keys string) string {
	return "syncline: 1\nname: Form\nsource:\n  kind: " + kind + "\n  path: a.csv\n  key: [id]\n" + keys +
		"hubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\nfields: [{ field: Email, property: email }]\n"
}

func TestHowAFileIsReadCanBeSet(t *testing.T) {
	t.Parallel()
	d := parse(t, formed("csv", "  encoding: windows-1250\n  header-row: 4\n  blanks: [NULL, \"\\\\N\", n/a, null, ~, 0, \" - \"]\n"))
	s := d.Source
	if want := []string{"NULL", `\N`, "n/a", "null", "~", "0", "-"}; s.Encoding != "windows-1250" || s.HeaderRow != 4 || !slices.Equal(s.Blanks, want) {
		t.Errorf("%+v", s)
	}
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again := parse(t, string(text))
	if again.Hash() != d.Hash() || !slices.Equal(again.Source.Blanks, s.Blanks) {
		t.Errorf("written back:\n%s", text)
	}
}

func TestAnEmptyListOfBlanksSaysThatEveryWordMeansWhatItSays(t *testing.T) {
	t.Parallel()
	d := parse(t, formed("csv", "  blanks: []\n"))
	without := parse(t, formed("csv", ""))
	if !d.Source.NoBlanks || d.Hash() == without.Hash() {
		t.Errorf("%+v", d.Source)
	}
	text, err := d.YAML()
	if err != nil || !strings.Contains(string(text), "blanks: []") || !parse(t, string(text)).Source.NoBlanks {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestHowAFileIsReadChangesNoBase(t *testing.T) {
	t.Parallel()
	without := parse(t, formed("csv", ""))
	for _, keys := range []string{"  encoding: windows-1250\n", "  header-row: 4\n", "  blanks: [NULL]\n", "  blanks: []\n"} {
		d := parse(t, formed("csv", keys))
		if d.MappingHash() != without.MappingHash() || d.Hash() == without.Hash() {
			t.Errorf("%s: the bases are dropped, or the plan stays", keys)
		}
	}
	if a, b := parse(t, formed("csv", "")).Hash(), without.Hash(); a != b {
		t.Error("hashes differ")
	}
}

func TestEveryEncodingThatIsOfferedIsTaken(t *testing.T) {
	t.Parallel()
	for _, name := range definition.Encodings {
		parse(t, formed("csv", "  encoding: "+name+"\n"))
	}
}
