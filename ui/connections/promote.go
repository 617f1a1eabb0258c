package connections

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// promoteDialog takes a sync to another portal: it compares both, lets a person
// choose what is made there, and saves the sync for it.
type promoteDialog struct {
	w          *shell.Window
	path, name string
	portals    []app.Connection

	dialog  *widgets.Dialog
	target  *widgets.Select
	list    *fyne.Container
	scroll  *container.Scroll
	frame   *fyne.Container
	promo   *app.Promotion // nil until the portals were compared
	cancel  context.CancelFunc
	attempt int // counts what was asked; an answer to an older one comes too late
}

// OpenPromote asks to which portal the sync at path shall go.
func OpenPromote(w *shell.Window, path, name string) {
	shell.Load(w, w.App.Connections, func(all []app.Connection) {
		d := &promoteDialog{w: w, path: path, name: name, portals: all}
		d.open()
	}, nil)
}

func (d *promoteDialog) open() {
	names := make([]string, 0, len(d.portals))
	for _, c := range d.portals {
		names = append(names, c.Name)
	}
	d.target = widgets.NewSelect(names, -1, func(int) { d.compare() })
	d.target.PlaceHolder = "Choose the portal"
	d.list = widgets.NewColumn(8)
	d.scroll = container.NewVScroll(d.list)
	d.frame = container.New(layouts.Tall(140), d.scroll)
	d.dialog = widgets.NewDialog("Take “"+d.name+"” to another portal", "The sync is copied for it. What it uses is compared, and nothing is made that you don’t see here.",
		widgets.NewPaddedColumn(10, 4, 4, layouts.Labelled("To", d.target), d.frame))
	d.dialog.Primary = widgets.NewButton(widgets.Primary, "", "Save the sync", d.finish)
	d.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", func() { d.dialog.Cancel() })}
	d.dialog.OnCancel = d.stop
	d.dialog.First = d.target
	d.say("Choose a portal: its properties, options, pipelines, stages, owners and labels are compared with what the sync uses.")
	d.dialog.Primary.SetReason("Choose the portal first")
	if len(d.portals) < 2 {
		d.target.Reason = "No other portal is connected"
		connect := widgets.NewButton(widgets.Plain, "portal", "Connect another portal…", func() {
			d.dialog.Cancel()
			OpenPortal(d.w, func() { OpenPromote(d.w, d.path, d.name) })
		})
		d.list.Objects = []fyne.CanvasObject{widgets.NewNotice(look.Neutral, "portal", "No other portal is connected", "A sync goes from a sandbox or the practice portal to another one.", connect)}
	}
	d.dialog.Open(d.w.Win.Canvas())
}

func (d *promoteDialog) say(text string) {
	d.list.Objects = []fyne.CanvasObject{widgets.NewParagraph(text, look.Body, look.T2)}
}

// begin starts a work and ends the one before it.
func (d *promoteDialog) begin(what string) (context.Context, int) {
	d.stop()
	ctx, cancel := context.WithCancel(d.w.Ctx)
	d.cancel = cancel
	d.dialog.Primary.SetReason(what)
	return ctx, d.attempt
}

func (d *promoteDialog) stop() {
	d.attempt++
	if d.cancel != nil {
		d.cancel()
		d.cancel = nil
	}
}

// compare asks both portals what they have.
func (d *promoteDialog) compare() {
	to := d.portals[d.target.Selected]
	d.promo = nil
	ctx, mine := d.begin("Comparing both portals")
	d.say("Comparing what the sync uses with " + to.Name + " …")
	d.dialog.Portal, d.dialog.Note = look.Neutral, ""
	if m := wording.PortalMeaning(to.Kind, to.AccountType); m == look.Production {
		d.dialog.Portal, d.dialog.Note = m, to.Name
	}
	d.fit()
	shell.Load(d.w, func(context.Context) (*app.Promotion, error) {
		return d.w.App.NewPromotion(ctx, d.path, "", to.Name, "")
	}, func(p *app.Promotion) {
		if mine == d.attempt {
			d.promo = p
			d.show()
		}
	}, func(err error) {
		if mine == d.attempt {
			d.failed(err)
		}
	})
}

func (d *promoteDialog) failed(err error) {
	d.stop()
	d.dialog.Primary.SetReason("Compare again, or choose another portal")
	if !errors.Is(err, context.Canceled) {
		e := app.Explain(err)
		d.list.Objects = []fyne.CanvasObject{widgets.NewErrorPanel(wording.SentenceCase(e.What), wording.SentenceCase(e.Do), e.CorrelationID,
			widgets.NewButton(widgets.Plain, "retry", "Compare again", d.compare))}
	}
	d.fit()
}

// show lists what is missing, with what is done about it.
func (d *promoteDialog) show() {
	d.list.Objects = nil
	if len(d.promo.Lacks) == 0 {
		d.list.Add(widgets.NewNotice(look.Create, "check-circle", "Everything that the sync uses is there", "Nothing has to be made in "+d.promo.To.Name+"."))
	}
	for i := range d.promo.Lacks {
		d.list.Add(d.lack(i))
	}
	for _, n := range d.promo.Notes {
		d.list.Add(widgets.NewNotice(look.Conflict, "", "", n))
	}
	d.list.Add(widgets.NewParagraph("The copy is a sync of its own, "+filepath.Base(d.promo.Path)+", with ids translated. Nothing that is in "+d.promo.To.Name+" is changed or taken away.", look.Small, look.T2))
	d.count()
}

// lack is one thing that is missing.
func (d *promoteDialog) lack(i int) fyne.CanvasObject {
	l := d.promo.Lacks[i]
	what := wording.SentenceCase(l.What)
	switch {
	case !l.Makes:
		return widgets.NewNotice(look.Failed, "", what+".", "Only a person can bring it there.")
	case l.Blocks:
		return widgets.NewColumn(1, widgets.NewIconText(look.Create.Icon(), what, look.Body, look.T1), layouts.Indented(widgets.NewLine("Made: the sync can’t work without it", look.Caption, look.T2)))
	}
	c := widgets.NewCheck(what, !l.Left, nil)
	under := widgets.NewLine("", look.Caption, look.T2)
	words := func(on bool) string {
		if on {
			return "Made"
		}
		return "Left: rows that need it fail there"
	}
	under.SetText(words(!l.Left))
	c.OnChanged = func(on bool) {
		if err := d.promo.Leave(i, !on); err != nil {
			c.SetOn(!on)
			d.w.Fail(err)
			return
		}
		under.SetText(words(on))
		d.count()
	}
	return widgets.NewColumn(1, c, layouts.Indented(under))
}

// count says on the button what pressing it does.
func (d *promoteDialog) count() {
	n := 0
	for _, l := range d.promo.Lacks {
		if l.Makes && !l.Left {
			n++
		}
	}
	switch {
	case d.promo.Blocked():
		d.dialog.Primary.SetText("Save the sync")
		d.dialog.Primary.SetReason("Something is missing that only a person can bring")
	case n == 0:
		d.dialog.Primary.SetText("Save the sync")
		d.dialog.Primary.SetReason("")
	default:
		d.dialog.Primary.SetText(fmt.Sprintf("Make %s and save", look.Count(n, "thing", "things")))
		d.dialog.Primary.SetReason("")
	}
	d.fit()
}

// fit gives the list the height that it needs, within bounds.
func (d *promoteDialog) fit() {
	d.list.Resize(fyne.NewSize(look.DialogWidth-50, 100)) // so that its height is that of this width
	d.frame.Layout = layouts.Tall(min(max(d.list.MinSize().Height, 100), 320))
	d.list.Refresh()
	d.frame.Refresh()
	d.dialog.Refresh()
}

// finish makes what was chosen, saves the sync, and offers its plan.
func (d *promoteDialog) finish() {
	p := d.promo
	ctx, mine := d.begin("Making what is missing")
	for _, o := range d.list.Objects { // what is being made is not chosen anew
		if inside, ok := o.(*fyne.Container); ok && len(inside.Objects) > 0 {
			if c, ok := inside.Objects[0].(*widgets.Check); ok {
				c.Reason = "It is being made"
				c.Refresh()
			}
		}
	}
	shell.Load(d.w, func(context.Context) (string, error) {
		if err := p.Make(ctx); err != nil {
			return "", err
		}
		if err := p.Finish(ctx); err != nil {
			return "", err
		}
		return p.Definition.Name, d.w.App.AddSync(ctx, p.Path)
	}, func(name string) {
		d.stop()
		d.dialog.Close()
		made := slices.ContainsFunc(p.Lacks, func(l app.Lack) bool { return l.Makes && !l.Left })
		text := "Saved for " + p.To.Name
		if made {
			text = "Made what was missing and saved for " + p.To.Name
		}
		d.w.GoTo(shell.PlaceHome)
		d.w.Toast(look.Create, text, "Preview", func() { d.w.Rooms.Preview(p.Path, name) })
	}, func(err error) {
		if mine == d.attempt {
			d.failed(err)
		}
	})
}
