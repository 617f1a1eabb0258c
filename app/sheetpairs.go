package app

import (
	"context"
	"fmt"
	"slices"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/record"
)

// ChooseObjects reads the properties of every sheet's object type from the
// set's portal and what can be suggested for its columns. What was read is not
// read again.
func (a *App) ChooseObjects(ctx context.Context, s *SheetSet) error {
	for i := range s.Sheets {
		one := &s.Sheets[i]
		if err := one.askWritable(ctx); err != nil {
			return err
		}
		want := fmt.Sprint(s.Portal, "\n", one.Object, "\n", one.TwoWay)
		if one.Draft == nil || one.Out || one.AsRoles || one.Object == "" || one.read == want {
			continue
		}
		if err := a.ChooseObject(ctx, one.Draft, s.Portal, one.Object); err != nil {
			return err
		}
		if err := a.judge(ctx, one); err != nil {
			return err
		}
		one.read = want
	}
	return nil
}

// askWritable finds out whether rows of a sheet could be changed where they are
// known by the chosen key.
func (one *Sheet) askWritable(ctx context.Context) error {
	if one.Draft == nil || one.Out || one.AsRoles || one.Key == "" || one.asked == one.Key {
		return nil
	}
	d := *one.Draft.Definition
	d.Source.Key = []string{one.Key}
	src, err := one.Draft.app.openSource(ctx, &d)
	if err != nil {
		return err
	}
	defer src.Close()
	schema, err := src.Describe(ctx)
	if err != nil {
		return err
	}
	if one.only, one.asked = "", one.Key; !schema.Abilities.Update {
		one.only, one.TwoWay = schema.Abilities.Why, false
	}
	return nil
}

// judge accepts what is sure: pairs whose steps change nothing and whose values
// HubSpot takes. Of the others it says why they wait in the field map.
func (a *App) judge(ctx context.Context, one *Sheet) error {
	facts, err := a.Gather(ctx, one.Draft)
	if err != nil {
		return err
	}
	was := one.Pairs
	one.Pairs = nil
	def := &definition.Definition{Direction: definition.ToHubSpot, Create: definition.CreateHubSpot}
	for _, p := range one.Draft.Pairs {
		x := SheetPair{Pair: p, Title: p.Property, On: !p.Changes && p.Ask == nil}
		if q, ok := facts.Property(p.Property); ok && q.Label != "" {
			x.Title = q.Label
		}
		f := one.Draft.keyField(suggest.Line{Field: p.Field, Property: p.Property})
		if p.Ask != nil {
			x.Trouble = "it has to be said first how its values are read"
		} else {
			def.Fields = append(def.Fields, f)
		}
		if p.Changes {
			x.Examples, _, _ = facts.Changed(f, shownChanges)
		}
		one.Pairs = append(one.Pairs, x)
	}
	for _, t := range facts.Check(def) {
		for i := range one.Pairs {
			if p := &one.Pairs[i]; p.Field == t.Field && p.Property == t.Property {
				p.On, p.Trouble = false, t.Text
			}
		}
	}
	one.flowsBack(facts, def)
	for i := range one.Pairs { // what a person ticked stays so
		p := &one.Pairs[i]
		if k := slices.IndexFunc(was, func(o SheetPair) bool { return o.Field == p.Field && o.Property == p.Property }); k >= 0 && p.Trouble == "" {
			p.On = was[k].On
		}
	}
	one.chooseMatch()
	return nil
}

// flowsBack finds which lines can flow back to the sheet, where it flows both ways.
func (one *Sheet) flowsBack(facts Facts, def *definition.Definition) {
	if !one.TwoWay {
		return
	}
	both := *def
	both.Direction, both.Fields = definition.TwoWay, slices.Clone(def.Fields)
	for i := range both.Fields {
		both.Fields[i].Direction = definition.TwoWay
	}
	for _, t := range facts.Check(&both) {
		for i := range one.Pairs {
			if p := &one.Pairs[i]; p.Field == t.Field && p.Property == t.Property && p.Trouble == "" {
				p.OneWay = t.Text
			}
		}
	}
}

// shownChanges is how many values show what the steps of a pair change.
const shownChanges = 2

// chooseMatch keeps the column by which records are found, or takes the surest
// one.
func (one *Sheet) chooseMatch() {
	keys := one.MatchColumns()
	if slices.ContainsFunc(keys, func(k suggest.Key) bool { return k.Field == one.Match }) {
		return
	}
	if one.Match = ""; len(keys) > 0 {
		one.Match = keys[0].Field
	}
}

// Accept takes a suggested pair, or gives it up again.
func (one *Sheet) Accept(field string, on bool) {
	for i := range one.Pairs {
		if one.Pairs[i].Field == field && one.Pairs[i].Trouble == "" {
			one.Pairs[i].On = on
		}
	}
	one.chooseMatch()
}

func (one *Sheet) accepted(field string) bool {
	return slices.ContainsFunc(one.Pairs, func(p SheetPair) bool { return p.Field == field && p.On })
}

// Choose says what the rows of a sheet are: records of an object type, or with
// "" associations, where they were recognised as that.
func (s *SheetSet) Choose(sheet int, object string) {
	one := &s.Sheets[sheet]
	one.AsRoles = object == "" && one.Roles != nil
	if object != "" {
		one.Object, one.chosen = object, true
	}
	for i := range s.Links { // what could not be taken before may fit now, and the other way round
		if l := &s.Links[i]; l.On && s.Circle(i) != "" {
			l.On = false
		}
	}
}

// lines are the accepted pairs of a sheet, as lines of its field map.
func (one *Sheet) lines() []definition.Field {
	var out []definition.Field
	for _, p := range one.Pairs {
		if p.On {
			f := one.Draft.keyField(suggest.Line{Field: p.Field, Property: p.Property})
			if one.TwoWay && p.OneWay == "" {
				f.Direction = definition.TwoWay
			}
			out = append(out, f)
		}
	}
	return out
}

// MatchColumns are the columns by which records of a sheet's object type can be
// found, the surest first.
func (one *Sheet) MatchColumns() []suggest.Key {
	return slices.DeleteFunc(slices.Clone(one.Draft.Keys), func(k suggest.Key) bool {
		// Of what HubSpot keeps unique, rows that share it must be told before they are sent.
		kept := k.Property == one.Draft.Object.Email || slices.ContainsFunc(one.Draft.Properties, func(p record.Property) bool { return p.Name == k.Property && p.Unique })
		return k.Verdict == suggest.NotAKey && !kept || !one.accepted(k.Field)
	})
}
