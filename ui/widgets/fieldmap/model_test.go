package fieldmap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/transform"
)

func line(field, property string) Link {
	return Link{Ref: Ref{field, property}, Settings: NewSettings(definition.TwoWay)}
}

func with(l Link, change func(*Link)) Link {
	change(&l)
	return l
}

func suggested(field, property string) Link {
	return with(line(field, property), func(l *Link) { l.State = Suggested })
}

// customers is a small map: Email and Phone are mapped, Status is suggested.
func customers() *Model {
	constant := "Billing import"
	return NewModel(
		[]Field{
			{Name: "Customer id", Type: "text", Fill: 1, Samples: []string{"C-20391"}},
			{Name: "Email", Type: "email", Fill: 0.99, Samples: []string{"ilse.hartwig@tolvane.example"}},
			{Name: "Phone", Type: "phone", Fill: 0.87, Samples: []string{"030 23125 418"}},
			{Name: "Rôle", Type: "text", Fill: 0.64},
			{Name: "Status", Type: "4 values", Fill: 1},
		},
		[]Property{
			{Name: "jobtitle", Label: "Job title", Type: "Text", Group: "Contact information"},
			{Name: "phone", Label: "Phone number", Type: "Phone number", Note: "up to 20 marks"},
			{Name: "lifecyclestage", Label: "Lifecycle stage", Type: "Dropdown", Options: 8},
			{Name: "email", Label: "Email", Type: "Email", Unique: true},
			{Name: "createdate", Label: "Create date", Type: "Date", ReadOnly: true},
			{Name: "lead_source", Label: "Lead source", Type: "Text", Constant: &constant},
		},
		[]Link{line("Phone", "phone"), line("Email", "email"), suggested("Status", "lifecyclestage")},
		definition.TwoWay)
}

// names lists a column as it is shown.
func names(m *Model, side Side) string {
	var out []string
	for row := range m.Rows(side) {
		e, _ := m.At(side, row)
		out = append(out, m.title(e))
	}
	return strings.Join(out, ", ")
}

// lines lists the lines in a short form: ? is suggested, ! has a problem.
func lines(m *Model) string {
	marks := map[State]string{Active: "", Suggested: "?", Troubled: "!"}
	arrows := map[definition.Direction]string{definition.TwoWay: "↔", definition.ToHubSpot: "→", definition.FromHubSpot: "←"}
	var out []string
	for _, l := range m.Links() {
		out = append(out, l.Field+arrows[l.Settings.Direction]+l.Property+marks[l.State])
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestMappedCardsComeFirstAndPropertiesFollowTheirFields(t *testing.T) {
	m := customers()
	if got, want := names(m, Source), "Email, Phone, Status, Customer id, Rôle"; got != want {
		t.Errorf("source: %s, want %s", got, want)
	}
	if got, want := names(m, HubSpot), "Email, Phone number, Lead source, Lifecycle stage, Job title, Create date"; got != want {
		t.Errorf("HubSpot: %s, want %s", got, want)
	}
}

func TestEditsDoNotMoveCards(t *testing.T) {
	m := customers()
	before := names(m, Source) + names(m, HubSpot)
	m.Connect("Rôle", "jobtitle")
	m.Disconnect(Ref{"Email", "email"})
	if after := names(m, Source) + names(m, HubSpot); after != before {
		t.Errorf("after the edits the columns are %s, want %s", after, before)
	}
}

func TestFilters(t *testing.T) {
	tests := []struct {
		name            string
		source, hubspot string
		only            bool
		wantSource      string
		wantHubSpot     string
	}{
		{name: "nothing", wantSource: "Email, Phone, Status, Customer id, Rôle", wantHubSpot: "Email, Phone number, Lead source, Lifecycle stage, Job title, Create date"},
		{name: "name", source: "STAT", wantSource: "Status", wantHubSpot: "Email, Phone number, Lead source, Lifecycle stage, Job title, Create date"},
		{name: "without accents", source: "role", hubspot: "none such", wantSource: "Rôle"},
		{name: "sample", source: "tolvane", hubspot: "zzz", wantSource: "Email"},
		{name: "group", source: "zzz", hubspot: "information", wantHubSpot: "Job title"},
		{name: "internal name", source: "zzz", hubspot: "lifecyclestage", wantHubSpot: "Lifecycle stage"},
		{name: "only mapped", only: true, wantSource: "Email, Phone", wantHubSpot: "Email, Phone number, Lead source"},
		{name: "both", only: true, source: "phone", hubspot: "phone", wantSource: "Phone", wantHubSpot: "Phone number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := customers()
			m.Search(Source, tt.source)
			m.Search(HubSpot, tt.hubspot)
			m.SetOnlyMapped(tt.only)
			if got := names(m, Source); got != tt.wantSource {
				t.Errorf("source: %s, want %s", got, tt.wantSource)
			}
			if got := names(m, HubSpot); got != tt.wantHubSpot {
				t.Errorf("HubSpot: %s, want %s", got, tt.wantHubSpot)
			}
		})
	}
}

func TestConnectRefusesWhatWouldWriteTheSamePlaceTwice(t *testing.T) {
	tests := []struct {
		field, property string
		direction       definition.Direction
		want            string // the refusal
	}{
		{"Rôle", "jobtitle", definition.TwoWay, ""},
		{"Status", "lifecyclestage", definition.TwoWay, ""}, // suggested only
		{"Phone", "phone", definition.TwoWay, "already connected"},
		{"Rôle", "phone", definition.TwoWay, "already filled from “Phone”"},
		{"Rôle", "phone", definition.FromHubSpot, ""}, // a second reader
		{"Phone", "jobtitle", definition.FromHubSpot, "“Phone” is already filled from HubSpot"},
		{"Rôle", "createdate", definition.TwoWay, "HubSpot fills this itself"},
		{"Rôle", "createdate", definition.FromHubSpot, ""},
		{"Rôle", "lead_source", definition.ToHubSpot, "always “Billing import”"},
		{"Gone", "phone", definition.TwoWay, "this no longer exists"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %s", tt.field, tt.property, tt.direction), func(t *testing.T) {
			m := customers()
			m.Direction = tt.direction
			ok, why := m.Connect(tt.field, tt.property)
			if ok != (tt.want == "") || why != tt.want {
				t.Errorf("got %t, %q, want %q", ok, why, tt.want)
			}
			l, there := m.Link(Ref{tt.field, tt.property})
			if ok && (!there || l.State != Active || m.Selected() == nil || m.Selected().Ref != l.Ref) {
				t.Errorf("the line is %+v and %+v is selected", l, m.Selected())
			}
		})
	}
}

func TestAFieldThatFeedsTwoPropertiesListensToOne(t *testing.T) {
	m := customers()
	if ok, why := m.Connect("Email", "jobtitle"); !ok {
		t.Fatal(why)
	}
	if got, want := lines(m), "Email→jobtitle, Email↔email, Phone↔phone, Status↔lifecyclestage?"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
}

func TestTheScreenMayRefuse(t *testing.T) {
	m := customers()
	m.CanConnect = func(field, _ string) (bool, string) { return false, field + " is no number" }
	if ok, why := m.Connect("Rôle", "jobtitle"); ok || why != "Rôle is no number" {
		t.Errorf("got %t, %q", ok, why)
	}
}

func TestASuggestionDoesNothingUntilAccepted(t *testing.T) {
	m := customers()
	if c := m.Count(); c != (Counts{Fields: 5, Mapped: 2, Suggestions: 1}) {
		t.Errorf("before: %+v", c)
	}
	var accepted []Ref
	m.OnAccept = func(l Link) { accepted = append(accepted, l.Ref) }
	if ok, why := m.Accept(Ref{"Status", "lifecyclestage"}); !ok {
		t.Fatal(why)
	}
	if c := m.Count(); c != (Counts{Fields: 5, Mapped: 3}) {
		t.Errorf("after: %+v", c)
	}
	if len(accepted) != 1 {
		t.Errorf("OnAccept was told of %v", accepted)
	}
	if ok, _ := m.Accept(Ref{"Status", "lifecyclestage"}); ok {
		t.Error("it could be accepted twice")
	}
}

func TestALineRulesOutSuggestionsAtItsEnds(t *testing.T) {
	m := customers()
	m.Connect("Status", "jobtitle")
	if got, want := lines(m), "Email↔email, Phone↔phone, Status↔jobtitle"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
	m.Undo()
	if got, want := lines(m), "Email↔email, Phone↔phone, Status↔lifecyclestage?"; got != want {
		t.Errorf("after undo: %s, want %s", got, want)
	}
}

func TestSuggestTakesOnlyFreeEnds(t *testing.T) {
	m := customers()
	m.Suggest([]Link{suggested("Phone", "jobtitle"), suggested("Rôle", "jobtitle"), suggested("Status", "jobtitle"), suggested("Customer id", "createdate")})
	if got, want := lines(m), "Email↔email, Phone↔phone, Rôle↔jobtitle?"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
	if n := m.AcceptAll(); n != 1 || m.Count().Suggestions != 0 {
		t.Errorf("accepted %d, left %d", n, m.Count().Suggestions)
	}
	m.Undo()
	if m.Count().Suggestions != 1 {
		t.Error("undo did not bring the suggestion back")
	}
}

func TestProblemsMarkLines(t *testing.T) {
	m := customers()
	m.SetProblems(func(l Link) *Problem {
		if l.Field != "Phone" {
			return nil
		}
		return &Problem{Short: "3 values"}
	})
	if got := m.Problems(); len(got) != 1 || got[0].Field != "Phone" || got[0].State != Troubled {
		t.Errorf("problems: %+v", got)
	}
	m.SetProblems(func(Link) *Problem { return nil })
	if len(m.Problems()) != 0 || m.CanUndo() {
		t.Errorf("problems: %+v, undo %t", m.Problems(), m.CanUndo())
	}
}

// TestUndoRedoIsATimeLine edits at random and goes back and forth: the lines
// are always those of that moment.
func TestUndoRedoIsATimeLine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := customers()
		states := []string{dump(m)} // what each edit led to
		at := 0
		edit := func(did bool) {
			if did {
				at++
				states = append(states[:at], dump(m))
			}
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			f := rapid.SampledFrom(m.Fields()).Draw(rt, "field").Name
			p := rapid.SampledFrom(m.Properties()).Draw(rt, "property").Name
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				ok, _ := m.Connect(f, p)
				edit(ok)
			case 1:
				edit(m.Disconnect(Ref{f, p}))
			case 2:
				ok, _ := m.Accept(Ref{f, p})
				edit(ok)
			case 3:
				s := NewSettings(definition.ToHubSpot)
				s.Steps = transform.Chain{{Name: "trim"}}
				edit(m.Update(Ref{f, p}, s))
			case 4:
				if m.Undo() {
					at--
				}
			case 5:
				if m.Redo() {
					at++
				}
			}
			if got := dump(m); got != states[at] {
				rt.Fatalf("at edit %d the map is %s, was %s", at, got, states[at])
			}
			if s := m.Selected(); s != nil {
				if _, ok := m.Link(s.Ref); !ok {
					rt.Fatalf("%v is selected and no longer exists", s.Ref)
				}
			}
		}
	})
}

func dump(m *Model) string {
	var b strings.Builder
	for _, l := range m.Links() {
		fmt.Fprintf(&b, "%v %d %+v; ", l.Ref, l.State, l.Settings)
	}
	return b.String()
}

func TestSettingsOfASelectionAreACopy(t *testing.T) {
	m := customers()
	m.Select(Ref{"Phone", "phone"})
	s := m.Selected()
	s.Settings.Direction = definition.FromHubSpot
	if l, _ := m.Link(s.Ref); l.Settings.Direction != definition.TwoWay {
		t.Error("changing the copy changed the map")
	}
}

func TestCallbacks(t *testing.T) {
	m := customers()
	var calls []string
	m.OnConnect = func(f, p string) { calls = append(calls, "connect "+f+" "+p) }
	m.OnDisconnect = func(f, p string) { calls = append(calls, "disconnect "+f+" "+p) }
	m.OnAccept = func(l Link) { calls = append(calls, "accept "+l.Field) }
	m.OnChange = func() { calls = append(calls, "change") }
	m.OnSelect = func(l *Link) {
		if l == nil {
			calls = append(calls, "select nothing")
			return
		}
		calls = append(calls, "select "+l.Field)
	}
	m.Connect("Rôle", "jobtitle")
	m.Disconnect(Ref{"Rôle", "jobtitle"})
	m.Accept(Ref{"Status", "lifecyclestage"})
	m.Undo()
	want := []string{
		"connect Rôle jobtitle", "change", "select Rôle",
		"disconnect Rôle jobtitle", "change", "select nothing",
		"accept Status", "change", "select Status",
		"change", "select Status",
	}
	if d := cmp.Diff(want, calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

func TestFactsOfACard(t *testing.T) {
	m := customers()
	want := map[string]string{
		"Email": "Email · unique · match key", "Phone number": "Phone number · up to 20 marks", "Lifecycle stage": "Dropdown · 8 options",
		"Create date": "Date · read only", "Lead source": "Text · always “Billing import”",
	}
	for _, p := range m.Properties() {
		if w, ok := want[p.Label]; ok && p.Facts(p.Label == "Email") != w {
			t.Errorf("%s: %s, want %s", p.Label, p.Facts(p.Label == "Email"), w)
		}
	}
}
