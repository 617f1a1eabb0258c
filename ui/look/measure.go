package look

import "fyne.io/fyne/v2"

// Measures of the parts, in Fyne's units (pixels at 100 %).
const (
	RailWidth        float32 = 200
	RailCompact      float32 = 56
	HeaderHeight     float32 = 64
	HeaderCompact    float32 = 52
	StatusHeight     float32 = 30
	ControlHeight    float32 = 32 // button, entry, select, segment
	SmallButton      float32 = 26
	SmallEntry       float32 = 28
	ChipHeight       float32 = 30
	PillHeight       float32 = 18
	TagHeight        float32 = 18
	KeyCapHeight     float32 = 18
	GridHeader       float32 = 32
	RowCompact       float32 = 32
	RowComfortable   float32 = 44
	MarkSmall        float32 = 20 // fate mark in grids
	MarkMedium       float32 = 24 // in panels
	MarkLarge        float32 = 32 // in alerts
	LaneHeight       float32 = 76
	KeyHintsHeight   float32 = 36
	ToastWidth       float32 = 400
	ToastHeight      float32 = 44
	DialogWidth      float32 = 640
	InspectorWidth   float32 = 300
	ExplanationWidth float32 = 316
	ExplanationSlim  float32 = 260
	PageMargin       float32 = 24
	PageMarginSlim   float32 = 16
	GapCards         float32 = 12
	GapGroups        float32 = 16
	GapIcon          float32 = 6

	// CompactBelow is the window width under which the rail collapses, the
	// margins shrink and secondary header buttons move into the menu.
	CompactBelow float32 = 1100

	// MinWidth and MinHeight are the smallest window.
	MinWidth  float32 = 1024
	MinHeight float32 = 640
)

// Radii.
const (
	RadiusDialog float32 = 10
	RadiusCard   float32 = 8
	RadiusButton float32 = 6
	RadiusMark   float32 = 5
	RadiusTag    float32 = 4
)

// Type is a step of the type scale: size, weight, family and line height.
type Type struct {
	Size, Line float32
	Bold, Mono bool
}

// The type scale. Two weights only: the bold slot holds Inter SemiBold.
var (
	Figure      = Type{Size: 24, Line: 30, Bold: true}             // one number a screen at most
	Title       = Type{Size: 20, Line: 24, Bold: true}             // screen title
	TitleSlim   = Type{Size: 17, Line: 22, Bold: true}             // screen title below CompactBelow, dialog title
	Heading     = Type{Size: 15, Line: 20, Bold: true}             // card and panel titles
	Total       = Type{Size: 17, Line: 24, Bold: true}             // counts by fate on Run
	Body        = Type{Size: 13, Line: 18}                         // everything
	Strong      = Type{Size: 13, Line: 18, Bold: true}             // names, the new value
	Small       = Type{Size: 12, Line: 16}                         // second lines, status bar, grid header
	SmallStrong = Type{Size: 12, Line: 16, Bold: true}             // a figure within small text
	Caption     = Type{Size: 11, Line: 15}                         // units, times, old values
	CaptionBold = Type{Size: 11, Line: 15, Bold: true}             // group captions
	Mono        = Type{Size: 12, Line: 16, Mono: true}             // row keys, ids, internal names
	MonoStrong  = Type{Size: 12, Line: 16, Mono: true, Bold: true} // a new value in mono
	MonoSide    = Type{Size: 13.5, Line: 18, Mono: true}           // values in the side-by-side
	MonoCap     = Type{Size: 11, Line: 15, Mono: true}             // key caps, internal names on cards
)

// Style is the Fyne style of the type.
func (t Type) Style() fyne.TextStyle {
	return fyne.TextStyle{Bold: t.Bold, Monospace: t.Mono}
}

// Width is how wide s is in this type.
func (t Type) Width(s string) float32 {
	if s == "" {
		return 0
	}
	return fyne.MeasureText(s, t.Size, t.Style()).Width
}
