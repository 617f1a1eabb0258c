package fieldmap

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
	"syncline/ui/look"
)

// billing is the map of the design's picture.
func billing() *Model {
	two := NewSettings(definition.TwoWay)
	one := NewSettings(definition.ToHubSpot)
	steps := func(s Settings, names ...string) Settings {
		for _, n := range names {
			s.Steps = append(s.Steps, transform.Step{Name: n})
		}
		return s
	}
	phone := steps(two, "trim")
	phone.Steps = append(phone.Steps, transform.Step{Name: "phone", Args: map[string]any{"region": "DE"}})
	since := one
	since.Steps = transform.Chain{{Name: "date", Args: map[string]any{"format": "DD.MM.YYYY"}}}
	m := NewModel(
		[]Field{
			{"Customer id", "text", 1, []string{"C-20391", "C-20418", "C-20422"}},
			{"Email", "email", 0.99, []string{"ilse.hartwig@tolvane.example"}},
			{"Phone", "phone", 0.87, []string{"030 23125 418", "020 7946 0391", "ext. 12"}},
			{"Job role", "text", 0.64, []string{"Head of procurement", "Buyer"}},
			{"Account manager", "person", 0.91, []string{"Rufus Ekwueme", "Noor Whitlock"}},
			{"Country", "text", 0.98, []string{"Deutschland", "UK", "Holland"}},
			{"Customer since", "date", 1, []string{"03.02.2024", "17.11.2023"}},
			{"Status", "4 values", 1, []string{"Active", "Trial", "Paused · Left"}},
			{"Notes", "long text", 0.12, []string{"Prefers deliveries before 9"}},
		},
		[]Property{
			{Name: "email", Label: "Email", Type: "Email", Unique: true},
			{Name: "phone", Label: "Phone number", Type: "Phone number", Note: "up to 20 marks"},
			{Name: "jobtitle", Label: "Job title", Type: "Text"},
			{Name: "hubspot_owner_id", Label: "Contact owner", Type: "Owner"},
			{Name: "country", Label: "Country/Region", Type: "Dropdown", Options: 249},
			{Name: "customer_since", Label: "Customer since", Type: "Date"},
			{Name: "lifecyclestage", Label: "Lifecycle stage", Type: "Dropdown", Options: 8},
			{Name: "billing_customer_id", Label: "Billing id", Type: "Text", Unique: true},
			{Name: "createdate", Label: "Create date", Type: "Date", ReadOnly: true},
		},
		[]Link{
			{Ref: Ref{"Customer id", "billing_customer_id"}, MatchKey: true, Settings: two},
			{Ref: Ref{"Email", "email"}, Settings: two},
			{Ref: Ref{"Phone", "phone"}, Why: "Suggested by name and by 96% matching values", Settings: phone},
			{Ref: Ref{"Account manager", "hubspot_owner_id"}, Settings: steps(one, "owner")},
			{Ref: Ref{"Country", "country"}, Settings: one},
			{Ref: Ref{"Customer since", "customer_since"}, Settings: since},
			{Ref: Ref{"Status", "lifecyclestage"}, State: Suggested, Why: "4 of 4 sample values are options", Settings: one},
		},
		definition.TwoWay)
	m.SetProblems(func(l Link) *Problem {
		if l.Field != "Country" {
			return nil
		}
		return &Problem{
			Short: "3 values", Text: "3 values are not options in HubSpot",
			Detail: "Deutschland (4,118 rows), UK (2,960), Holland (377) would be refused.",
			Fixes:  []Fix{{"translate", "Translate countries"}, {"values", "Map the 3 values"}},
		}
	})
	// The picture shows both columns in the order of their data.
	for side := range m.order {
		for i := range m.order[side] {
			m.order[side][i] = i
		}
	}
	m.filter()
	return m
}

// picture draws o on the window's background and keeps it as a file in the
// folder that SYNCLINE_PICTURES names.
func picture(t *testing.T, name string, mode look.Mode, w, h float32, o fyne.CanvasObject) {
	t.Helper()
	dir := os.Getenv("SYNCLINE_PICTURES")
	if dir == "" {
		t.Skip("SYNCLINE_PICTURES is not set")
	}
	fyne.CurrentApp().Settings().SetTheme(look.New(mode))
	win := test.NewTempWindow(t, container.NewStack(canvas.NewRectangle(look.Color(look.Bg)), o))
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	o.Refresh()
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func TestPictureOfTheBoard(t *testing.T) {
	for _, mode := range []struct {
		name string
		mode look.Mode
	}{{"board", look.Light}, {"board-dark", look.DarkMode}} {
		t.Run(mode.name, func(t *testing.T) {
			test.NewTempApp(t)
			m := billing()
			m.Select(Ref{"Phone", "phone"})
			b := NewBoard(m, Heads{Source: "Source", HubSpot: "Contacts"})
			g := Measure(780)
			role, _ := m.At(Source, 3)
			m.Pick(role, g.Port(Source, 3), false)
			m.DragTo(g, Point{440, 180})
			picture(t, mode.name, mode.mode, 780, 678, b)
		})
	}
}

func TestPictureOfTheEditor(t *testing.T) {
	preview := func(Ref, Settings) Preview {
		return Preview{
			Examples: []Example{
				{"030 23125 418", "+49 30 23125 418", ""}, {"020 7946 0391", "+44 20 7946 0391", ""}, {"ext. 12", "", "not a phone"},
			},
			Converts: 86398, Rows: 86412,
		}
	}
	values := []ValueCount{{"Active", 4118}, {"Trial", 2960}, {"Paused", 377}, {"Left", 12}, {"Customer", 1}}
	lifecycle := record.Property{Name: "lifecyclestage", Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{
		{Value: "lead", Label: "Lead"}, {Value: "opportunity", Label: "Opportunity"}, {Value: "customer", Label: "Customer"},
	}}
	for _, tt := range []struct {
		name string
		mode look.Mode
		w, h float32
		line Ref
		do   func(*Editor) // before the picture is taken
	}{
		{"editor", look.Light, 1080, 678, Ref{"Phone", "phone"}, nil},
		{"editor-dark", look.DarkMode, 1080, 678, Ref{"Phone", "phone"}, nil},
		{"editor-small", look.Light, 968, 520, Ref{"Country", "country"}, nil},
		{"editor-values", look.Light, 1080, 900, Ref{"Status", "lifecyclestage"}, nil},
		{"editor-nothing", look.Light, 1640, 678, Ref{}, nil},
		{"editor-step", look.Light, 1080, 900, Ref{"Phone", "phone"}, func(e *Editor) {
			e.Inspector.steps.toggle(1)
			e.Inspector.steps.at = 1
			e.Inspector.steps.FocusGained()
		}},
		{"editor-keys", look.DarkMode, 1080, 678, Ref{"Phone", "phone"}, func(e *Editor) {
			e.Board.Map.FocusGained()
			e.Model.MoveTo(End{Source, 3})
			e.Board.Map.key(fyne.KeyReturn)
			e.Board.Map.key(fyne.KeyRight)
			e.Model.Find("phone", false)
			e.Board.Say("Not connected: already filled from “Phone”")
		}},
		{"editor-search", look.Light, 1080, 678, Ref{"Phone", "phone"}, func(e *Editor) {
			e.Board.head.find[HubSpot].SetText("nothing such")
			e.Board.head.only.tap()
			e.Model.Hover(Hit{Kind: HitCard, End: End{Source, 1}})
			e.Board.Map.Refresh()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			test.NewTempApp(t)
			fyne.CurrentApp().Settings().SetTheme(look.New(tt.mode))
			m := billing()
			queue := make(chan func(), 16)
			e := NewEditor(m, Heads{Source: "Source", HubSpot: "Contacts"}, preview, func(f func()) { queue <- f })
			e.Inspector.OnShowFailing = func() {}
			e.Describe = func(l Link) Subject {
				s := Subject{Property: record.Property{Name: l.Property, Type: record.TypePhone}}
				if l.Property == "lifecyclestage" {
					s.Property, s.Values = lifecycle, values
				}
				return s
			}
			m.Select(tt.line)
			if tt.line != (Ref{}) {
				(<-queue)()
			}
			if tt.do != nil {
				e.Resize(fyne.NewSize(tt.w, tt.h))
				tt.do(e)
			}
			picture(t, tt.name, tt.mode, tt.w, tt.h, e)
		})
	}
}
