package shell

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// FatesCard shows counts as a bar and as the sum that they make; addUp is "yes"
// or why they do not.
func FatesCard(title string, c engine.Counts, addUp string) fyne.CanvasObject {
	counts := wording.MeaningCounts(c)
	parts := widgets.FateParts(counts, look.Create, look.Update, look.Unchanged, look.Conflict, look.Skipped, look.Failed)
	var terms []string
	for _, t := range []struct {
		n    int
		word string
	}{{c.Created, "created"}, {c.Updated, "updated"}, {c.Unchanged, "unchanged"}, {c.Conflict, "in conflict"}, {c.Skipped, "skipped"}, {c.Failed, "failed"}} {
		terms = append(terms, look.Number(t.n)+" "+t.word)
	}
	if c.ToDo > 0 {
		terms = append(terms, look.Number(c.ToDo)+" still to do")
	}
	sum := strings.Join(terms, " + ") + " = " + look.Number(c.Read) + " read"
	verdict := widgets.NewIconText("check-circle", "They add up, and are those of the plan’s rows", look.Small, look.Create.Text())
	if addUp != "yes" {
		verdict = widgets.NewIconText(look.Failed.Icon(), "They do not add up: "+addUp, look.Small, look.Failed.Text())
	}
	return widgets.NewCard(widgets.NewColumn(8, widgets.NewLine(title, look.Heading, look.T1), widgets.NewStackedBar(8, c.Read, parts...),
		widgets.NewParagraph(sum, look.Body, look.T1), verdict))
}

// ExportReport asks for a file and writes a signed report into it.
func (w *Window) ExportReport(name string, write func(ctx context.Context, path string) (app.Signature, error)) {
	w.SaveFile(name, []string{".html", ".json"}, func(path string) {
		Load(w, func(ctx context.Context) (app.Signature, error) { return write(ctx, path) }, func(sig app.Signature) {
			text := "It was written to " + path + "."
			d := widgets.NewDialog("The report is written and signed", "", nil)
			rows := widgets.NewColumn(10, widgets.NewParagraph(text, look.Body, look.T1))
			if sig.Value == "" {
				d.Title = "The report is written, without a signature"
				rows.Add(widgets.NewNotice(look.Conflict, "", "Nothing proves who made it", wording.SentenceCase(sig.Unsigned)+"."))
			} else {
				rows.Add(widgets.NewParagraph("Tell whoever gets it this fingerprint by another way, such as the telephone. They check the file here or with “syncline report --verify”, and compare.", look.Body, look.T2))
				rows.Add(widgets.NewParagraph(sig.Fingerprint, look.Mono, look.T1))
				copied := widgets.NewButton(widgets.Plain, "copy", "Copy the fingerprint", func() { w.Fyne.Clipboard().SetContent(sig.Fingerprint) })
				copied.Small = true
				rows.Add(widgets.NewRow(0, copied))
			}
			d.Content, d.Width = rows, 520
			d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
			d.Open(w.Win.Canvas())
		}, nil)
	})
}
