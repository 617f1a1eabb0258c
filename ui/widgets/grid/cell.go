package grid

import (
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Align says to which edge a column's texts stand.
type Align uint8

// The alignments. Numbers, counts and dates of one format stand right.
const (
	Left Align = iota
	Right
)

// Column describes one column. The grid keeps the width the user gave it.
type Column struct {
	ID    string // names the column in sort and resize reports
	Title string
	Icon  look.Icon    // before the title, such as the side's glyph
	Side  look.Meaning // colours the icon

	Width float32 // starting width
	Min   float32 // never narrower; 40 unless set
	Grow  float32 // share of the width that is left over; 0 keeps Width
	Fixed bool    // the user cannot change the width
	Align Align

	Sortable bool
	Lead     bool // names the row: semibold while selected; type-ahead looks here
	Check    bool // holds the row's checkbox; the header checks all
}

// Style is how a cell's text is written.
type Style uint8

// The styles.
const (
	Value  Style = iota // a value or a name
	Label               // of less weight than the values beside it
	Faint               // units, "no value", placeholders
	Strong              // semibold
)

// Check is the state of a cell's checkbox.
type Check uint8

// The states of a checkbox; NoCheck draws none, because there is nothing to
// decide.
const (
	NoCheck Check = iota
	Unchecked
	Checked
	SomeChecked // of the rows below a header's box
)

// Cell is what a row shows in one column. Text comes with Second, an icon and a
// style; Change, Mark, Tag, Bar and Check are forms of their own.
type Cell struct {
	Text   string
	Second string // caption under the text, in rows of 44 and more
	Style  Style
	Mono   bool
	Ink    look.Token // overrides the style's colour: a meaning's text colour

	Indent  int       // how far the text stands inwards: a part of the row above
	Icon    look.Icon // before the text
	IconInk look.Token

	Mark    look.Meaning // a fate mark instead of a text
	TagOf   look.Meaning // a tag with Text instead of a plain text
	PillOf  look.Meaning // a round label around Text, a count
	TagIcon look.Icon

	Bar      []widgets.Part // a stacked bar instead of a text
	BarTotal int

	Check  Check
	Change *widgets.Change // a changed cell

	// Pending says that the value is not read yet; a bar stands in its place.
	Pending bool
}

// plain is the cell as copied to the clipboard.
func (c Cell) plain() string {
	switch {
	case c.Change != nil:
		return c.Change.New
	case c.Mark != look.Neutral:
		return c.Mark.Word()
	case c.Check == Checked:
		return "yes"
	case c.Check == Unchecked:
		return "no"
	}
	return c.Text
}

// full is what the hover text says when the cell is cut.
func (c Cell) full() string {
	switch {
	case c.Change != nil && c.Change.Note != "":
		return c.Change.New + "\n" + c.Change.Note
	case c.Change != nil && c.Change.Old != "":
		return c.Change.New + "\nbefore: " + c.Change.Old
	case c.Change != nil:
		return c.Change.New
	case c.Mark != look.Neutral:
		return c.Mark.Word()
	case c.Second != "":
		return c.Text + "\n" + c.Second
	}
	return c.Text
}

func (c Cell) kind(lead bool) look.Type {
	k := look.Body
	if c.Mono {
		k = look.Mono
	}
	k.Bold = lead || c.Style == Strong
	return k
}

func (c Cell) ink(dim bool) look.Token {
	switch {
	case dim || c.Style == Faint:
		return look.T3
	case c.Ink != "":
		return c.Ink
	case c.Style == Label:
		return look.T2
	}
	return look.T1
}

// RowState is how a whole row is drawn.
type RowState uint8

// The states of a row.
const (
	Normal RowState = iota
	Dimmed          // decided, or out of the selection: readable, but quiet
)
