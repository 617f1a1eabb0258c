package mapping_test

import (
	"testing"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/transform"
)

// A row whose cell names an associated record, or a label, has changed when
// that cell has.
func TestColumnsOfAssociationsCount(t *testing.T) {
	t.Parallel()
	const head = "syncline: 1\nsource: { kind: csv, path: a.csv, key: [id] }\n"
	for text, want := range map[string][]string{
		"hubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\nfields: [{ field: Email, property: email }]\nassociations:\n" +
			"  - { to: companies, match: { field: Domain, property: domain }, label: { field: Role } }\n  - { to: deals, link: { sync: deals.yaml, field: Deal } }\n": {"Deal", "Domain", "Email", "Role", "id"},
		"associate:\n  from: { object: deals, link: { sync: deals.yaml, field: Deal } }\n  to: { object: contacts, match: { field: Email, property: email } }\n  label: { field: Role }\n": {"Deal", "Email", "Role", "id"},
	} {
		d, err := definition.Parse([]byte(head+text), "")
		if err != nil {
			t.Fatal(err)
		}
		m, err := mapping.New(d, mapping.Object{ID: "0-1", Email: "email", Lifecycle: "lifecyclestage"}, nil, transform.Env{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Cells) != len(want) {
			t.Errorf("cells %v, want %v", m.Cells, want)
		}
		for _, column := range want {
			if !m.Needs(column) {
				t.Errorf("%s has no part in it", column)
			}
		}
	}
}
