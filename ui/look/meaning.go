package look

import "strings"

// Meaning is something that may carry colour: a fate, a side or a kind of
// portal. Each has a glyph, a word and three colours; colour never stands alone.
type Meaning uint8

// The meanings. Neutral is the absence of one and is drawn in neutrals.
const (
	Neutral    Meaning = iota
	Create             // create, created, granted, healthy, done
	Update             // update, updated
	Cleared            // an update that empties the cell
	Conflict           // conflict, guard rail, warning: a person must decide
	Unchanged          // unchanged, same
	Skipped            // skipped, excluded
	Failed             // refused by HubSpot
	Invalid            // stopped by Syncline
	Source             // the source side; flows to HubSpot
	HubSpot            // the HubSpot side; flows to the source
	Base               // the last agreed value
	Production         // production portal
	Sandbox            // sandbox portal
	Practice           // practice portal
	ToDo               // not reached by a run that did not end: no hue, nothing happened
	Associated         // associations are made or removed; the row itself has another fate
	meanings           // their number
)

// hue is the family of colours a meaning uses; several meanings may share one.
type hue struct {
	name              string
	text, solid, tint pair
}

var hues = []hue{
	{"create", of(0x0F6A4C, 0x6ED3AC), of(0x23A06F, 0x35B083), of(0xDFF3EA, 0x12291F)},
	{"update", of(0x1E55BD, 0x8FB6FF), of(0x3A72DE, 0x5A8BEA), of(0xE5EDFB, 0x18243B)},
	{"conflict", of(0x7D4C00, 0xF0C052), of(0xBE7C00, 0xD1951B), of(0xFFF1CC, 0x33290F)},
	{"unchanged", of(0x565D66, 0xAEB5BC), of(0x9AA1A8, 0x6C747B), of(0xECEDEE, 0x262B30)},
	{"skipped", of(0x65605A, 0xA8A39B), of(0xB7B1A7, 0x5A5F63), of(0xF3F1ED, 0x222629)},
	{"failed", of(0xA81F1C, 0xFF938C), of(0xBE2D2A, 0xDD4A44), of(0xFBE7E5, 0x3A1D1B)},
	{"source", of(0x0A666C, 0x62C9D0), of(0x128A92, 0x2C9EA6), of(0xDDF1F2, 0x10292B)},
	{"hubspot", of(0x6538AE, 0xBCA0F2), of(0x8258CE, 0x8F68D8), of(0xEEE7FA, 0x271E3B)},
	{"base", of(0x5A554D, 0xB5AFA5), of(0x8E887E, 0x77726A), of(0xF0EEE9, 0x262523)},
	{"production", of(0x983909, 0xFFB083), of(0xA8420E, 0xB24A14), of(0xFBEDE3, 0x2E1D13)},
	{"sandbox", of(0x38557A, 0x9DBBE0), of(0x47678F, 0x45658D), of(0xE6EDF5, 0x19232F)},
	{"practice", of(0x4B651C, 0xB9D184), of(0x5D7B28, 0x587527), of(0xEDF3DF, 0x1F2715)},
}

func init() {
	for _, h := range hues {
		palette[Token("syncline."+h.name)] = h.text
		palette[Token("syncline."+h.name+".solid")] = h.solid
		palette[Token("syncline."+h.name+".tint")] = h.tint
	}
}

// signs says which hue, glyph and words a meaning has.
var signs = [meanings]struct {
	hue        string
	icon       Icon
	word, done string
}{
	Create:     {"create", "create", "Create", "Created"},
	Update:     {"update", "update", "Update", "Updated"},
	Cleared:    {"update", "clear", "Clear", "Cleared"},
	Conflict:   {"conflict", "conflict", "Conflict", "Conflict"},
	Unchanged:  {"unchanged", "unchanged", "Unchanged", "Unchanged"},
	Skipped:    {"skipped", "skipped", "Skipped", "Skipped"},
	Failed:     {"failed", "failed", "Failed", "Failed"},
	Invalid:    {"failed", "invalid", "Invalid", "Invalid"},
	Source:     {"source", "spreadsheet", "Source", "Source"},
	HubSpot:    {"hubspot", "portal", "HubSpot", "HubSpot"},
	Base:       {"base", "base", "Base", "Base"},
	Production: {"production", "production", "Production", "Production"},
	Sandbox:    {"sandbox", "sandbox", "Sandbox", "Sandbox"},
	Practice:   {"practice", "practice", "Practice", "Practice"},
	ToDo:       {"", "waiting", "To do", "To do"},
	Associated: {"hubspot", "association", "Associate", "Associated"},
}

// Fates lists the fates of a row in the order in which every sum is shown.
func Fates() []Meaning {
	return []Meaning{Create, Update, Unchanged, Conflict, Skipped, Failed}
}

// ChipFates lists the fates in the order of filter chips: conflict comes third
// because it is acted on.
func ChipFates() []Meaning {
	return []Meaning{Create, Update, Conflict, Unchanged, Skipped, Invalid, Failed}
}

// Text is the colour of the meaning's words and glyphs.
func (m Meaning) Text() Token { return m.token("", T2) }

// Solid is the colour of its bars, dots, curves and edges.
func (m Meaning) Solid() Token { return m.token(".solid", Stroke2) }

// Tint is the fill behind its words.
func (m Meaning) Tint() Token { return m.token(".tint", Sunken) }

func (m Meaning) token(suffix string, neutral Token) Token {
	if m >= meanings || signs[m].hue == "" {
		return neutral
	}
	return Token("syncline." + signs[m].hue + suffix)
}

// Icon is the meaning's glyph, which is always drawn with its colour; Neutral
// has none.
func (m Meaning) Icon() Icon {
	if m >= meanings {
		return ""
	}
	return signs[m].icon
}

// Word names the meaning as something that will be: "Create".
func (m Meaning) Word() string {
	if m >= meanings {
		return ""
	}
	return signs[m].word
}

// Done names it as something that was: "Created".
func (m Meaning) Done() string {
	if m >= meanings {
		return ""
	}
	return signs[m].done
}

// Would names it as something that a plan would do: "Would create". What no one
// does is called as it is.
func (m Meaning) Would() string {
	switch m {
	case Create, Update, Cleared:
		return "Would " + strings.ToLower(m.Word())
	case Failed:
		return Invalid.Word() // nothing was sent that could have failed
	}
	return m.Word()
}

// String implements fmt.Stringer.
func (m Meaning) String() string { return m.Word() }
