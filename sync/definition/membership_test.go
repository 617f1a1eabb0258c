package definition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
)

// TestMembershipsOfAList: a document whose rows are members of a list stands for
// associations from its records to the list.
func TestMembershipsOfAList(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/list-membership.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &definition.Associate{
		From: definition.AssociateEnd{Object: "contacts", End: definition.End{Match: definition.MatchKey{Field: "Email", Property: "email"}}},
		To:   definition.AssociateEnd{Object: definition.ListMembership}, List: "Newsletter", RemoveOthers: true, CreateMissing: true,
	}
	if diff := cmp.Diff(want, d.Associate); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if d.HubSpot.Object != "contacts" || d.HubSpot.Portal != "Acme production" || d.Direction != definition.ToHubSpot || d.Create != definition.CreateNone {
		t.Errorf("the rest: %+v", d)
	}
	other := parse(t, "syncline: 1\nsource: { kind: csv, path: a.csv, key: [Id] }\nhubspot: { object: list-membership, list: News, of: contacts, link: { sync: people.yaml, field: Id } }\n")
	if diff := cmp.Diff([]definition.LinkAt{{LinkKey: definition.LinkKey{Sync: "people.yaml", Field: "Id"}, Part: "hubspot.link"}}, other.Links()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	next := *other.Associate
	next.List = "Press"
	press := *other
	press.Associate = &next
	if press.Hash() == other.Hash() {
		t.Error("another list means the same")
	}
	problems := definition.Check(d, []string{"E-mail"}, nil)
	if len(problems) != 2 || problems[0].Line != 6 || problems[1].Line != 13 {
		t.Errorf("columns that are not there: %v", problems)
	}
}

// TestAFilterList: a sync of a list's members alone makes none in HubSpot.
func TestAFilterList(t *testing.T) {
	t.Parallel()
	text := "syncline: 1\nsource: { kind: csv, path: a.csv, key: [Id] }\nhubspot: { object: contacts, match: [], filter-list: Key accounts }\ndirection: from-hubspot\nfields: [ { field: A, property: a } ]\n"
	d := parse(t, text)
	if d.HubSpot.FilterList != "Key accounts" {
		t.Errorf("%+v", d.HubSpot)
	}
	roundTrip(t, d)
	other := *d
	other.HubSpot.FilterList = ""
	if other.Hash() == d.Hash() {
		t.Error("without the list it means the same")
	}
	_, err := definition.Parse([]byte(text+"create: both\n"), "a.yaml")
	if err == nil || !strings.Contains(err.Error(), "line 6: create: both makes records in HubSpot, and a new record is in no list") {
		t.Errorf("%v", err)
	}
}
