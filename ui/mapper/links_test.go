package mapper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets/fieldmap"
)

// A column whose cells are keys of rows of a sync that is here is offered as a
// link to it, and drawn as a line.
func TestAColumnThatNamesRowsOfAnotherSyncIsOffered(t *testing.T) {
	on, set := shelltest.WithSet(t, look.Light)
	b := &bench{on}
	b.Tap("Preview")
	b.Rested(set)
	rows := "Order ID,Deal name,Amount,Account ID,Part\n"
	for _, r := range []string{"O1,First,100,A01,Buyer", "O2,Second,200,A02,Payer", "O3,Third,300,A03,Buyer", "O4,Fourth,400,A04,Buyer"} {
		rows += r + "\n"
	}
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.walkToMap(path)
	b.Until("all rows to be read", func() bool { return p.gathered })
	line := fieldmap.Ref{Field: "Account ID", Property: "→companies"}
	l, ok := p.Model.Link(line)
	if !ok || l.State != fieldmap.Suggested || l.Why != "4 of 4 values that were looked at are keys of rows of Accounts" {
		t.Fatalf("the proposal is %+v", l)
	}
	p.Model.Accept(line)
	p.associate(line, func(a *fieldmap.Association) {
		a.LabelField, a.LabelValues = "Part", []fieldmap.ValuePair{{Source: "Buyer", HubSpot: "Bought by"}}
	})
	b.Settle()
	p.Model.Select(line)
	p.reselect()
	b.Until("the preview", func() bool { return len(p.editor.Inspector.Examples()) > 0 })
	b.Picture("guide-field-map-associations", 1280, 800)
	got := p.snapshot().Associations
	if len(got) != 1 || !strings.HasSuffix(got[0].End.Link.Sync, "/firms.yaml") {
		t.Fatalf("the definition has %+v", got)
	}
	got[0].End.Link.Sync = "firms.yaml"
	want := []definition.Association{{To: "companies", End: definition.End{Link: definition.LinkKey{Sync: "firms.yaml", Field: "Account ID"}},
		Label: definition.Label{Field: "Part", Values: map[string]string{"Buyer": "Bought by"}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
