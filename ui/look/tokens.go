package look

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
)

// Token names one colour of the palette. It is a Fyne theme colour name, so
// that standard widgets and coloured resources can use it as well.
type Token = fyne.ThemeColorName

// The neutrals.
const (
	Bg       Token = "syncline.bg"       // window background
	Surface  Token = "syncline.surface"  // cards, grids, entries, inspector
	Sunken   Token = "syncline.sunken"   // rail, menu bar, grid header, info boxes
	Raised   Token = "syncline.raised"   // menus, toasts, dialogs
	Hover    Token = "syncline.hover"    // row or button under the pointer
	Select   Token = "syncline.select"   // selected row, segment, card
	SelectLn Token = "syncline.selectln" // bar or stroke of the selection
	Stroke   Token = "syncline.stroke"   // card and row lines
	Stroke2  Token = "syncline.stroke2"  // button and chip lines, gauge track
	Control  Token = "syncline.control"  // entry, checkbox and port outline
	T1       Token = "syncline.t1"       // text: values, titles
	T2       Token = "syncline.t2"       // text: labels, second lines
	T3       Token = "syncline.t3"       // text: captions, placeholders, units
	Off      Token = "syncline.off"      // disabled text
	Accent   Token = "syncline.accent"   // primary button, links, progress
	AccentH  Token = "syncline.accenth"  // primary button under the pointer
	OnAccent Token = "syncline.onaccent" // text on accent
	Focus    Token = "syncline.focus"    // focus ring
	Scrim    Token = "syncline.scrim"    // behind a dialog
	OnSolid  Token = "syncline.onsolid"  // white, on the production block only
	Clear    Token = "syncline.clear"    // no fill
)

// pair is a token's value in the light and in the dark look.
type pair struct{ light, dark color.NRGBA }

// of builds a pair from two 0xRRGGBB values.
func of(light, dark uint32) pair { return pair{rgb(light), rgb(dark)} }

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xFF}
}

// palette is the one place where colours have values. The meanings add theirs
// in init, from the table in meaning.go.
var palette = map[Token]pair{
	Bg:       of(0xF7F6F3, 0x14171A),
	Surface:  of(0xFFFFFF, 0x1B1F23),
	Sunken:   of(0xEFEDE8, 0x101316),
	Raised:   of(0xFFFFFF, 0x22272C),
	Hover:    of(0xF1EFEA, 0x23282D),
	Select:   of(0xE3EBF4, 0x20303F),
	SelectLn: of(0x1F4468, 0x9CC4EC),
	Stroke:   of(0xE2DED7, 0x2D3338),
	Stroke2:  of(0xCBC6BD, 0x424A51),
	Control:  of(0x8E897F, 0x737C85),
	T1:       of(0x1C232B, 0xE9EBED),
	T2:       of(0x4B5560, 0xB4BBC2),
	T3:       of(0x5F666E, 0x959DA6),
	Off:      of(0x9A968E, 0x5F666D),
	Accent:   of(0x1F4468, 0x9CC4EC),
	AccentH:  of(0x2A567F, 0xB4D3F2),
	OnAccent: of(0xFFFFFF, 0x0F1D2B),
	Focus:    of(0x2F6FE0, 0x6EA6FF),
	Scrim:    {color.NRGBA{0x1C, 0x23, 0x2B, 0x80}, color.NRGBA{0, 0, 0, 0xA0}},
	OnSolid:  of(0xFFFFFF, 0xFFFFFF),
	Clear:    {},
}

// value is the token's colour in one look; ok is false for an unknown token.
func value(t Token, dark bool) (c color.NRGBA, ok bool) {
	p, ok := palette[t]
	if dark {
		return p.dark, ok
	}
	return p.light, ok
}

// Dark reports whether the program is drawn dark at this moment.
func Dark() bool {
	s := fyne.CurrentApp().Settings()
	if t, ok := s.Theme().(*Theme); ok {
		return t.dark(s.ThemeVariant())
	}
	return s.ThemeVariant() == variantDark
}

// Color is the token's colour at this moment. An unknown token is a mistake in
// the program and shows as the text colour, so that it can be seen.
func Color(t Token) color.Color {
	c, ok := value(t, Dark())
	if !ok {
		c, _ = value(T1, Dark())
	}
	return c
}

// Contrast is the WCAG 2.1 contrast ratio of two opaque colours, from 1 to 21.
func Contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xFFFF
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// Mix is the colour that lies the share t (0 to 1) of the way from a to b. The
// two-way line uses it to run from one side's colour into the other's.
func Mix(a, b Token, t float32) color.Color {
	t = min(max(t, 0), 1)
	x, _ := value(a, Dark())
	y, _ := value(b, Dark())
	at := func(p, q uint8) uint8 { return uint8(float32(p) + (float32(q)-float32(p))*t + 0.5) }
	return color.NRGBA{at(x.R, y.R), at(x.G, y.G), at(x.B, y.B), at(x.A, y.A)}
}
