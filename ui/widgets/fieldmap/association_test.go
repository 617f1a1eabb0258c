package fieldmap

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
)

var (
	toCompanies = Ref{"Domain", "→companies"}
	byDomain    = Association{To: "companies", Match: "domain"}
)

// people is a map with a property and the cards of associations.
func people() *Model {
	m := NewModel(
		[]Field{{Name: "Domain", Samples: []string{"acme.com"}}, {Name: "Other"}, {Name: "Role"}},
		[]Property{
			{Name: "→companies", Label: "Associated companies", Type: "Association", Association: "companies"},
			{Name: "→deals", Label: "Associated deals", Type: "Association", Association: "deals"},
			{Name: "website", Label: "Website", Type: "Text"},
		}, nil, definition.TwoWay)
	m.NewAssociation = func(_, object string) Association { return Association{To: object, Match: "domain"} }
	return m
}

// A line to the card of an association leads to HubSpot only, whatever the
// sync's direction, and a column can fill a property beside it.
func TestALineLeadsToOtherRecords(t *testing.T) {
	m := people()
	if ok, why := m.Connect("Domain", "website"); !ok {
		t.Fatal(why)
	}
	if ok, why := m.Connect(toCompanies.Field, toCompanies.Property); !ok {
		t.Fatal(why)
	}
	l, _ := m.Link(toCompanies)
	want := NewSettings(definition.ToHubSpot)
	want.Association = &byDomain
	if d := cmp.Diff(want, l.Settings); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if other, _ := m.Link(Ref{"Domain", "website"}); other.Settings.Direction != definition.TwoWay {
		t.Error("the line of the property lost its way back")
	}
	if ok, why := m.Check("Other", "→companies"); ok || why != "“Domain” leads there: take the next card" {
		t.Errorf("a second line to one card: %v, %q", ok, why)
	}
}

// The next card of an object type stands under the one before it.
func TestTheNextCardFollowsItsType(t *testing.T) {
	m := people()
	m.Connect(toCompanies.Field, toCompanies.Property)
	m.Renew(nil, []Property{{Name: "→companies 2", Label: "Associated companies", Association: "companies"}, {Name: "new", Label: "New"}})
	var got []string
	for row := range m.Rows(HubSpot) {
		e, _ := m.At(HubSpot, row)
		got = append(got, m.Properties()[e.Index].Name)
	}
	if d := cmp.Diff([]string{"→companies", "→companies 2", "→deals", "website", "new"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Suggestions for a property and for an association of one column do not rule
// each other out.
func TestSuggestionsOfBothKindsStand(t *testing.T) {
	m := people()
	s := NewSettings(definition.ToHubSpot)
	s.Association = &byDomain
	m.SetCards(m.Fields(), m.Properties(), []Link{
		{Ref: Ref{"Domain", "website"}, State: Suggested, Settings: NewSettings(definition.TwoWay)},
		{Ref: toCompanies, State: Suggested, Settings: s},
	})
	m.Accept(Ref{"Domain", "website"})
	if l, ok := m.Link(toCompanies); !ok || l.Mapped() {
		t.Fatalf("the other suggestion: %v, %+v", ok, l)
	}
	if ok, why := m.Accept(toCompanies); !ok {
		t.Fatal(why)
	}
	if l, _ := m.Link(toCompanies); !l.Settings.Association.equal(&byDomain) {
		t.Errorf("accepted: %+v", l.Settings)
	}
}

// associations is an editor on such a map, with the line selected.
func associations(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, posted: make(chan func(), 64)}
	m := people()
	b.Editor = NewEditor(m, Heads{Source: "Source", HubSpot: "Contacts"}, func(Ref, Settings) Preview {
		return Preview{Examples: []Example{{Before: "acme.com", After: "acme.com"}}, Converts: 1, Rows: 2, Found: true}
	}, func(f func()) { b.posted <- f })
	b.Describe = func(Link) Subject {
		return Subject{Label: "Associated companies", Target: Target{Plural: "companies", Labels: []string{"Primary", "Supplier"}, Columns: []string{"Domain", "Role"},
			Keys: []Key{{"domain", "Company domain name"}, {"name", "Company name"}}}}
	}
	shown(t, b.Editor, 1080, 700)
	m.Connect(toCompanies.Field, toCompanies.Property)
	(<-b.posted)()
	return b
}

// The inspector of an association has a form of its own in place of steps and
// comparison.
func TestInspectorOfAnAssociation(t *testing.T) {
	i := associations(t).Inspector
	if i.title.Text != "Domain → Associated companies" || i.count.lead != "1 of 2 rows can be read." {
		t.Errorf("title %q, count %q", i.title.Text, i.count.lead)
	}
	if i.toHubSpot.Visible() || i.directionPart.Visible() || i.policies.Visible() || !i.rows.Visible() || !i.association.box.Visible() {
		t.Error("parts of a property's line show, or the form does not")
	}
	f := i.association
	if f.key.Text() != "Company domain name" || f.label.Text() != "No label" || f.column.Visible() || f.createHint.Text != "With nothing but the company domain name." {
		t.Errorf("found by %q, label %q, hint %q", f.key.Text(), f.label.Text(), f.createHint.Text)
	}
}

// Each control of the form is an edit that undo takes back.
func TestTheFormEditsTheAssociation(t *testing.T) {
	b := associations(t)
	f := b.Inspector.association
	f.key.Choose(1)
	f.label.Choose(4)
	if !f.column.Visible() || f.column.Text() != "Role" {
		t.Errorf("the label comes from %q", f.column.Text())
	}
	f.split.SetText(";")
	test.Tap(f.create)
	test.Tap(f.remove)
	want := Association{To: "companies", Match: "name", LabelField: "Role", Split: ";", CreateMissing: true, RemoveOthers: true}
	if d := cmp.Diff(&want, b.settings(toCompanies).Association); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	f.label.Choose(1)
	if got := b.settings(toCompanies).Association; got.Label != "Primary" || got.LabelField != "" || f.column.Visible() {
		t.Errorf("with a label for all: %+v", got)
	}
	for range 6 {
		b.Model.Undo()
	}
	if d := cmp.Diff(&byDomain, b.settings(toCompanies).Association); d != "" {
		t.Errorf("after undoing all (-want +got)\n%s", d)
	}
	if f.key.Text() != "Company domain name" || f.split.Text != "" || f.create.On || f.label.Text() != "No label" {
		t.Error("the form does not follow the undo")
	}
}

// What a line says is offered though HubSpot lacks it, and a line that finds
// records by another sync's rows makes none.
func TestTheFormKeepsWhatItDoesNotKnow(t *testing.T) {
	f := newAssociationForm(func(func(*Association)) { t.Error("filling is an edit") }, func() {})
	f.fill("Domain", Association{To: "companies", Match: "gone", Label: "Partner", Split: ";"}, Target{Labels: []string{"Primary"}, Reading: true})
	if f.key.Text() != "gone" || f.label.Text() != "Partner" || !f.reading.Visible() {
		t.Errorf("found by %q, label %q", f.key.Text(), f.label.Text())
	}
	f.fill("Domain", Association{To: "companies", Match: "domain", Label: "Partner"}, Target{Labels: []string{"Primary"}})
	if f.label.Text() != "A new label" || f.name.Text != "Partner" || !f.nameHint.Visible() {
		t.Errorf("label %q, new %q", f.label.Text(), f.name.Text)
	}
	f.fill("Domain", Association{To: "companies", Match: "domain", Label: "primary"}, Target{Labels: []string{"Primary"}})
	f.fill("Domain", Association{To: "companies", Sync: "accounts.yaml"}, Target{})
	if f.key.Text() != "The key of accounts.yaml" || f.createPart.Visible() {
		t.Errorf("found by %q", f.key.Text())
	}
}

// Another way to find records is one choice: a property of theirs, or the key of
// another sync's rows, which makes no record.
func TestTheKeyOfAnotherSyncIsOneWayToFindRecords(t *testing.T) {
	now := Association{To: "companies", Match: "domain", CreateMissing: true}
	f := newAssociationForm(func(change func(*Association)) { change(&now) }, func() {})
	target := Target{Keys: []Key{{"domain", "Company domain name"}}, Syncs: []Key{{"accounts.yaml", "Accounts"}}}
	f.fill("Account", now, target)
	if got := f.key.Options; len(got) != 2 || got[1] != "The key of Accounts" {
		t.Fatalf("offered are %q", got)
	}
	f.key.OnChanged(1)
	if want := (Association{To: "companies", Sync: "accounts.yaml"}); !now.equal(&want) {
		t.Errorf("chosen: %+v", now)
	}
	f.fill("Account", now, target)
	f.key.OnChanged(0)
	if want := (Association{To: "companies", Match: "domain"}); !now.equal(&want) {
		t.Errorf("taken back: %+v", now)
	}
}

// Each value of a label's column can be called otherwise in HubSpot; what is
// left empty is called like the value, and what HubSpot lacks is said.
func TestValuesOfALabelsColumnAreNamed(t *testing.T) {
	now := Association{To: "companies", Match: "domain", LabelField: "Role"}
	f := newAssociationForm(func(change func(*Association)) { change(&now) }, func() {})
	target := Target{Labels: []string{"Decision maker"}, Columns: []string{"Role"}, Values: []ValueCount{{"DM", 3}, {"Champion", 1}}}
	f.fill("Domain", now, target)
	if got := f.values.hint.Text; got != "HubSpot has no label DM, Champion yet: the plan names what is made." {
		t.Errorf("the hint is %q", got)
	}
	f.values.entries["DM"].SetText("Decision maker")
	if want := []ValuePair{{"DM", "Decision maker"}}; !slices.Equal(now.LabelValues, want) {
		t.Errorf("named: %+v", now.LabelValues)
	}
	f.fill("Domain", now, target)
	if got := f.values.hint.Text; got != "HubSpot has no label Champion yet: the plan names what is made." {
		t.Errorf("the hint is %q", got)
	}
	f.values.entries["DM"].SetText("")
	if len(now.LabelValues) != 0 {
		t.Errorf("emptied: %+v", now.LabelValues)
	}
	f.chooseLabel(0)
	f.fill("Domain", now, Target{})
	if f.values.box.Visible() {
		t.Error("without a column its values are shown")
	}
}

// A label that HubSpot lacks is asked for, and says what becomes of it.
func TestANewLabelIsNamed(t *testing.T) {
	b := associations(t)
	f := b.Inspector.association
	if f.name.Visible() {
		t.Error("a new label is asked for at once")
	}
	f.label.Choose(3)
	if !f.name.Visible() || !f.nameHint.Visible() {
		t.Fatal("no new label is asked for")
	}
	f.name.SetText("Partner ")
	if got := b.settings(toCompanies).Association.Label; got != "Partner" {
		t.Errorf("the label is %q", got)
	}
	f.name.SetText("Primary")
	if !f.name.Visible() {
		t.Error("the entry goes while it is typed in")
	}
	f.label.Choose(0)
	if got := b.settings(toCompanies).Association.Label; got != "" || f.name.Visible() {
		t.Errorf("without a label: %q", got)
	}
}
