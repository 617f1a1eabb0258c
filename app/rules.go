package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Rule is what a person lets a sync decide by itself from now on: when two values of a field are
// the same, or whose value holds where both sides changed it. It stands in the sync's definition.
type Rule struct {
	SyncID   int64
	Path     string // of the definition
	Field    string // as people call it
	Property string
	Compare  record.Comparison // "" where the rule is about who wins
	Conflict definition.Policy // "" where it is about when values are the same
	// Settles are the open conflicts of the group that it settles at once, and Of is how many
	// there are.
	Settles []int64
	Of      int
	// Examples are some that it settles.
	Examples []Conflict
}

// mostExamples is how many conflicts show what a rule does.
const mostExamples = 3

// Choice is what is decided of the conflicts that the rule settles.
func (r Rule) Choice() plan.Choice {
	switch r.Conflict {
	case definition.TakeSource:
		return plan.ChooseSource
	case definition.TakeHubSpot:
		return plan.ChooseHubSpot
	case definition.Review, definition.Newest:
	}
	return plan.ChooseSkip // both sides are the same
}

// Title names the rule in a few words.
func (r Rule) Title() string {
	switch r.Conflict {
	case definition.TakeSource:
		return "The source always wins"
	case definition.TakeHubSpot:
		return "HubSpot always wins"
	case definition.Newest:
		return "The newer change wins"
	case definition.Review:
	}
	return map[record.Comparison]string{
		record.CompareTextFolded: "Capitals and spaces do not count",
		record.CompareEmail:      "Compare as e-mail address",
		record.ComparePhone:      "Compare as phone number",
		record.CompareURL:        "Compare as web address",
		record.CompareDate:       "Compare as date",
		record.CompareDateTime:   "Compare as date and time",
		record.CompareNumber:     "Compare as number",
		record.CompareBoolean:    "Compare as yes or no",
		record.CompareSet:        "Compare as a set, in any order",
		record.CompareHTML:       "Compare the text without its markup",
		record.CompareText:       "Compare letter by letter",
	}[r.Compare]
}

// Does says what the rule does from now on.
func (r Rule) Does() string {
	switch r.Conflict {
	case definition.TakeSource:
		return "Where both sides change it, the source’s value goes to HubSpot, and nobody is asked."
	case definition.TakeHubSpot:
		return "Where both sides change it, HubSpot’s value holds, and nobody is asked."
	case definition.Newest:
		return "Where both sides change it, the later change holds if it is certain which that is; else you are asked. What is open now waits for you all the same."
	case definition.Review:
	}
	return "Two values count as equal when this is so: " + r.Compare.Says() + " Both sides keep theirs, and nobody is asked."
}

// ruled reports whether a rule can settle conflicts of a cause. All others are about one event, or
// about what no rule may decide.
func ruled(c plan.Cause) bool {
	switch c {
	case plan.CauseFirstRun, plan.CauseFirstRunCase, plan.CauseBothChanged, plan.CauseCleared, plan.CauseCase:
		return true
	}
	return false
}

// RulesFor returns the rules that would settle conflicts of a group, with what each would settle
// now: first that by which the values are the same, if there is one, then whose value holds. It is
// empty where no rule can settle conflicts of this kind.
func (a *App) RulesFor(ctx context.Context, g ConflictGroup) ([]Rule, error) {
	if !ruled(g.Cause) || g.Field == "" {
		return nil, nil
	}
	ids, err := a.Store.ConflictIDs(ctx, store.ConflictFilter{SyncID: g.SyncID, Field: g.Field, Cause: g.Cause})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	all, err := a.Store.Conflicts(ctx, ids)
	if err != nil {
		return nil, err
	}
	d, f, err := a.fieldOf(ctx, g.SyncID, all[0].Property)
	if err != nil {
		return nil, err
	}
	base := Rule{SyncID: g.SyncID, Path: d.Path, Field: cmp.Or(f.Field, f.Property), Property: f.Property, Of: len(all)}
	rules := likeness(base, *f, all)
	for _, wins := range []definition.Policy{definition.TakeSource, definition.TakeHubSpot} {
		r := base
		r.Conflict = wins
		for _, c := range all {
			r.add(c)
		}
		rules = append(rules, r)
	}
	if d.Source.Modified != "" {
		r := base
		r.Conflict = definition.Newest
		rules = append(rules, r)
	}
	return rules, nil
}

func (r *Rule) add(c Conflict) {
	r.Settles = append(r.Settles, c.ID)
	if len(r.Examples) < mostExamples {
		r.Examples = append(r.Examples, c)
	}
}

// likeness is the comparison under which the most of these conflicts are none.
func likeness(base Rule, f definition.Field, all []Conflict) []Rule {
	var best Rule
	for _, how := range record.Comparisons() {
		if how == f.Compare || how == record.CompareText {
			continue
		}
		r := base
		r.Compare = how
		rule := record.Rule{Compare: how, Region: regionOf(f)}
		for _, c := range all {
			src, rem := record.Text(c.Source), record.Text(c.HubSpot)
			if !src.Empty() && !rem.Empty() && rule.Readable(src) && rule.Readable(rem) && rule.Same(src, rem) {
				r.add(c)
			}
		}
		if len(r.Settles) > len(best.Settles) {
			best = r
		}
	}
	if len(best.Settles) == 0 {
		return nil
	}
	return []Rule{best}
}

// regionOf is the country that a field's phone numbers without a country code belong to.
func regionOf(f definition.Field) string {
	for _, s := range f.ToHubSpot {
		if region, ok := s.Args["region"].(string); ok && s.Name == "phone" {
			return region
		}
	}
	return ""
}

// fieldOf is the definition of a sync and the field of it that is mapped to a property.
func (a *App) fieldOf(ctx context.Context, syncID int64, property string) (*definition.Definition, *definition.Field, error) {
	y, err := a.Store.Sync(ctx, syncID)
	if err != nil {
		return nil, nil, err
	}
	path, err := a.place(ctx, y)
	if err != nil {
		return nil, nil, err
	}
	d, err := definition.Load(path)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(d.Fields, func(f definition.Field) bool { return f.Property == property && f.Constant == nil })
	if y.Parent != 0 || i < 0 {
		return nil, nil, &UseError{Msg: fmt.Sprintf("the field map of %s has no line for %s any more, so no rule can be made for it", y.Name, property)}
	}
	return d, &d.Fields[i], nil
}

// KeptRule is a rule that was made, and what stood in the definition before it.
type KeptRule struct {
	Rule
	was definition.Field
}

// MakeRule writes a rule into the sync's definition and decides the open conflicts that it settles.
// All of it is kept, or nothing.
func (a *App) MakeRule(ctx context.Context, r Rule) (*KeptRule, error) {
	d, f, err := a.fieldOf(ctx, r.SyncID, r.Property)
	if err != nil {
		return nil, err
	}
	k := &KeptRule{Rule: r, was: *f}
	if r.Compare != "" {
		f.Compare = r.Compare
	} else {
		f.Conflict = r.Conflict
	}
	if _, err := a.Save(&Draft{Definition: d}); err != nil {
		return nil, err
	}
	if len(r.Settles) > 0 {
		if err := a.Decide(ctx, r.Settles, r.Choice(), ""); err != nil {
			return nil, errors.Join(err, a.DropRule(ctx, k))
		}
	}
	return k, nil
}

// DropRule takes a rule out of the definition again, unless it was changed there since. What was
// decided by it is taken back with Decide.
func (a *App) DropRule(ctx context.Context, k *KeptRule) error {
	d, f, err := a.fieldOf(ctx, k.SyncID, k.Property)
	if err != nil {
		return err
	}
	switch {
	case k.Compare != "" && f.Compare == k.Compare:
		f.Compare = k.was.Compare
	case k.Conflict != "" && f.Conflict == k.Conflict:
		f.Conflict = k.was.Conflict
	default:
		return nil
	}
	_, err = a.Save(&Draft{Definition: d})
	return err
}
