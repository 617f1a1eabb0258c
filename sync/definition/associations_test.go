package definition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
)

// TestAssociations: a line says how the other record is found, by a property
// or by the row of another sync, how many one cell names, and the label.
func TestAssociations(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/associations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	domain := definition.End{Match: definition.MatchKey{Field: "Company domain", Property: "domain"}}
	want := []definition.Association{
		{To: "contacts", End: definition.End{Link: definition.LinkKey{Sync: "people.yaml", Field: "Person ids"}}, Split: ";"},
		{To: "companies", End: domain, Label: definition.Label{Field: "Role", Values: map[string]string{"DM": "Decision maker"}}, CreateMissing: true},
		{To: "companies", End: domain, Label: definition.Label{Name: "Primary"}},
		{To: "deals", End: definition.End{Link: definition.LinkKey{Sync: "../sales/deals.yaml", Field: "Deal id"}}, RemoveOthers: true,
			Label: definition.Label{Field: "Part in it", Values: map[string]string{"DM": "Decision maker", "TB": "Technical buyer", "EB": "Economic buyer", "INF": "Influencer", "no": ""}}},
	}
	if diff := cmp.Diff(want, d.Associations); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	links := []definition.LinkAt{{LinkKey: want[0].End.Link, Part: "associations[0].link"}, {LinkKey: want[3].End.Link, Part: "associations[3].link"}}
	if diff := cmp.Diff(links, d.Links()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Person ids", "Company domain", "Role", "Deal id", "Part in it"}, d.AssociationColumns()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got, want := d.LinkPath(d.Links()[1].LinkKey), "testdata/sales/deals.yaml"; got != want {
		t.Errorf("the link leads to %q, want %q", got, want)
	}
	for part, line := range map[string]int{"associations[0].link.sync": 11, "associations[1].label.field": 15, "associations[3].label.values": 27} {
		if got := d.Line(part); got != line {
			t.Errorf("Line(%q) = %d, want %d", part, got, line)
		}
	}
}

// TestAssociate: a document whose rows are associations stands for a sync of
// the object that they lead from, which only writes to HubSpot.
func TestAssociate(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/associate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &definition.Definition{
		Name:      "Contact roles",
		Source:    definition.Source{Kind: "csv", Path: "roles.csv", Key: []string{"Id"}},
		HubSpot:   definition.HubSpot{Object: "deals"},
		Direction: definition.ToHubSpot, Create: definition.CreateNone, Delete: definition.Delete{RowGone: "ignore", RecordGone: "ignore"},
		Duplicates: definition.DuplicatesReview, Verify: definition.VerifyAuto,
		Associate: &definition.Associate{
			From:  definition.AssociateEnd{Object: "deals", End: definition.End{Link: definition.LinkKey{Sync: "opportunities.yaml", Field: "Opportunity id"}}},
			To:    definition.AssociateEnd{Object: "contacts", End: definition.End{Match: definition.MatchKey{Field: "Email", Property: "email"}}},
			Label: definition.Label{Field: "Role"}},
	}
	if diff := cmp.Diff(want, d, same); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	links := []definition.LinkAt{{LinkKey: want.Associate.From.End.Link, Part: "associate.from.link"}}
	if diff := cmp.Diff(links, d.Links()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	named := parse(t, "syncline: 1\nsource: { kind: csv, path: roles.csv, key: [Id] }\nhubspot: { portal: Acme }\nassociate:\n"+
		"  from: { object: deals, match: { field: A, property: a } }\n  to: { object: contacts, match: { field: B, property: b } }\n")
	if named.HubSpot.Portal != "Acme" || named.HubSpot.Object != "deals" {
		t.Errorf("the portal's name beside associate: %+v", named.HubSpot)
	}
}

// TestCheckAssociations: columns that are not there are named with their line,
// and so are lines that say the same twice.
func TestCheckAssociations(t *testing.T) {
	t.Parallel()
	const line = "  - { to: companies, match: { field: Email, property: domain }"
	d := parse(t, document("{ field: Email, property: email }")+"associations:\n"+
		"  - { to: companies, match: { field: Domain, property: domain } }\n"+
		"  - { to: contacts, link: { sync: people.yaml, field: Phome }, label: { field: Statis } }\n"+
		line+" }\n"+line+", label: Primary }\n"+line+", label: { field: Status } }\n"+line+", remove-others: true, split: \";\" }\n"+
		line+", label: { field: Status, values: { a: b } } }\n")
	want := []string{
		`line 10: associations[0].match.field: the source has no column "Domain". Known here: id, Email, First name, Phone, Status, Updated.`,
		`line 11: associations[1].link.field: the source has no column "Phome". Did you mean "Phone"?`,
		`line 11: associations[1].label.field: the source has no column "Statis". Did you mean "Status"?`,
		`line 15: associations[5]: associates the same records under the same label as an earlier one (line 12). Remove one of the two, or give it another label.`,
	}
	if diff := cmp.Diff(want, lines(definition.Check(d, columns, contacts))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	d = parse(t, `syncline: 1
source: { kind: csv, path: roles.csv, key: [id] }
associate:
  from: { object: contacts, match: { field: Email, property: email } }
  to: { object: contacts, match: { field: Email, property: email } }
  label: { field: Role }
`)
	want = []string{
		`line 5: associate.to: finds the same record as from, and no record is associated with itself. Name the column of the other record.`,
		`line 6: associate.label.field: the source has no column "Role". Known here: id, Email, First name, Phone, Status, Updated.`,
	}
	if diff := cmp.Diff(want, lines(definition.Check(d, columns, nil))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestAssociationsAreMeaning: whatever a line says of associations, another
// word there is another definition.
func TestAssociationsAreMeaning(t *testing.T) {
	t.Parallel()
	base := document("{ field: Email, property: email }")
	meant := map[string]string{}
	for _, lines := range []string{
		"",
		"{ to: companies, match: { field: A, property: a } }",
		"{ to: deals, match: { field: A, property: a } }",
		"{ to: companies, match: { field: B, property: a } }",
		"{ to: companies, match: { field: A, property: b } }",
		"{ to: companies, match: { field: A, property: a }, split: \";\" }",
		"{ to: companies, match: { field: A, property: a }, label: a }",
		"{ to: companies, match: { field: A, property: a }, label: { field: a } }",
		"{ to: companies, match: { field: A, property: a }, label: { field: a, values: { a: b } } }",
		"{ to: companies, match: { field: A, property: a }, label: { field: a, values: { a: c } } }",
		"{ to: companies, match: { field: A, property: a }, create-missing: true }",
		"{ to: companies, match: { field: A, property: a }, remove-others: true }",
		"{ to: companies, link: { sync: a, field: a } }",
		"{ to: companies, link: { sync: b, field: a } }",
		"{ to: companies, link: { sync: a, field: b } }",
	} {
		doc := base
		if lines != "" {
			doc += "associations:\n  - " + lines + "\n"
		}
		d := parse(t, doc)
		if other, ok := meant[d.Hash()]; ok {
			t.Errorf("%q means the same as %q", lines, other)
		}
		meant[d.Hash()] = lines
		if d.MappingHash() != parse(t, base).MappingHash() {
			t.Errorf("%q changes what the bases of fields stand on", lines)
		}
	}
}
