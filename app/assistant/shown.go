package assistant

import (
	"encoding/json"
	"strings"
	"unicode"

	"syncline/sync/redact"
)

// said are the members of answers that hold no value of anybody's: the words of
// Syncline, names of fields, ids, times.
var said = map[string]bool{
	"run": true, "plan": true, "hash": true, "sync": true, "id": true, "state": true, "fate": true, "kind": true, "object": true, "cause": true, "property": true, "field": true,
	"started": true, "ended": true, "made": true, "document": true, "side": true, "action": true, "choice": true, "class": true, "direction": true, "set": true, "undo_of": true, "opened": true,
	"flow": true, "at": true, "to": true, "label": true, "text": true, "path": true, "object_type": true, "guard": true, "last_run": true,
}

// sentences are those in which values are quoted.
var sentences = map[string]bool{"reason": true, "message": true, "plain": true, "notes": true, "error": true, "why": true, "problems": true, "means": true, "do": true}

// shown is an answer as the options let it be seen. Secrets are in no answer;
// they are looked for all the same.
func (d *door) shown(answer any) (any, error) {
	b, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	return d.walk("", v), nil
}

func (d *door) walk(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = d.walk(k, inner)
		}
	case []any:
		for i := range v {
			v[i] = d.walk(name, v[i])
		}
	case string:
		switch {
		case !d.Redact || said[name]:
			return redact.Secrets(v)
		case sentences[name]:
			return d.text(v)
		}
		return masked(v)
	}
	return v
}

// text is a sentence as the options let it be seen.
func (d *door) text(s string) string {
	if !d.Redact {
		return redact.Secrets(s)
	}
	return redact.Personal(redact.Quotes(quotes.Replace(s)))
}

var quotes = strings.NewReplacer("“", `"`, "”", `"`)

// masked leaves a value its form.
func masked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsUpper(r):
			return 'X'
		case unicode.IsLetter(r):
			return 'x'
		case unicode.IsDigit(r):
			return '0'
		}
		return r
	}, s)
}
