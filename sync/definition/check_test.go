package definition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/record"
)

// contacts are the properties of the tests, one of every kind that matters.
var contacts = []record.Property{
	{Name: "email", Label: "Email", Type: record.TypeString, FieldType: "text", Unique: true, Defined: true},
	{Name: "firstname", Label: "First name", Type: record.TypeString, FieldType: "text", Defined: true},
	{Name: "phone", Label: "Phone number", Type: record.TypeString, FieldType: "phonenumber", Defined: true},
	{Name: "birthday", Label: "Birthday", Type: record.TypeDate, FieldType: "date"},
	{Name: "score", Label: "Score", Type: record.TypeNumber, FieldType: "number"},
	{Name: "optin", Label: "Opt-in", Type: record.TypeBool, FieldType: "booleancheckbox"},
	{Name: "notes", Label: "Notes", Type: record.TypeString, FieldType: "html"},
	{Name: "place", Label: "Place", Type: record.TypeCoordinates},
	{Name: "createdate", Label: "Create date", Type: record.TypeDateTime, FieldType: "date", ReadOnly: true},
	{Name: "num_notes", Label: "Number of notes", Type: record.TypeNumber, FieldType: "calculation_equation", Calculated: true},
	{Name: "hubspot_owner_id", Label: "Contact owner", Type: record.TypeEnumeration, FieldType: "select", Reference: "OWNER", External: true},
	{Name: "lifecyclestage", Label: "Lifecycle stage", Type: record.TypeEnumeration, FieldType: "radio",
		Options: []record.Option{{Value: "lead", Label: "Lead"}, {Value: "customer", Label: "Customer"}, {Value: "marketingqualifiedlead", Label: "MQL"}}},
	{Name: "interests", Label: "Interests", Type: record.TypeEnumeration, FieldType: "checkbox", Options: []record.Option{{Value: "a"}, {Value: "b"}}},
}

var columns = []string{"id", "Email", "First name", "Phone", "Status", "Updated"}

// document is a good definition with these lines as its field map.
func document(fields ...string) string {
	return "syncline: 1\nsource: { kind: csv, path: a.csv, key: [id] }\nhubspot:\n  object: contacts\n  match: [{ field: Email, property: email }]\ndirection: two-way\nfields:\n  - " +
		strings.Join(fields, "\n  - ") + "\n"
}

// TestCheck: each mistake in a field map is named with its line (the first
// field stands in line 8) and with what to do.
func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string
		want         []string
	}{
		{"nothing wrong", `{ field: Email, property: email }`, nil},
		{"a column that is missing", `{ field: Emial, property: email }`,
			[]string{`line 8: fields[0].field: the source has no column "Emial". Did you mean "Email"?`}},
		{"a column like no other", `{ field: Turnover, property: email }`,
			[]string{`line 8: fields[0].field: the source has no column "Turnover". Known here: id, Email, First name, Phone, Status, Updated.`}},
		{"a property that is missing", `{ field: Email, property: fristname }`,
			[]string{`line 8: fields[0].property: contacts has no property "fristname". Did you mean "firstname"?`}},
		{"a property by its label", `{ field: Email, property: phone number }`,
			[]string{`line 8: fields[0].property: contacts has no property "phone number". "Phone number" is a label; its property is named "phone".`}},
		{"a read-only target", `{ field: Updated, property: createdate }`,
			[]string{`line 8: fields[0].property: "Create date" (createdate) is read-only in HubSpot, so nothing can flow to it. Write direction: from-hubspot for this field, or choose another property.`}},
		{"a read-only property that is only read", `{ field: Updated, property: createdate, direction: from-hubspot }`, nil},
		{"a calculated target", `{ field: Status, property: num_notes, direction: to-hubspot }`,
			[]string{`line 8: fields[0].property: "Number of notes" (num_notes) is calculated by HubSpot, so nothing can flow to it. Write direction: from-hubspot for this field, or choose another property.`}},
		{"a constant for a read-only property", `{ property: createdate, constant: "2026-11-24" }`,
			[]string{`line 8: fields[0].property: "Create date" (createdate) is read-only in HubSpot, so nothing can flow to it. Choose another property.`}},
		{"a comparison that does not fit", `{ field: Status, property: score, compare: date }`,
			[]string{`line 8: fields[0].compare: values of "Score" (score), which is of type number (number), cannot be compared as date. Take the line out: the comparison then follows the type (number).`}},
		{"a transform that makes something else", `{ field: Status, property: score, direction: to-hubspot, to-hubspot: [trim, { date: { format: DD.MM.YYYY } }] }`,
			[]string{`line 8: fields[0].to-hubspot: "Score" (score), which is of type number (number), cannot hold what the transform date makes. Choose another property, or another transform at the end.`}},
		{"a type that cannot be kept in step", `{ field: Status, property: place }`,
			[]string{`line 8: fields[0].property: "Place" (place) is of type object_coordinates, which Syncline cannot keep in step. Choose another property.`}},
		{"a value-map target that is no option", `{ field: Status, property: lifecyclestage, values: { Active: custmer, New: lead } }`,
			[]string{`line 8: fields[0].values.Active: "Lifecycle stage" (lifecyclestage) has no option "custmer". Did you mean "customer"?`}},
		{"a value-map target by its label", `{ field: Status, property: lifecyclestage, values: { Hot: mql } }`,
			[]string{`line 8: fields[0].values.Hot: "Lifecycle stage" (lifecyclestage) has no option "mql". "MQL" is a label; the option is named "marketingqualifiedlead".`}},
		{"several options at once", `{ field: Status, property: interests, values: { Both: a;b, More: "a;c" } }`,
			[]string{`line 8: fields[0].values.More: "Interests" (interests) has no option "c". Known here: a, b.`}},
		{"options that live elsewhere are not known", `{ field: Status, property: hubspot_owner_id, values: { Noor: "41629779" } }`, nil},
		{"a value map to blank", `{ field: Status, property: lifecyclestage, values: { None: "", New: lead } }`, nil},
		{"constants of the wrong kind", "{ property: score, constant: many }\n  - { property: optin, constant: maybe }\n  - { property: lifecyclestage, constant: nothing-like-it }\n  - { property: birthday, constant: 31.02.2026 }",
			[]string{`line 8: fields[0].constant: "many" is not possible for "Score" (score), which is of type number.`,
				`line 9: fields[1].constant: "maybe" is not possible for "Opt-in" (optin), which is true or false.`,
				`line 10: fields[2].constant: "Lifecycle stage" (lifecyclestage) has no option "nothing-like-it". Known here: lead, customer, marketingqualifiedlead.`,
				`line 11: fields[3].constant: "31.02.2026" is not possible for "Birthday" (birthday), which is of type date.`}},
		{"two fields write one property", "{ field: Email, property: email }\n  - { field: Status, property: email, direction: to-hubspot }",
			[]string{`line 9: fields[1].property: the property "email" is written by Email already (line 8). Remove one of the two, or let it flow from HubSpot.`}},
		{"two properties write one field", "{ field: Email, property: email }\n  - { field: Email, property: firstname, direction: from-hubspot }",
			[]string{`line 9: fields[1].field: the column "Email" is written by the property email already (line 8). Remove one of the two, or let it flow to HubSpot.`}},
		{"an expression over columns", `{ field: Email, property: firstname, direction: to-hubspot, to-hubspot: [{ expression: 'row["First name"] + Phone' }] }`, nil},
		{"an expression over a column that is missing", `{ field: Email, property: firstname, direction: to-hubspot, to-hubspot: [trim, { expression: 'Phne + value' }] }`,
			[]string{`line 8: fields[0].to-hubspot[1]: the source has no column "Phne". Did you mean "Phone"?`}},
		{"a join with a column that is missing", `{ field: Email, property: firstname, direction: to-hubspot, to-hubspot: [{ join: { fields: "Phone, Frst name" } }] }`,
			[]string{`line 8: fields[0].to-hubspot[0]: the source has no column "Frst name". Did you mean "First name"?`}},
		{"one field flows to two properties", "{ field: Email, property: email }\n  - { field: Email, property: firstname, direction: to-hubspot }", nil},
		{"a property flows to and from two fields", "{ field: Email, property: email, direction: to-hubspot }\n  - { field: Status, property: email, direction: from-hubspot }", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := lines(definition.Check(parse(t, document(tt.fields)), columns, contacts))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func lines(ps []definition.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return out
}

// TestCheckAround: what stands around the field map is compared too, and all of
// it is reported in the order of the lines.
func TestCheckAround(t *testing.T) {
	t.Parallel()
	d := parse(t, `syncline: 1
source:
  kind: csv
  path: a.csv
  key: [ID, number]
  modified: changed
hubspot:
  object: contacts
  match:
    - { field: E-Mail, property: e_mail }
    - { field: Status, property: birthday }
    - { field: Status, property: num_notes }
    - { field: Status, property: notes }
    - { field: Status, property: createdate }
  filter:
    - - { property: lifecycle_stage, operator: HAS_PROPERTY }
direction: to-hubspot
create: both
fields:
  - { field: Email, property: email }
associations:
  - { to: companies, match: { field: Domain, property: domain } }
`)
	want := []string{
		`line 5: source.key[0]: the source has no column "ID". Did you mean "id"?`,
		`line 5: source.key[1]: the source has no column "number". Known here: id, Email, First name, Phone, Status, Updated.`,
		`line 5: source.key[0]: new rows are made from records (create: both), but no property fills their key column "ID". Map a property to it, or write create: hubspot or none.`,
		`line 5: source.key[1]: new rows are made from records (create: both), but no property fills their key column "number". Map a property to it, or write create: hubspot or none.`,
		`line 6: source.modified: the source has no column "changed". Known here: id, Email, First name, Phone, Status, Updated.`,
		`line 10: hubspot.match[0].field: the source has no column "E-Mail". Did you mean "Email"?`,
		`line 10: hubspot.match[0].property: contacts has no property "e_mail". Did you mean "email"?`,
		`line 11: hubspot.match[1].property: "Birthday" (birthday) is of type date (date), which cannot identify a record. Match by a text or a number, such as an e-mail, a domain or an id.`,
		`line 12: hubspot.match[2].property: "Number of notes" (num_notes) is calculated by HubSpot and may change by itself, so it cannot identify a record. Match by another property.`,
		`line 13: hubspot.match[3].property: "Notes" (notes) is of type string (html), which cannot identify a record. Match by a text or a number, such as an e-mail, a domain or an id.`,
		`line 14: hubspot.match[4].property: "Create date" (createdate) is of type datetime (date), which cannot identify a record. Match by a text or a number, such as an e-mail, a domain or an id.`,
		`line 16: hubspot.filter[0][0].property: contacts has no property "lifecycle_stage". Did you mean "lifecyclestage"?`,
		`line 22: associations[0].match.field: the source has no column "Domain". Known here: id, Email, First name, Phone, Status, Updated.`,
	}
	if diff := cmp.Diff(want, lines(definition.Check(d, columns, contacts))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestCheckUnknownSide: what is not known is not complained about.
func TestCheckUnknownSide(t *testing.T) {
	t.Parallel()
	d := parse(t, document(`{ field: Nowhere, property: nothing }`))
	if got := definition.Check(d, nil, nil); len(got) > 0 {
		t.Errorf("without columns and properties: %v", lines(got))
	}
	if got := definition.Check(d, columns, nil); len(got) != 1 || got[0].Key != "fields[0].field" {
		t.Errorf("without properties: %v", lines(got))
	}
	if got := definition.Check(d, nil, contacts); len(got) != 1 || got[0].Key != "fields[0].property" {
		t.Errorf("without columns: %v", lines(got))
	}
}

// TestCheckBuilt: a definition that was never a document is checked as well,
// without lines.
func TestCheckBuilt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range definition.Check(anyDefinition().Draw(t, "definition"), columns, contacts) {
			if p.Line != 0 || p.Key == "" || p.Msg == "" {
				t.Fatalf("%+v", p)
			}
		}
	})
}
