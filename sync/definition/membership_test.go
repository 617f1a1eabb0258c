package definition_test

import (
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
