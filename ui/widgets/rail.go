package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// RailItem is one screen in the rail.
type RailItem struct {
	Icon  look.Icon
	Word  string
	Count int // open conflicts, as a pill; 0 for none
}

// Rail is the navigation at the left edge. Up and Down move, Enter opens.
type Rail struct {
	pressable

	Items   []RailItem
	Current int
	Compact bool // 56 wide: icons only, the count under the icon

	OnOpen func(item int)

	cursor   int // the item the keyboard is on
	over     int // the item under the pointer, -1 for none
	back     *canvas.Rectangle
	edge     *canvas.Rectangle
	mark     *canvas.Image
	name     *canvas.Text
	parts    []railPart
	ring     draw.Ring
	renderer *draw.Flat
}

type railPart struct {
	box, bar    *canvas.Rectangle
	image       *canvas.Image
	word, count *canvas.Text
	pill        *canvas.Rectangle
}

// NewRail makes the rail.
func NewRail(items []RailItem, open func(int)) *Rail {
	r := &Rail{Items: items, OnOpen: open, over: -1}
	r.extend(r, func() { r.open(r.cursor) }, nil)
	return r
}

// SetCurrent marks the screen that is shown, without calling OnOpen.
func (r *Rail) SetCurrent(item int) {
	r.Current, r.cursor = item, item
	r.Refresh()
}

// SetCount changes the pill of an item.
func (r *Rail) SetCount(item, count int) {
	if r.Items[item].Count != count {
		r.Items[item].Count = count
		r.Refresh()
	}
}

// SetCompact switches between the wide and the narrow form.
func (r *Rail) SetCompact(compact bool) {
	if r.Compact != compact {
		r.Compact = compact
		r.Refresh()
	}
}

func (r *Rail) open(item int) {
	if item < 0 || item >= len(r.Items) {
		return
	}
	r.SetCurrent(item)
	if r.OnOpen != nil {
		r.OnOpen(item)
	}
}

// TypedKey implements fyne.Focusable.
func (r *Rail) TypedKey(e *fyne.KeyEvent) {
	to := r.cursor
	switch e.Name {
	case fyne.KeyUp:
		to--
	case fyne.KeyDown:
		to++
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = len(r.Items) - 1
	default:
		r.pressable.TypedKey(e)
		return
	}
	r.cursor = min(max(to, 0), len(r.Items)-1)
	r.Refresh()
}

// Tapped opens the item under the pointer.
func (r *Rail) Tapped(e *fyne.PointEvent) { r.open(r.hit(e.Position)) }

// DragEnd opens the item where the pointer was let go.
func (r *Rail) DragEnd() {
	r.pressed = false
	r.open(r.hit(r.within))
}

// MouseMoved implements desktop.Hoverable.
func (r *Rail) MouseMoved(e *desktop.MouseEvent) {
	if over := r.hit(e.Position); over != r.over {
		r.over = over
		r.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (r *Rail) MouseOut() {
	r.over = -1
	r.pressable.MouseOut()
}

// Cursor is a hand over an item only.
func (r *Rail) Cursor() desktop.Cursor {
	if r.over >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// bounds is the box of an item.
func (r *Rail) bounds(item int) (x, y, w, h float32) {
	x, y, w = 12, 62, look.RailWidth-25
	if r.Compact {
		x, y, w = 8, 48, look.RailCompact-16
	}
	for i := range r.Items[:item] {
		y += r.itemHeight(i) + 2
	}
	return x, y, w, r.itemHeight(item)
}

func (r *Rail) itemHeight(item int) float32 {
	if r.Compact && r.Items[item].Count > 0 {
		return 48
	}
	return 36
}

func (r *Rail) hit(p fyne.Position) int {
	for i := range r.Items {
		x, y, w, h := r.bounds(i)
		if p.X >= x && p.X < x+w && p.Y >= y && p.Y < y+h {
			return i
		}
	}
	return -1
}

// CreateRenderer implements fyne.Widget.
func (r *Rail) CreateRenderer() fyne.WidgetRenderer {
	r.back, r.edge, r.ring = draw.NewRect(0), draw.NewRect(0), draw.NewRing(look.RadiusButton)
	r.mark = canvas.NewImageFromResource(look.Plain("app-small"))
	r.mark.FillMode = canvas.ImageFillContain
	r.name = draw.NewText(look.Heading)
	r.renderer = &draw.Flat{Owner: r, Min: r.min, Arrange: r.layout, Paint: r.paint}
	r.paint()
	return r.renderer
}

func (r *Rail) min() fyne.Size {
	w := look.RailWidth
	if r.Compact {
		w = look.RailCompact
	}
	_, y, _, h := r.bounds(len(r.Items) - 1)
	return fyne.NewSize(w, y+h+12)
}

func (r *Rail) paint() {
	for len(r.parts) < len(r.Items) {
		p := railPart{draw.NewRect(look.RadiusButton), draw.NewRect(1.5), draw.NewImage(), draw.NewText(look.Body), draw.NewText(look.CaptionBold), draw.NewRect(look.PillHeight / 2)}
		p.count.Alignment = fyne.TextAlignCenter
		r.parts = append(r.parts, p)
	}
	draw.PaintRect(r.back, look.Sunken, look.Clear)
	draw.PaintRect(r.edge, look.Stroke, look.Clear)
	draw.PaintText(r.name, "Syncline", look.Heading, look.T1)
	draw.Show(r.name, !r.Compact)
	objects := append(r.renderer.Objs[:0], r.back, r.edge, r.mark, r.name)
	for i, p := range r.parts {
		r.paintItem(i, p)
		objects = append(objects, p.box, p.bar, p.image, p.word, p.pill, p.count)
	}
	r.ring.Paint(r.focused)
	r.renderer.Objs = append(objects, r.ring.Rectangle)
}

func (r *Rail) paintItem(i int, p railPart) {
	it, current := r.Items[i], i == r.Current
	fill, stroke, ink, kind := look.Clear, look.Clear, look.T2, look.Body
	switch {
	case current:
		fill, stroke, ink, kind = look.Surface, look.Stroke, look.T1, look.Strong
	case i == r.over:
		fill = look.Hover
	}
	draw.PaintRect(p.box, fill, stroke)
	draw.PaintRect(p.bar, look.Accent, look.Clear)
	draw.Show(p.bar, current)
	draw.PaintIcon(p.image, it.Icon, ink)
	draw.PaintText(p.word, it.Word, kind, ink)
	draw.Show(p.word, !r.Compact)
	draw.PaintRect(p.pill, look.Conflict.Tint(), look.Clear)
	draw.Show(p.pill, it.Count > 0 && !r.Compact)
	draw.PaintText(p.count, look.Number(it.Count), look.CaptionBold, look.Conflict.Text())
	draw.Show(p.count, it.Count > 0)
}

func (r *Rail) layout(size fyne.Size) {
	draw.Place(r.back, 0, 0, size.Width, size.Height)
	draw.Place(r.edge, size.Width-1, 0, 1, size.Height)
	if r.Compact {
		draw.Place(r.mark, 15, 11, 26, 26)
	} else {
		draw.Place(r.mark, 18, 19, 26, 26)
		draw.Place(r.name, 54, 19, size.Width-60, 26)
	}
	for i, p := range r.parts {
		x, y, w, h := r.bounds(i)
		draw.Place(p.box, x, y, w, h)
		draw.Place(p.bar, x, y+(h-20)/2, 3, 20)
		if r.Compact {
			top := y + (36-20)/2
			if h > 36 {
				top = y + 6
			}
			draw.Place(p.image, x+(w-20)/2, top, 20, 20)
			draw.Place(p.count, x, top+20, w, look.CaptionBold.Line)
			continue
		}
		draw.Place(p.image, x+11, y+(h-20)/2, 20, 20)
		draw.Place(p.word, x+41, y, w-41-60, h)
		pw := PillWidth(p.count.Text)
		draw.Place(p.pill, x+w-11-pw, y+(h-look.PillHeight)/2, pw, look.PillHeight)
		draw.Place(p.count, x+w-11-pw, y+(h-look.PillHeight)/2, pw, look.PillHeight)
	}
	if len(r.Items) > 0 {
		x, y, w, h := r.bounds(r.cursor)
		r.ring.Inside(x, y, w, h)
	}
}
