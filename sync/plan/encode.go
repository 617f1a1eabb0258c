package plan

import (
	"encoding/json"
	"strconv"

	"syncline/sync/jsontext"
)

// AppendEdits appends the edits as JSON, byte for byte as json.Marshal writes
// them: the hash of a plan rests on it.
func AppendEdits(dst []byte, edits []Edit) []byte {
	dst = append(dst, '[')
	for i := range edits {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendEdit(dst, &edits[i])
	}
	return append(dst, ']')
}

func appendEdit(dst []byte, e *Edit) []byte {
	dst = append(dst, '{')
	if e.Field != "" {
		dst = append(jsontext.AppendHTMLText(append(dst, `"f":`...), e.Field), ',')
	}
	dst = jsontext.AppendHTMLText(append(dst, `"p":`...), e.Property)
	if e.Edge != nil {
		edge, _ := json.Marshal(e.Edge) // texts and a number: can't fail
		dst = append(append(dst, `,"e":`...), edge...)
	}
	dst = jsontext.AppendHTMLText(append(dst, `,"a":`...), string(e.Action))
	dst = appendSet(dst, `,"why":`, e.Reason)
	dst = appendSet(dst, `,"c":`, string(e.Cause))
	dst = appendValue(dst, `,"s":`, e.Source)
	dst = appendValue(dst, `,"h":`, e.HubSpot)
	dst = appendValue(dst, `,"bs":`, e.BaseSrc)
	dst = appendValue(dst, `,"bh":`, e.BaseRem)
	if e.Agreed {
		dst = append(dst, `,"ag":true`...)
	}
	dst = appendValue(dst, `,"o":`, e.Old)
	dst = appendValue(dst, `,"n":`, e.New)
	if e.Choice != 0 {
		dst = strconv.AppendInt(append(dst, `,"ch":`...), e.Choice, 10)
	}
	dst = appendSet(dst, `,"dc":`, e.Decided)
	dst = appendSet(dst, `,"ru":`, string(e.Ruling))
	dst = appendSet(dst, `,"ld":`, e.Lead)
	return append(dst, '}')
}

func appendSet(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	return jsontext.AppendHTMLText(append(dst, name...), text)
}

func appendValue(dst []byte, name string, v *string) []byte {
	if v == nil {
		return dst
	}
	return jsontext.AppendHTMLText(append(dst, name...), *v)
}
