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

// asColleague opens a dialog in which the person is a colleague in the practice portal: form is what
// is asked, act what the button says, do what the colleague does.
func (s *Screen) asColleague(title, act string, danger bool, form []fyne.CanvasObject, first fyne.Focusable, do func(app.Desk) error, then func()) {
	shell.Load(s.w, func(ctx context.Context) ([]app.Colleague, error) { return s.w.App.Colleagues(ctx) }, func(people []app.Colleague) {
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
			widgets.NewLine("Who does it", look.Small, look.T2), widgets.NewRow(0, who)}, form...)...)
		d := widgets.NewDialog(title, "", content)
		d.Width, d.Portal, d.Note = 520, look.Practice, app.PracticeName
		kind := widgets.Primary
		if danger {
			kind = widgets.Danger
		}
		d.First = first
		d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
		d.Primary = widgets.NewButton(kind, "", act, func() {
			c := people[who.Selected]
			s.w.Fyne.Preferences().SetInt(prefColleague, int(c.User))
			recs := s.recs
			shell.Load(s.w, func(ctx context.Context) (struct{}, error) {
				desk, err := recs.Desk(ctx, c)
				if err == nil {
					err = do(desk)
				}
				return struct{}{}, err
			}, func(struct{}) {
				d.Close()
				s.w.Toast(look.Practice, c.Name+" did it", "", nil)
				then()
			}, nil)
		})
		d.Open(s.w.Win.Canvas())
	}, nil)
}

// renew shows a record as it is now, in the list too, which the search would show late.
func (s *Screen) renew(id string) {
	recs := s.recs
	shell.Load(s.w, func(ctx context.Context) (records.View, error) { return recs.Record(ctx, id) }, func(v records.View) {
		for n, page := range s.pages {
			for i := range page {
				if page[i].ID == id {
					page[i] = v.Record
					s.grid.RefreshRow(n*records.PageSize + i)
				}
			}
		}
		s.panel.open(id, "")
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

// editValue lets a colleague change a value.
func (s *Screen) editValue(v records.Value) {
	field, first, value := s.valueForm(v.Property, v.Raw.String())
	id, object := s.panel.id, s.recs.Object.Path()
	s.asColleague("Edit "+v.Property.Label, "Save", false, []fyne.CanvasObject{widgets.NewLine(v.Property.Label, look.Small, look.T2), field}, first,
		func(d app.Desk) error { return d.Edit(object, id, map[string]string{v.Property.Name: value()}) }, func() { s.renew(id) })
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
	s.asColleague("New "+strings.ToLower(s.recs.Object.LabelSingular), "Make it", false, form, first, func(d app.Desk) (err error) {
		props := map[string]string{}
		for name, value := range values {
			if v := value(); v != "" {
				props[name] = v
			}
		}
		id, err = d.Create(object, props)
		return err
	}, func() { s.panel.open(id, ""); s.search() })
}

// colleagueMenu is what a colleague can do with the record that is shown.
func (p *panel) colleagueMenu() {
	s, id, name := p.s, p.id, p.view.Name
	object := s.recs.Object
	p.s.w.OpenMenu(fyne.NewMenu("",
		fyne.NewMenuItem("Associate it, as a colleague…", func() { s.associate(id, name) }),
		fyne.NewMenuItem("Archive it, as a colleague…", func() {
			s.asColleague("Archive "+name, "Archive", true, []fyne.CanvasObject{widgets.NewParagraph("HubSpot keeps it in the bin for 90 days.", look.Body, look.T2)}, nil,
				func(d app.Desk) error { return d.Archive(object.Path(), id) }, func() { s.panel.show(nil); s.search() })
		}),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("New record, as a colleague…", s.create),
		fyne.NewMenuItem("Reset data…", s.reset)), p.edit)
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
	s.asColleague("Associate "+name, "Associate", false, []fyne.CanvasObject{
		widgets.NewLine("With a", look.Small, look.T2), widgets.NewRow(0, with),
		widgets.NewLine("Record id", look.Small, look.T2), other, widgets.NewLine("Label, if it has one", look.Small, look.T2), label}, other,
		func(d app.Desk) error {
			if strings.TrimSpace(other.Text) == "" {
				return fmt.Errorf("give the id of the record to associate it with: it stands under the record’s name")
			}
			return d.Associate(object, id, types[with.Selected].Path(), strings.TrimSpace(other.Text), strings.TrimSpace(label.Text))
		}, func() { s.panel.tab = tabNear; s.panel.open(id, "") })
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
				s.open(s.offer.portal, s.object)
			})
		}).Open(s.w.Win.Canvas())
}
