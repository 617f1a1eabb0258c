package plan_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/plan"
)

// edits draws edits with everything that they may have.
func edits(t *rapid.T) []plan.Edit {
	text := rapid.SampledFrom([]string{"", "Ann", "<b>", "ä\u2028", "\"", "a\\b", "\n", "Ann"})
	value := rapid.Ptr(text, true)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plan.Edit {
		e := plan.Edit{
			Field: text.Draw(t, "field"), Property: text.Draw(t, "property"), Action: plan.Action(text.Draw(t, "action")), Reason: text.Draw(t, "reason"),
			Source: value.Draw(t, "source"), HubSpot: value.Draw(t, "hubspot"), BaseSrc: value.Draw(t, "base of source"), BaseRem: value.Draw(t, "base of HubSpot"),
			Agreed: rapid.Bool().Draw(t, "agreed"), Old: value.Draw(t, "old"), New: value.Draw(t, "new"),
		}
		if rapid.IntRange(0, 3).Draw(t, "own") == 0 {
			e.Cause, e.Ruling, e.Lead = plan.Cause(text.Draw(t, "cause")), plan.Ruling(text.Draw(t, "ruling")), text.Draw(t, "lead")
			e.Choice = rapid.Int64Range(0, 3).Draw(t, "choice")
			e.Decided = text.Draw(t, "decided")
			if rapid.Bool().Draw(t, "of an edge") {
				e.Edge = &plan.Edge{Object: "0-1", Record: text.Draw(t, "record"), Type: 4}
			}
		}
		return e
	}), 0, 4).Draw(t, "edits")
}

func TestEditsAreWrittenAsTheStandardLibraryDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := edits(t)
		want, err := json.Marshal(append([]plan.Edit{}, all...))
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.AppendEdits(nil, all); !bytes.Equal(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

// An outline and its values are the edits again, each value of its own.
func TestAnOutlineAndItsValuesAreTheEdits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := edits(t)
		text, ok := plan.AppendOutline(nil, all)
		if !ok {
			t.Skip("they share no outline")
		}
		o, err := plan.ParseOutline(string(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := o.Read(string(plan.AppendOutlined(nil, all)))
		if err != nil {
			t.Fatal(err)
		}
		if len(got)+len(all) > 0 && !reflect.DeepEqual(got, all) {
			t.Errorf("%s\nwant %s", plan.AppendEdits(nil, got), plan.AppendEdits(nil, all))
		}
		for i := range got {
			if n := got[i].New; n != nil {
				*n = "changed"
				if s := got[i].Source; s != nil && *s == "changed" {
					t.Error("two values are one")
				}
			}
		}
	})
}
