package fieldmap

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
	"syncline/ui/post"
)

// Example is one value on its way to HubSpot.
type Example struct {
	Before string
	After  string
	Err    string // why it cannot be converted, a few words
}

// Preview is what a line's settings make of the source's rows.
type Preview struct {
	Examples       []Example // three, one of them failing if any does
	Converts, Rows int       // of how many rows the value converts; Rows 0 for not counted
	Found          bool      // the values are read to find records, and not converted
}

// Sentence is the count that converts.
func (p Preview) Sentence() string {
	does := "convert"
	if p.Found {
		does = "can be read"
	}
	switch {
	case p.Rows == 0:
		return ""
	case p.Converts == p.Rows:
		return fmt.Sprintf("All %s rows %s.", look.Number(p.Rows), does)
	}
	return fmt.Sprintf("%s of %s rows %s.", look.Number(p.Converts), look.Number(p.Rows), does)
}

const (
	exampleHeight float32 = 26
	exampleInset  float32 = 8
)

// previewBox shows examples, before and after.
type previewBox struct {
	widget.BaseWidget
	preview Preview
	stale   bool // the settings are newer: the content is dimmed
	brush   brush
}

func newPreviewBox() *previewBox {
	p := &previewBox{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *previewBox) show(v Preview, stale bool) {
	p.preview, p.stale = v, stale
	p.Refresh()
}

// reasons are the errors that do not fit into their row, broken into lines.
func (p *previewBox) reasons(width float32) [][]string {
	out := make([][]string, len(p.preview.Examples))
	for i, e := range p.preview.Examples {
		if e.Err != "" && look.Mono.Width(e.Err) > p.room(width) {
			out[i] = look.Wrap(e.Err, look.Caption, width-2*exampleInset, 3)
		}
	}
	return out
}

// split is where the arrow stands: in the middle, or as far left of it as the
// longest result needs.
func (p *previewBox) split(width float32) float32 {
	split := width * 0.475
	for _, e := range p.preview.Examples {
		split = min(split, width-look.Mono.Width(e.After)-22-exampleInset)
	}
	return max(split, width*0.36)
}

func (p *previewBox) room(width float32) float32 {
	return width - p.split(width) - 20 - exampleInset
}

// HeightFor is the height at a width: rows, and lines for long reasons.
func (p *previewBox) HeightFor(width float32) float32 {
	h := exampleHeight * float32(max(len(p.preview.Examples), 1))
	for _, lines := range p.reasons(width) {
		h += float32(len(lines)) * look.Caption.Line
	}
	return h + 8
}

// MinSize implements fyne.CanvasObject.
func (p *previewBox) MinSize() fyne.Size {
	return fyne.NewSize(160, p.HeightFor(max(p.Size().Width, 160)))
}

// CreateRenderer implements fyne.Widget.
func (p *previewBox) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(p, &p.brush, p.MinSize, func(size fyne.Size) {
		b := &p.brush
		b.rect(Rect{0, 0, size.Width, size.Height}, look.RadiusButton, look.Sunken, look.Clear, 0)
		if len(p.preview.Examples) == 0 {
			says := "No row has a value here"
			if p.stale {
				says = "Reading three rows …"
			}
			b.text(says, look.Small, look.T3, Rect{exampleInset, 4, size.Width - 2*exampleInset, exampleHeight}, fyne.TextAlignLeading)
			return
		}
		y, reasons := float32(4), p.reasons(size.Width)
		for i, e := range p.preview.Examples {
			y = p.example(e, reasons[i], y, size.Width)
		}
	})
}

func (p *previewBox) example(e Example, reason []string, y, width float32) float32 {
	b, split, room := &p.brush, p.split(width), p.room(width)
	before, after, failed := look.T2, look.T1, look.Failed.Text()
	if p.stale {
		before, after, failed = look.T3, look.T3, look.T3
	}
	value := e.Before
	if value == "" {
		value, before = "no value", look.T3
	}
	b.text(value, look.Mono, before, Rect{exampleInset, y, split - exampleInset - 6, exampleHeight}, fyne.TextAlignLeading)
	b.icon("to-hubspot", before, Rect{split - 1, y + 7, 14, 14})
	box := Rect{split + 20, y, room, exampleHeight}
	switch {
	case e.Err != "" && reason == nil:
		b.text(e.Err, look.Mono, failed, box, fyne.TextAlignLeading)
	case e.Err != "":
		b.icon(look.Failed.Icon(), failed, Rect{box.X, y + 6, 14, 14})
	case e.After == "":
		b.text("nothing", look.Mono, look.T3, box, fyne.TextAlignLeading)
	default:
		b.text(e.After, look.Mono, after, box, fyne.TextAlignLeading)
	}
	y += exampleHeight
	for _, line := range reason {
		b.text(line, look.Caption, failed, Rect{exampleInset, y, width - 2*exampleInset + 2, look.Caption.Line}, fyne.TextAlignLeading)
		y += look.Caption.Line
	}
	return y
}

// previewer asks for previews one at a time, off the UI goroutine: while one is
// being made only the newest wish waits.
type previewer struct {
	ask     func(Settings) Preview
	post    post.Func
	show    func(Preview)
	wanted  int // counts the wishes
	newest  Settings
	running bool
	quiet   bool // nothing is wanted any more
}

// want asks for a preview of these settings.
func (p *previewer) want(s Settings) {
	p.wanted++
	p.newest, p.quiet = s.Clone(), false
	if !p.running {
		p.start()
	}
}

// forget drops what is under way.
func (p *previewer) forget() {
	p.wanted++
	p.quiet = true
}

func (p *previewer) start() {
	if p.ask == nil || p.post == nil {
		return
	}
	p.running = true
	settings, number, ask := p.newest, p.wanted, p.ask
	go func() {
		v := ask(settings)
		p.post(func() { p.done(v, number) })
	}()
}

func (p *previewer) done(v Preview, number int) {
	p.running = false
	switch {
	case p.quiet:
	case number != p.wanted:
		p.start()
	default:
		p.show(v)
	}
}
