package records

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/app/records"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// prefColleague is the colleague that the person was last, by user id.
const prefColleague = "records.colleague"

// act is what a colleague does: take reads the form, on the UI thread, and what it
// returns does it; then shows what came of it, if the same records are open still.
type act struct {
	title, button string
	danger        bool
	form          []fyne.CanvasObject
	first         fyne.Focusable
	take          func() func(app.Desk) error
	then          func()
}

// asColleague opens a dialog in which the person is a colleague in the practice portal.
func (s *Screen) asColleague(a act) {
	recs := s.recs
	if recs == nil || !recs.Practice() {
		return
	}
	shell.Load(s.w, func(ctx context.Context) ([]app.Colleague, error) { return s.w.App.Colleagues(ctx) }, func(people []app.Colleague) { s.askColleague(recs, people, a) }, nil)
}

func (s *Screen) askColleague(recs *app.Records, people []app.Colleague, a act) {
	last, at := s.w.Fyne.Preferences().Int(prefColleague), 0
	names := make([]string, len(people))
	for i, c := range people {
		names[i] = c.Name
		if int(c.User) == last {
			at = i
		}
	}
	who := widgets.NewSelect(names, at, nil)
	content := widgets.NewColumn(8, append([]fyne.CanvasObject{
		widgets.NewParagraph("In the practice portal you can be a colleague for a moment. The change shows in the record’s history under the colleague’s name, and the next plan meets it as an edit made in HubSpot.", look.Small, look.T2),
		widgets.NewLine("Who does it", look.Small, look.T2), widgets.NewRow(0, who)}, a.form...)...)
	d := widgets.NewDialog(a.title, "", content)
	d.Width, d.Portal, d.Note = 520, look.Practice, app.PracticeName
	kind := widgets.Primary
	if a.danger {
		kind = widgets.Danger
	}
	d.First = a.first
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.Primary = widgets.NewButton(kind, "", a.button, func() {
		c, do := people[who.Selected], a.take()
		s.w.Fyne.Preferences().SetInt(prefColleague, int(c.User))
		d.Primary.SetReason("It is being done") // a second press would do it twice
		shell.Load(s.w, func(ctx context.Context) (struct{}, error) {
			desk, err := recs.Desk(ctx, c)
			if err == nil {
				err = do(desk)
			}
			return struct{}{}, err
		}, func(struct{}) {
			d.Close()
			s.w.Toast(look.Practice, c.Name+" did it", "", nil)
			if s.recs == recs {
				a.then()
			}
		}, func(err error) {
			d.Primary.SetReason("")
			s.w.Fail(err)
		})
	})
	d.Open(s.w.Win.Canvas())
}

// renew shows a record as it is now, in the list too, which the search would show late.
func (s *Screen) renew(id string) {
	recs := s.recs
	shell.Load(s.w, func(ctx context.Context) (records.View, error) { return recs.Record(ctx, id) }, func(v records.View) {
		if s.recs != recs {
			return
		}
		for n, page := range s.pages {
			for i := range page {
				if page[i].ID == id {
					page[i] = v.Record
					s.grid.RefreshRow(n*records.PageSize + i)
				}
			}
		}
		if s.panel.asked == id {
			s.panel.open(id, "")
		}
	}, nil)
}

// valueForm asks for a value of a property.
func (s *Screen) valueForm(p record.Property, now string) (field fyne.CanvasObject, first fyne.Focusable, value func() string) {
	options := s.recs.Words.Options(p)
	if len(options) > 0 && !p.Multi() && len(options) <= 40 {
		words, at := []string{"no value"}, 0
		for i, o := range options {
			words = append(words, o.Label)
			if o.Value == now {
				at = i + 1
			}
		}
		sel := widgets.NewSelect(words, at, nil)
		return widgets.NewRow(0, sel), sel, func() string {
			if sel.Selected <= 0 {
				return ""
			}
			return options[sel.Selected-1].Value
		}
	}
	e := widgets.NewEntry(hintOf(p, "no value"))
	e.SetText(now)
	return e, e, func() string { return strings.TrimSpace(e.Text) }
}

// editValue lets a colleague change a value of the record that is shown.
func (s *Screen) editValue(v records.Value) {
	field, first, value := s.valueForm(v.Property, v.Raw.String())
	id, object := s.panel.view.ID, s.recs.Object.Path()
	s.asColleague(act{title: "Edit " + v.Property.Label, button: "Save", form: []fyne.CanvasObject{widgets.NewLine(v.Property.Label, look.Small, look.T2), field}, first: first,
		take: func() func(app.Desk) error {
			props := map[string]string{v.Property.Name: value()}
			return func(d app.Desk) error { return d.Edit(object, id, props) }
		}, then: func() { s.renew(id) }})
}

// create lets a colleague make a record.
func (s *Screen) create() {
	if s.recs == nil || !s.recs.Practice() {
		return
	}
	var form []fyne.CanvasObject
	var first fyne.Focusable
	values := map[string]func() string{}
	names := append([]string{}, s.recs.Object.Primary...)
	for _, group := range s.recs.Object.Required {
		names = append(names, group[0])
	}
	for _, name := range names {
		p, ok := s.recs.Property(name)
		if _, asked := values[name]; !ok || asked || !p.Writable() {
			continue
		}
		field, focus, value := s.valueForm(p, "")
		if first == nil {
			first = focus
		}
		values[name] = value
		form = append(form, widgets.NewLine(p.Label, look.Small, look.T2), field)
	}
	object, id := s.recs.Object.Path(), ""
	s.asColleague(act{title: "New " + strings.ToLower(s.recs.Object.LabelSingular), button: "Make it", form: form, first: first, take: func() func(app.Desk) error {
		props := map[string]string{}
		for name, value := range values {
			if v := value(); v != "" {
				props[name] = v
			}
		}
		return func(d app.Desk) (err error) {
			id, err = d.Create(object, props)
			return err
		}
	}, then: func() { s.panel.open(id, ""); s.search() }})
}

// colleagueMenu is what a colleague can do with the record that is shown.
func (p *panel) colleagueMenu() {
	if p.view != nil && p.s.recs != nil {
		p.s.w.OpenMenu(fyne.NewMenu("", p.colleagueItems()...), p.edit)
	}
}

func (p *panel) colleagueItems() []*fyne.MenuItem {
	s, id, name := p.s, p.view.ID, p.view.Name
	return []*fyne.MenuItem{
		fyne.NewMenuItem("Associate it, as a colleague…", func() { s.associate(id, name) }),
		fyne.NewMenuItem("Archive it, as a colleague…", func() { s.archive(id, name) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("New record, as a colleague…", s.create),
		fyne.NewMenuItem("Reset data…", s.reset)}
}

// archive lets a colleague archive a record.
func (s *Screen) archive(id, name string) {
	object := s.recs.Object.Path()
	s.asColleague(act{title: "Archive " + name, button: "Archive", danger: true, form: []fyne.CanvasObject{widgets.NewParagraph("HubSpot keeps it in the bin for 90 days.", look.Body, look.T2)},
		take: func() func(app.Desk) error {
			return func(d app.Desk) error { return d.Archive(object, id) }
		}, then: func() {
			if s.panel.asked == id {
				s.panel.show(nil)
			}
			s.search()
		}})
}

// associate lets a colleague associate the record with another one.
func (s *Screen) associate(id, name string) {
	var types []hubspot.ObjectType
	var words []string
	for _, t := range s.offer.types {
		if t.Name == s.recs.Object.Joins || containsName(s.recs.Object.Usual, t.Name) || t.Custom() {
			types, words = append(types, t), append(words, t.LabelSingular)
		}
	}
	if len(types) == 0 {
		s.w.Toast(look.Conflict, "Nothing can be associated with these records here", "", nil)
		return
	}
	with := widgets.NewSelect(words, 0, nil)
	other, label := widgets.NewEntry("the other record’s id"), widgets.NewEntry("none")
	object := s.recs.Object.Path()
	s.asColleague(act{title: "Associate " + name, button: "Associate", form: []fyne.CanvasObject{
		widgets.NewLine("With a", look.Small, look.T2), widgets.NewRow(0, with),
		widgets.NewLine("Record id", look.Small, look.T2), other, widgets.NewLine("Label, if it has one", look.Small, look.T2), label}, first: other,
		take: func() func(app.Desk) error {
			end, to, called := types[with.Selected].Path(), strings.TrimSpace(other.Text), strings.TrimSpace(label.Text)
			return func(d app.Desk) error {
				if to == "" {
					return fmt.Errorf("give the id of the record to associate it with: it stands under the record’s name")
				}
				return d.Associate(object, id, end, to, called)
			}
		}, then: func() { s.panel.openAt(id, "", tabNear) }})
}

func containsName(all []string, name string) bool {
	for _, x := range all {
		if x == name {
			return true
		}
	}
	return false
}

// reset begins the practice portal anew.
func (s *Screen) reset() {
	widgets.NewConfirm("Reset the practice portal?", "It begins again with its sample records. What syncs and you made there is gone, and syncs that wrote to it find their records missing. What it holds now is kept beside it until the next reset.",
		"Reset data", true, func() {
			s.header.SetState("Making the sample records …")
			s.w.Do(func(ctx context.Context) error { return s.w.App.ResetPractice(ctx) }, func() {
				s.w.Toast(look.Practice, "The practice portal begins anew", "", nil)
				s.forget()
				s.ofPortal(s.offer.portal)
			})
		}).Open(s.w.Win.Canvas())
}
