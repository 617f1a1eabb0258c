package plan

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"syncline/sync/jsontext"
)

// An Outline is what many items of a plan have in common: their edits without
// the values. A plan of a million creates has a handful of them. Outlines are
// read only.
type Outline struct {
	edits []Edit // without values
	given []uint // which values each has
}

// The values of an edit, as bits: those that it has, and those that are the
// same as another one of it, which is not kept twice.
const (
	hasSource = 1 << iota
	hasHubSpot
	hasBaseSrc
	hasBaseRem
	hasOld
	hasNew
	newIsSource
	newIsHubSpot
	oldIsSource
	oldIsHubSpot
	baseSrcIsSource
	baseRemIsHubSpot
)

// AppendOutline appends the text of the outline of edits. ok is false where
// they are too much their own to share one: they name a decision, an
// association or a row.
func AppendOutline(dst []byte, edits []Edit) (text []byte, ok bool) {
	for i := range edits {
		e := &edits[i]
		if e.Edge != nil || e.Choice != 0 || e.Decided != "" || e.Ruling != "" || e.Lead != "" || e.Action == EditConflict {
			return dst, false
		}
		bare := *e
		bare.Source, bare.HubSpot, bare.BaseSrc, bare.BaseRem, bare.Old, bare.New = nil, nil, nil, nil, nil, nil
		dst = append(strconv.AppendUint(dst, uint64(givenBy(e)), 10), ' ')
		dst = append(appendEdit(dst, &bare), '\n')
	}
	return dst, true
}

func givenBy(e *Edit) uint {
	given := uint(0)
	if e.Source != nil {
		given |= hasSource
	}
	if e.HubSpot != nil {
		given |= hasHubSpot
	}
	same := func(a, b *string) bool { return b != nil && *a == *b }
	switch {
	case e.BaseSrc == nil:
	case same(e.BaseSrc, e.Source):
		given |= baseSrcIsSource
	default:
		given |= hasBaseSrc
	}
	switch {
	case e.BaseRem == nil:
	case same(e.BaseRem, e.HubSpot):
		given |= baseRemIsHubSpot
	default:
		given |= hasBaseRem
	}
	switch {
	case e.Old == nil:
	case same(e.Old, e.Source):
		given |= oldIsSource
	case same(e.Old, e.HubSpot):
		given |= oldIsHubSpot
	default:
		given |= hasOld
	}
	switch {
	case e.New == nil:
	case same(e.New, e.Source):
		given |= newIsSource
	case same(e.New, e.HubSpot):
		given |= newIsHubSpot
	default:
		given |= hasNew
	}
	return given
}

// OutlineOf is the outline of edits that AppendOutline gave a text.
func OutlineOf(edits []Edit) *Outline {
	o := &Outline{edits: make([]Edit, len(edits)), given: make([]uint, len(edits))}
	for i := range edits {
		e := edits[i]
		o.given[i] = givenBy(&e)
		e.Source, e.HubSpot, e.BaseSrc, e.BaseRem, e.Old, e.New = nil, nil, nil, nil, nil, nil
		o.edits[i] = e
	}
	return o
}

// Fits reports whether edits have this outline.
func (o *Outline) Fits(edits []Edit) bool {
	if len(edits) != len(o.edits) {
		return false
	}
	for i := range edits {
		e, of := &edits[i], &o.edits[i]
		if e.Property != of.Property || e.Field != of.Field || e.Action != of.Action || e.Reason != of.Reason || e.Cause != of.Cause || e.Agreed != of.Agreed ||
			e.Edge != nil || e.Choice != 0 || e.Decided != "" || e.Ruling != "" || e.Lead != "" || givenBy(e) != o.given[i] {
			return false
		}
	}
	return true
}

// AppendOutlined appends the values of edits, which with their outline are all
// of them.
func AppendOutlined(dst []byte, edits []Edit) []byte {
	dst = append(dst, '[')
	first := true
	for i := range edits {
		e := &edits[i]
		given := givenBy(e)
		for bit, v := range [...]*string{e.Source, e.HubSpot, e.BaseSrc, e.BaseRem, e.Old, e.New} {
			if given&(1<<bit) == 0 {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = jsontext.AppendHTMLText(dst, *v)
		}
	}
	return append(dst, ']')
}

// ParseOutline reads what AppendOutline wrote.
func ParseOutline(text string) (*Outline, error) {
	o := &Outline{}
	for line := range strings.Lines(text) {
		bits, edit, _ := strings.Cut(line, " ")
		given, err := strconv.ParseUint(bits, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("an outline of a plan can't be read: %w", err)
		}
		var e Edit
		if err := json.Unmarshal([]byte(edit), &e); err != nil {
			return nil, fmt.Errorf("an outline of a plan can't be read: %w", err)
		}
		o.edits, o.given = append(o.edits, e), append(o.given, uint(given))
	}
	return o, nil
}

// Read gives the edits with the values that AppendOutlined wrote.
func (o *Outline) Read(values string) ([]Edit, error) {
	edits := make([]Edit, len(o.edits))
	copy(edits, o.edits)
	r := jsontext.NewReader(values)
	r.Expect('[')
	first := true
	for i := range edits {
		e := &edits[i]
		for bit, to := range [...]**string{&e.Source, &e.HubSpot, &e.BaseSrc, &e.BaseRem, &e.Old, &e.New} {
			if o.given[i]&(1<<bit) == 0 {
				continue
			}
			if !first {
				r.Expect(',')
			}
			first = false
			text := r.Text()
			*to = &text
		}
		o.repeat(i, e)
	}
	r.Expect(']')
	return edits, r.End()
}

// repeat gives an edit the values that are the same as another one of it.
func (o *Outline) repeat(i int, e *Edit) {
	given := o.given[i]
	for _, r := range [...]struct {
		bit  uint
		to   **string
		from *string
	}{
		{newIsSource, &e.New, e.Source}, {newIsHubSpot, &e.New, e.HubSpot}, {oldIsSource, &e.Old, e.Source},
		{oldIsHubSpot, &e.Old, e.HubSpot}, {baseSrcIsSource, &e.BaseSrc, e.Source}, {baseRemIsHubSpot, &e.BaseRem, e.HubSpot},
	} {
		if given&r.bit != 0 && r.from != nil {
			text := *r.from // of its own, so that nobody changes two at once
			*r.to = &text
		}
	}
}
