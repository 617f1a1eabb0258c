package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// people are facts of a file of people, and what the portal says of companies
// and tickets.
func people(cells ...[2]string) Facts {
	company, _ := hubspot.FindObjectType("companies")
	ticket, _ := hubspot.FindObjectType("tickets")
	f := Facts{Columns: []source.Column{{Name: "Domain"}, {Name: "Role"}}, Targets: map[string]Target{
		"companies": {Object: company, Labels: []string{"Primary", "Supplier"}, Properties: []record.Property{
			{Name: "name", Label: "Company name", Type: record.TypeString, FieldType: "text"},
			{Name: "domain", Label: "Company domain name", Type: record.TypeString, FieldType: "text"},
			{Name: "founded", Label: "Founded", Type: record.TypeDate, FieldType: "date"},
			{Name: "billing_id", Label: "Billing id", Type: record.TypeString, FieldType: "text", Unique: true},
		}},
		"tickets": {Object: ticket, Properties: []record.Property{{Name: "subject", Label: "Ticket name", Type: record.TypeString, FieldType: "text"}}},
		"deals":   {Barred: "contacts can't be associated with deals in this portal"},
	}}
	for _, c := range cells {
		f.rows = append(f.rows, record.Row{Fields: record.Values{"Domain": record.Text(c[0]), "Role": record.Text(c[1])}})
	}
	f.Census = censusOf(f.rows)
	return f
}

func byDomain() definition.Association {
	return definition.Association{To: "companies", End: definition.End{Match: definition.MatchKey{Field: "Domain", Property: "domain"}}}
}

func with(change func(*definition.Association)) definition.Association {
	a := byDomain()
	change(&a)
	return a
}

// Examples show how cells are read, several of one cell and the label of their
// row, and one that names nothing.
func TestExamplesOfAnAssociation(t *testing.T) {
	t.Parallel()
	f := people([2]string{"https://www.Acme.com/x", "Buyer"}, [2]string{"", "Buyer"}, [2]string{"a.com; b.com;a.com", ""}, [2]string{"ann@acme.com", "Buyer"}, [2]string{"c.com", "x"})
	p := f.PreviewAssociation(with(func(a *definition.Association) {
		a.Split, a.Label = ";", definition.Label{Field: "Role", Values: map[string]string{"Buyer": "Decision maker"}}
	}), 3)
	got := [][3]string{}
	for _, e := range p.Examples {
		x := [3]string{e.Before.String(), e.After.String()}
		if e.Err != nil {
			x[2] = e.Err.Error()
		}
		got = append(got, x)
	}
	want := [][3]string{
		{"https://www.Acme.com/x", "acme.com (Decision maker)", ""},
		{"a.com; b.com;a.com", "a.com · b.com", ""},
		{"ann@acme.com", "", `"ann@acme.com" is an e-mail address and no domain`},
	}
	if d := cmp.Diff(want, got); d != "" || p.Rows != 4 || p.Converts != 3 {
		t.Errorf("%d of %d rows; (-want +got)\n%s", p.Converts, p.Rows, d)
	}
}

// Whatever keeps a line from working is told in words, and the first way out
// settles it.
func TestTroublesOfAssociations(t *testing.T) {
	t.Parallel()
	good := [2]string{"acme.com", "Buyer"}
	for name, tt := range map[string]struct {
		cells [][2]string
		line  definition.Association
		text  string
		fix   string
	}{
		"a good line": {line: byDomain()},
		"no such column": {line: with(func(a *definition.Association) { a.End.Match.Field = "Gone" }),
			text: "the source has no column “Gone”", fix: "Remove this line"},
		"no such column of labels": {line: with(func(a *definition.Association) { a.Label.Field = "Gone" }),
			text: "the source has no column “Gone” to take the label from", fix: "Leave the label out"},
		"no such pair": {line: with(func(a *definition.Association) { a.To = "deals" }),
			text: "contacts can't be associated with deals in this portal", fix: "Remove this line"},
		"no such property": {line: with(func(a *definition.Association) { a.End.Match.Property = "gone" }),
			text: "companies have no property “gone”", fix: "Find by company domain name"},
		"a date is no key": {line: with(func(a *definition.Association) { a.End.Match.Property = "founded" }),
			text: "the founded can't name one record", fix: "Find by company domain name"},
		"a ticket needs more": {line: with(func(a *definition.Association) {
			a.To, a.End.Match.Property, a.CreateMissing = "tickets", "subject", true
		}),
			text: "HubSpot makes no ticket of its ticket name alone", fix: "Make none"},
		"no primary ticket": {line: with(func(a *definition.Association) {
			a.To, a.End.Match.Property, a.Label.Name = "tickets", "subject", "Primary"
		}),
			text: "there is no primary ticket here", fix: "Leave the label out"},
		"a primary company":  {line: with(func(a *definition.Association) { a.Label.Name = "Primary" })},
		"a label of its own": {line: with(func(a *definition.Association) { a.Label.Name = "Partner" })},
		"several in a cell": {cells: [][2]string{good, good, good, {"a.com;b.com", ""}}, line: byDomain(),
			text: "1 cell names several records", fix: "Part them at “;”"},
		"no domains": {cells: [][2]string{{"Acme Ltd", ""}, {"Ferns", ""}, good}, line: byDomain(),
			text: "most cells hold no company domain name", fix: "Find by company name"},
		"a few are no domains": {cells: [][2]string{{"Acme Ltd", ""}, good, good}, line: byDomain()},
		"keys of another sync": {line: definition.Association{To: "companies", End: definition.End{Link: definition.LinkKey{Sync: "a.yaml", Field: "Domain"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.cells == nil {
				tt.cells = [][2]string{good}
			}
			f := people(tt.cells...)
			trouble := f.CheckAssociations(&definition.Definition{Associations: []definition.Association{tt.line}})[0]
			if trouble.Text != tt.text {
				t.Fatalf("it says %q: %s", trouble.Text, trouble.Detail)
			}
			if tt.text == "" {
				return
			}
			fix := trouble.Fixes[0]
			if fix.Label != tt.fix {
				t.Fatalf("the way out is %q", fix.Label)
			}
			if fix.Kind != FixAssociation {
				return
			}
			if left := f.CheckAssociations(&definition.Definition{Associations: []definition.Association{fix.Association}}); len(left) > 0 {
				t.Errorf("after it: %+v", left)
			}
		})
	}
}

// Two lines that say the same are told of at the second.
func TestSameAssociationTwice(t *testing.T) {
	t.Parallel()
	d := &definition.Definition{Associations: []definition.Association{byDomain(), byDomain()}}
	found := people([2]string{"acme.com", ""}).CheckAssociations(d)
	if len(found) != 1 || found[1].Text != "another line makes the same associations" {
		t.Errorf("%+v", found)
	}
}

// A cell may name a record by what is usual, by what HubSpot keeps unique, and
// by nothing else.
func TestKeysOfATarget(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range people().Targets["companies"].Keys() {
		got = append(got, k.Name)
	}
	if d := cmp.Diff([]string{"domain", "name", "billing_id"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
