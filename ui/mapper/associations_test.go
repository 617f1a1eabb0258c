package mapper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets/fieldmap"
)

// team is a file of people with the companies that they belong to.
const team = "Email,First name,Role,Company domain,Also at\n" +
	"ann@example.com,Ann,Buyer,acme.com,ferns.org;tolvane.com\n" +
	"bob@example.com,Bob,Signer,https://www.ferns.org/about,tolvane.com\n" +
	"eve@example.com,Eve,Buyer,tolvane.com,acme.com\n"

var (
	domainLine = fieldmap.Ref{Field: "Company domain", Property: "→companies"}
	secondLine = fieldmap.Ref{Field: "Also at", Property: "→companies 2"}
)

// atTheMapOf is the wizard at the map of a file of people, checked.
func atTheMapOf(t *testing.T, rows string) (*bench, *Pane) {
	t.Helper()
	return atTheMapIn(t, look.Light, rows)
}

func atTheMapIn(t *testing.T, mode look.Mode, rows string) (*bench, *Pane) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, mode, true)
	p := b.walkToMap(path)
	b.Until("all rows to be read", func() bool { return p.gathered })
	b.target(p)
	return b, p
}

// target waits until what companies can be found by is known, and the check.
func (b *bench) target(p *Pane) {
	b.Helper()
	b.Until("companies to be known", func() bool { _, ok := p.facts.Load().Target("companies"); return ok })
	b.knowsX(p)
}

// association edits the association of a line as the inspector does.
func (p *Pane) associate(r fieldmap.Ref, edit func(*fieldmap.Association)) {
	l, _ := p.Model.Link(r)
	s := l.Settings.Clone()
	edit(s.Association)
	p.Model.Update(r, s)
}

// A column of domains is proposed as what names companies, with the reason.
// Accepting it shows what it does on rows of the file first, and what is
// accepted stands in the definition.
func TestAssociationIsProposedSeenAndAccepted(t *testing.T) {
	b, p := atTheMapOf(t, team)
	l, ok := p.Model.Link(domainLine)
	if !ok || l.State != fieldmap.Suggested || !strings.Contains(l.Why, "name companies") {
		t.Fatalf("the proposal is %+v", l)
	}
	if got := p.snapshot().Associations; got != nil {
		t.Errorf("what nobody accepted is in the definition: %+v", got)
	}
	p.accept([]fieldmap.Link{l}, false)
	if got := p.snapshot().Associations; got != nil {
		t.Errorf("it is accepted unseen: %+v", got)
	}
	d := b.Dialog("what the association does")
	said := shelltest.Texts(d)
	for _, want := range []string{"Company domain → Associated companies", "company domain name", "https://www.ferns.org/about → ferns.org"} {
		if !strings.Contains(said, want) {
			t.Errorf("the dialog does not say %q:\n%s", want, said)
		}
	}
	test.Tap(d.Primary)
	want := []definition.Association{{To: "companies", End: definition.End{Match: definition.MatchKey{Field: "Company domain", Property: "domain"}}}}
	if d := cmp.Diff(want, p.snapshot().Associations); d != "" {
		t.Errorf("the definition (-want +got)\n%s", d)
	}
	p.Undo()
	if got := p.snapshot().Associations; got != nil {
		t.Errorf("after undo: %+v", got)
	}
}

// What is drawn and set in the map is what the document says after the plan was
// made, and what the map shows when it is opened again.
func TestAssociationsOutliveTheMap(t *testing.T) {
	b, p := atTheMapOf(t, team)
	p.Model.AcceptAll()
	b.knowsX(p)
	for _, l := range p.Model.Problems() {
		t.Logf("%v: %+v", l.Ref, l.Problem)
	}
	if ok, why := p.Model.Connect(secondLine.Field, secondLine.Property); !ok {
		t.Fatalf("the next card of companies takes no line: %s", why)
	}
	p.associate(secondLine, func(a *fieldmap.Association) { a.LabelField, a.CreateMissing = "Role", true })
	p.associate(domainLine, func(a *fieldmap.Association) { a.Label, a.RemoveOthers = "Primary", true })
	b.knowsX(p)
	if n := p.Counts().Problems; n > 0 {
		t.Fatalf("%d problems: %v", n, p.Model.Problems())
	}
	b.Tap("Make the plan")
	b.Until("the plan", func() bool { s, ok := b.W.Current().(shelltest.Plan); return ok && s.View().ID != "" })
	if c := b.W.Current().(shelltest.Plan).View().Summary.Counts; c.Associated != 7 || c.Waiting != 0 { // the first line makes no company, and finds those that the second one makes
		t.Errorf("the plan makes %d associations and %d wait", c.Associated, c.Waiting)
	}
	domain := func(field string) definition.End {
		return definition.End{Match: definition.MatchKey{Field: field, Property: "domain"}}
	}
	want := []definition.Association{
		{To: "companies", End: domain("Company domain"), Label: definition.Label{Name: "Primary"}, RemoveOthers: true},
		{To: "companies", End: domain("Also at"), Split: ";", Label: definition.Label{Field: "Role"}, CreateMissing: true},
	}
	files, _ := filepath.Glob(filepath.Join(b.W.App.Store.Dir(), "syncs", "*.yaml"))
	if len(files) != 1 {
		t.Fatalf("saved are %v", files)
	}
	path := files[0]
	saved, err := definition.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, saved.Associations); d != "" {
		t.Errorf("the document (-want +got)\n%s", d)
	}
	b.W.Rooms.FieldMap(path, nil)
	again := b.pane("the map")
	b.Until("all rows to be read", func() bool { return again.gathered })
	b.target(again)
	again.associate(secondLine, func(a *fieldmap.Association) { a.Split = "" })
	b.knowsX(again)
	if got := again.snapshot().Associations; len(got) != 2 || got[1].Split != "" || got[1].Label.Field != "Role" {
		t.Errorf("edited again: %+v", got)
	}
	again.Undo()
	if d := cmp.Diff(want, again.snapshot().Associations); d != "" {
		t.Errorf("after undo (-want +got)\n%s", d)
	}
	b.Settle()
}

// A line whose cells name several records says so, and its way out settles it.
func TestProblemOfAnAssociationHasAWayOut(t *testing.T) {
	b, p := atTheMapOf(t, team)
	p.Model.Connect(secondLine.Field, "→companies")
	r := fieldmap.Ref{Field: secondLine.Field, Property: "→companies"}
	p.associate(r, func(a *fieldmap.Association) { a.Split = "" })
	b.knowsX(p)
	l, _ := p.Model.Link(r)
	if l.Problem == nil || l.Problem.Text != "1 cell names several records" || len(l.Problem.Fixes) == 0 {
		t.Fatalf("the problem is %+v", l.Problem)
	}
	p.Fix(l, l.Problem.Fixes[0])
	b.knowsX(p)
	l, _ = p.Model.Link(r)
	if l.Problem != nil || l.Settings.Association.Split != ";" {
		t.Errorf("after the fix: %+v, %+v", l.Problem, l.Settings.Association)
	}
	p.associate(r, func(a *fieldmap.Association) { a.Match = "no_such" })
	b.knowsX(p)
	if l, _ = p.Model.Link(r); l.Problem == nil || !strings.Contains(l.Problem.Text, "no property “no_such”") {
		t.Errorf("the problem is %+v", l.Problem)
	}
}

// A line that finds records by the rows of another sync stays as it is, and the
// inspector offers what can be chosen for it.
func TestLinkToAnotherSyncStaysOne(t *testing.T) {
	b, p := atTheMapOf(t, team)
	p.Commit()
	link := definition.Association{To: "company", End: definition.End{Link: definition.LinkKey{Sync: "people.yaml", Field: "Company domain"}},
		Label: definition.Label{Field: "Role", Values: map[string]string{"Buyer": "Decision maker"}}, Split: ";"}
	p.draft.Definition.Associations = []definition.Association{link}
	again := New(b.W, p.draft)
	b.Until("all rows to be read", func() bool { return again.gathered })
	b.target(again)
	again.Commit()
	if d := cmp.Diff([]definition.Association{link}, again.draft.Definition.Associations); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for _, c := range again.Model.Properties() {
		if c.Name == domainLine.Property && c.Facts(false) != "Association · found by the key of people.yaml" {
			t.Errorf("the card says %q", c.Facts(false))
		}
	}
	again.associate(domainLine, func(a *fieldmap.Association) { a.RemoveOthers = true })
	link.RemoveOthers = true
	again.Commit()
	if d := cmp.Diff([]definition.Association{link}, again.draft.Definition.Associations); d != "" {
		t.Errorf("edited (-want +got)\n%s", d)
	}
	b.Settle()
}

// The pictures are for the eye; they are kept in the folder that
// SYNCLINE_PICTURES names.
func TestPictureOfAssociations(t *testing.T) {
	if os.Getenv("SYNCLINE_PICTURES") == "" {
		t.Skip("SYNCLINE_PICTURES is not set")
	}
	for name, mode := range map[string]look.Mode{"map-associations": look.Light, "map-associations-dark": look.DarkMode} {
		t.Run(name, func(t *testing.T) {
			b, p := atTheMapIn(t, mode, team)
			first, _ := p.Model.Link(domainLine)
			p.accept([]fieldmap.Link{first}, false)
			b.Dialog("what the association does")
			b.Picture(name+"-accept", 1280, 800)
			b.Dialog("what the association does").Close()
			p.Model.AcceptAll()
			p.Model.Connect(secondLine.Field, secondLine.Property)
			p.associate(secondLine, func(a *fieldmap.Association) { a.LabelField, a.CreateMissing = "Role", true })
			b.knowsX(p)
			p.Model.Arrange()
			p.reselect()
			b.Until("the preview", func() bool { return len(p.editor.Inspector.Examples()) > 0 })
			b.Picture(name, 1280, 800)
			p.associate(secondLine, func(a *fieldmap.Association) { a.Split = "" })
			b.knowsX(p)
			b.Until("the preview", func() bool { return len(p.editor.Inspector.Examples()) > 0 })
			b.Picture(name+"-problem", 1024, 640)
		})
	}
}
