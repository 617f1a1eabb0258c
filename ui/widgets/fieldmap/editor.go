package fieldmap

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
	"syncline/ui/post"
)

// Editor is the field map with its inspector, joined: what is selected in the
// one is edited in the other, and what is edited is an undoable edit of the
// model. It takes the model's OnSelect.
type Editor struct {
	widget.BaseWidget

	Model     *Model
	Board     *Board
	Inspector *Inspector

	// Describe gives what the inspector must know about a line beyond the line
	// itself. It is called when the line is selected, and must be quick.
	Describe func(Link) Subject
	// OnSelect is called with the line selected now, nil for none.
	OnSelect func(*Link)
}

// NewEditor makes the editor of a model. preview makes a preview of a line with
// settings, off the UI goroutine; post brings its answer back.
func NewEditor(m *Model, heads Heads, preview func(Ref, Settings) Preview, post post.Func) *Editor {
	e := &Editor{Model: m, Board: NewBoard(m, heads)}
	e.Inspector = NewInspector(nil, post)
	e.Inspector.OnChange = func(s Settings) {
		if l := m.Selected(); l != nil && m.Update(l.Ref, s) {
			e.Board.Refresh()
		}
	}
	e.Inspector.OnRemove = func() {
		if l := m.Selected(); l != nil {
			m.Disconnect(l.Ref)
			e.Board.Refresh()
		}
	}
	e.Inspector.OnAccept = func() {
		l := m.Selected()
		if l == nil {
			return
		}
		if m.AskAccept != nil {
			m.AskAccept(*l, true)
			return
		}
		if ok, why := m.Accept(l.Ref); !ok {
			e.Board.Say(why)
			return
		}
		e.Board.Refresh()
		e.showSelected()
	}
	m.OnSelect = func(l *Link) {
		if l != nil && preview != nil {
			r := l.Ref // the line it is asked for, whatever is selected later
			e.Inspector.preview.ask = func(s Settings) Preview { return preview(r, s) }
		}
		e.showSelected()
		if e.OnSelect != nil {
			e.OnSelect(l)
		}
	}
	e.ExtendBaseWidget(e)
	return e
}

// showSelected brings the inspector to the selected line.
func (e *Editor) showSelected() {
	l := e.Model.Selected()
	if l == nil {
		e.Inspector.SetSubject(nil)
		return
	}
	s := Subject{Link: *l}
	if e.Describe != nil {
		s = e.Describe(*l)
		s.Link = *l
	}
	if _, p := e.Model.ends(l.Ref); s.Label == "" && p >= 0 {
		s.Label = e.Model.title(End{HubSpot, p})
	}
	e.Inspector.SetSubject(&s)
}

// Refresh shows what the model holds now, after it was changed from outside.
func (e *Editor) Refresh() {
	e.Board.Refresh()
	e.showSelected()
	e.Inspector.Refresh()
	canvas.Refresh(e)
}

// Focus gives the keyboard to the map.
func (e *Editor) Focus() { e.Board.Focus() }

// MinSize implements fyne.CanvasObject.
func (e *Editor) MinSize() fyne.Size {
	return fyne.NewSize(MinWidth+e.Inspector.MinSize().Width, e.Board.MinSize().Height)
}

// CreateRenderer implements fyne.Widget.
func (e *Editor) CreateRenderer() fyne.WidgetRenderer { return &editorRenderer{e} }

type editorRenderer struct{ e *Editor }

func (r *editorRenderer) Destroy()           {}
func (r *editorRenderer) MinSize() fyne.Size { return r.e.MinSize() }
func (r *editorRenderer) Refresh()           { r.e.Refresh() }

func (r *editorRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.e.Board, r.e.Inspector}
}

func (r *editorRenderer) Layout(size fyne.Size) {
	side := look.InspectorWidth
	if size.Width-side < MinWidth {
		side = max(size.Width-MinWidth, r.e.Inspector.MinSize().Width)
	}
	r.e.Board.Move(fyne.NewPos(0, 0))
	r.e.Board.Resize(fyne.NewSize(size.Width-side, size.Height))
	r.e.Inspector.Move(fyne.NewPos(size.Width-side, 0))
	r.e.Inspector.Resize(fyne.NewSize(side, size.Height))
}
