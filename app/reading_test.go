package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/source"
)

func TestADraftAsksHowItsFileIsRead(t *testing.T) {
	t.Parallel()
	a := practising(t)
	path := filepath.Join(t.TempDir(), "people.csv")
	content := "Customers\n\nId,Email,Last,City\n1,a@example.com,Dvo\xF8\xE1k,NULL\n2,b@example.com,Lee,n/a\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := a.NewDraft(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	choices, asked := d.Encodings()
	if !asked || !slices.ContainsFunc(choices, func(c source.Choice) bool { return c.Value == "windows-1250" && strings.Contains(c.Sample, "Dvořák") }) {
		t.Errorf("asked %v: %+v", asked, choices)
	}
	if d.Definition.Source.HeaderRow != 3 || d.Schema.Columns[2].Name != "Last" {
		t.Errorf("header in row %d: %+v", d.Definition.Source.HeaderRow, d.Schema.Columns)
	}
	if words := d.Words(); !slices.Equal(words, []string{"NULL", "n/a"}) {
		t.Errorf("words %q", words)
	}
	r := d.Reading()
	r.Encoding, r.Blanks = "windows-1250", []string{"NULL"}
	d, err = a.Reread(t.Context(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, asked := d.Encodings(); asked || len(d.Rows) != 2 || d.Rows[0].Fields["Last"].String() != "Dvořák" || !d.Rows[0].Fields["City"].Empty() || d.Rows[1].Fields["City"].String() != "n/a" {
		t.Errorf("asked %v: %v", asked, d.Rows)
	}
	if choices, _ := d.Encodings(); len(choices) < 2 {
		t.Error("the choice can't be changed any more")
	}
	if words := d.Words(); !slices.Equal(words, []string{"NULL", "n/a"}) {
		t.Errorf("words %q", words)
	}
	d, err = a.Reread(t.Context(), d, app.Reading{Encoding: "windows-1250", HeaderRow: 1, NoBlanks: true})
	if err != nil {
		t.Fatal(err)
	}
	if d.Schema.Columns[0].Name != "Customers" || !d.Definition.Source.NoBlanks {
		t.Errorf("%+v", d.Schema.Columns)
	}
}
