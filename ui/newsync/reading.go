package newsync

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// headerLines is how many lines from the top are offered for the header.
const headerLines = 12

// questions ask how the file is read: which characters these are, and which
// words mean nothing.
func (c *sourceStep) questions() []fyne.CanvasObject {
	return slices.Concat(c.characters(), c.zones(), c.emptyWords())
}

// characters asks for the encoding, by what each makes of some words.
func (c *sourceStep) characters() []fyne.CanvasObject {
	d := c.s.draft
	choices, open := d.Encodings()
	if len(choices) == 0 {
		return nil
	}
	options, selected := make([]string, 0, len(choices)), -1
	for i, choice := range choices {
		options = append(options, fmt.Sprintf("%s · %s", choice.Sample, choice.Label))
		if choice.Value == d.Reading().Encoding {
			selected = i
		}
	}
	c.encoding = widgets.NewSelect(options, selected, func(i int) {
		r := d.Reading()
		r.Encoding = choices[i].Value
		c.reread(r)
	})
	c.encoding.PlaceHolder = "Choose what reads right"
	text := fmt.Sprintf("“%s” is now read as “%s”.", choices[0].Sample, sampleOf(selected, options))
	if open {
		text = fmt.Sprintf("The file does not say how it writes characters. As shown, it says “%s”. Choose what reads right; nothing is written before.", choices[0].Sample)
	}
	return []fyne.CanvasObject{
		widgets.NewLine("Which characters are these?", look.Heading, look.T1),
		widgets.NewParagraph(text, look.Small, look.T2), c.encoding, widgets.NewSeparator(),
	}
}

func sampleOf(selected int, options []string) string {
	if selected < 0 {
		return options[0]
	}
	return options[selected]
}

// emptyWords offers the words that may mean nothing.
func (c *sourceStep) emptyWords() []fyne.CanvasObject {
	d := c.s.draft
	words := d.Words()
	if len(words) == 0 {
		return nil
	}
	parts := []fyne.CanvasObject{
		widgets.NewLine("Which words mean “empty”?", look.Heading, look.T1),
		widgets.NewParagraph("Choose those that mean “empty” in this file. A program’s word that is not chosen, such as NULL, stops its row; any other stays a word. If you take every choice back, all of them stay words.", look.Small, look.T2),
	}
	for _, word := range words {
		parts = append(parts, widgets.NewCheck("“"+word+"”", slices.Contains(d.Reading().Blanks, word), func(on bool) {
			r := d.Reading()
			r.Blanks = slices.DeleteFunc(slices.Clone(r.Blanks), func(w string) bool { return w == word })
			if on {
				r.Blanks = append(r.Blanks, word)
			}
			r.NoBlanks = len(r.Blanks) == 0
			c.reread(r)
		}))
	}
	return append(parts, widgets.NewSeparator())
}

// headerLine asks where the names of the columns stand.
func (c *sourceStep) headerLine() []fyne.CanvasObject {
	d := c.s.draft
	at := d.Schema.HeaderRow
	if at == 0 {
		return nil
	}
	var options []string
	for i := range max(headerLines, at) {
		options = append(options, fmt.Sprintf("Line %d", i+1))
	}
	c.header = widgets.NewSelect(options, at-1, func(i int) {
		r := d.Reading()
		r.HeaderRow = i + 1
		c.reread(r)
	})
	return []fyne.CanvasObject{widgets.NewLine("The names of the columns are in", look.Small, look.T2), c.header}
}

// reread reads the file in another way. Where that can't be done, it stays as
// it was.
func (c *sourceStep) reread(r app.Reading) {
	d := c.s.draft
	ctx, job := c.begin("Reading " + c.name())
	c.count = nil
	c.s.changed(stepSource)
	c.showKey()
	c.s.refresh()
	shell.Load(c.s.w, func(context.Context) (*app.Draft, error) { return c.s.w.App.Reread(ctx, d, r) }, func(again *app.Draft) {
		if job != c.job {
			return
		}
		c.stop()
		c.s.draft, c.rowKeys = again, again.SuggestRowKey()
		c.show()
		if len(c.rowKeys) > 0 && c.rowKeys[0].Verdict != suggest.NotAKey {
			c.setKey([]string{c.rowKeys[0].Column}, "")
		}
		c.s.refresh()
	}, func(err error) {
		if job != c.job {
			return
		}
		c.stop()
		c.show()
		c.s.refresh()
		c.s.w.Fail(err)
	})
}
