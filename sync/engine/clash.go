package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
)

// clashes says by property which unique values of an item HubSpot would refuse,
// since a record has them, or another row brings them too. HubSpot takes values
// for the same that differ in case or in the space around them.
func (p *planner) clashes(ctx context.Context, it plan.Item) (map[string]string, error) {
	all := make(map[string]string)
	for _, c := range p.mapping.Claims(it.Edits) {
		why, err := p.clash(ctx, it, c)
		if err != nil {
			return nil, err
		}
		if why != "" {
			all[c.Field.Property] = why
		}
	}
	return all, nil
}

// clash is why HubSpot would refuse a unique value of an item, "" where nothing
// is known against it.
func (p *planner) clash(ctx context.Context, it plan.Item, c mapping.Claim) (string, error) {
	var holders []store.Holder
	if !p.alone.claims(it, c) {
		var err error
		if holders, err = p.Store.Holders(ctx, p.sync.ID, c.Nth, c.Field.Property, c.Folded, it.RecordID, it.RowKey); err != nil {
			return "", err
		}
	}
	for _, h := range holders {
		var err error
		why := ""
		switch {
		case h.Record != "":
			why, err = p.holds(ctx, it, c, h)
		case it.Kind == plan.ItemCreate && p.brings(c, h):
			why = told(c, fmt.Sprintf("the row %s%s", h.Row, inLine(h.Line)), h.Value)
		}
		if err != nil || why != "" {
			return why, err
		}
	}
	key := strconv.Itoa(c.Nth) + " " + c.Folded
	if other, ok := p.given[key]; ok && other.row != it.RowKey {
		return told(c, fmt.Sprintf("the row %s%s", other.row, inLine(other.line)), other.value), nil
	}
	if it.RecordID != "" { // of new records the store knows the rows
		if p.given == nil {
			p.given = make(map[string]giver)
		}
		p.given[key] = giver{it.RowKey, it.Line, c.Value.String()}
	}
	return "", nil
}

// alone is a row without a record whose unique values nobody else is known to
// have, so that nobody is asked for them.
type alone struct {
	row    string
	values []string
}

// claims reports whether a claim is of such a row and of the value that was
// looked for.
func (a alone) claims(it plan.Item, c mapping.Claim) bool {
	return it.RecordID == "" && a.row == it.RowKey && c.Nth < len(a.values) && a.values[c.Nth] == c.Folded
}

// giver is the row that gives a unique value to its record.
type giver struct {
	row   string
	line  int
	value string
}

// brings reports whether another row without a record is to bring a value. Of
// one that waits for a person, or that a person has decided about, and of a
// match value, which is judged by matching, only another case or space counts.
func (p *planner) brings(c mapping.Claim, h store.Holder) bool {
	if h.Value == "" {
		return false
	}
	if h.Value != c.Value.String() {
		return true
	}
	for _, k := range p.Definition.HubSpot.Match {
		if k.Property == c.Field.Property {
			return false
		}
	}
	for _, open := range p.open[h.Row] {
		if open.Property == "" {
			return false
		}
	}
	return p.rulings[h.Row].Kind == plan.RuleNone
}

// holds says that a record has the value of a claim. One whose row gives it
// another value in this run has it until then.
func (p *planner) holds(ctx context.Context, it plan.Item, c mapping.Claim, h store.Holder) (string, error) {
	who := "the record " + h.Record
	seen := map[string]bool{} // of records that leave their value, one for the other
	for next := h.Record; ; {
		pair, leaves, err := p.leaves(ctx, c, next)
		if err != nil {
			return "", err
		}
		if !leaves {
			break
		}
		if next == h.Record {
			who = fmt.Sprintf("%s (the row %s%s)", who, pair.Row.Key, strings.Replace(inLine(pair.Row.Line), " in", ",", 1))
		}
		seen[next] = true
		value := mapping.Folded(pair.Row.Values[c.Field.Property])
		further, err := p.Store.Holders(ctx, p.sync.ID, c.Nth, c.Field.Property, value, next, "")
		if err != nil {
			return "", err
		}
		next = ""
		for _, f := range further {
			if f.Record != "" {
				next = f.Record
			}
		}
		if next != "" && next == it.RecordID {
			return fmt.Sprintf("%s: rows exchange their values: %q is still that of %s, and HubSpot keeps it unique, so that neither can be written first: give one of the rows another value, run, and then give it the one that is meant", c.Field.Title(), c.Value, who), nil
		}
		if next == "" || seen[next] {
			when := "the next run writes it"
			if len(seen) > 1 {
				when = fmt.Sprintf("%d records pass their values on, one in each run, so that it is written by the %s run from here", len(seen), nth(len(seen)))
			}
			return fmt.Sprintf("%s: %q is still the value of %s, which gets another one in this run, and HubSpot keeps it unique: %s", c.Field.Title(), c.Value, who, when), nil
		}
	}
	if h.Value == "" {
		h.Value = c.Value.String()
	}
	return told(c, who, h.Value), nil
}

// nth is an ordinal number.
func nth(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return strconv.Itoa(n) + ending
}

// leaves reports whether the row of a record gives it another value than the one
// that it holds.
func (p *planner) leaves(ctx context.Context, c mapping.Claim, recordID string) (store.Pair, bool, error) {
	key, err := p.Store.RecordHolder(ctx, p.sync.ID, recordID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Pair{}, false, nil
	}
	if err != nil {
		return store.Pair{}, false, err
	}
	pair, err := p.Store.PairNow(ctx, p.sync.ID, 0, key, recordID)
	if err != nil || pair.Row == nil || pair.Row.GonePull > 0 || pair.Record == nil || pair.Record.Gone != "" || pair.Row.Problems[c.Field.Property] != "" {
		return pair, false, err
	}
	d, _ := p.resolve(c.Field, pair, p.state(c.Field, pair, nil))
	v, writes := d.ForHubSpot()
	return pair, writes && mapping.Folded(v) != mapping.Folded(pair.Record.Values[c.Field.Property]), nil
}

// told says who has the value of a claim already.
func told(c mapping.Claim, who, value string) string {
	if value == c.Value.String() {
		return fmt.Sprintf("%s: %s has %q too, and HubSpot keeps it unique: give one of the two another value, or map a property that is not unique", c.Field.Title(), who, c.Value)
	}
	return fmt.Sprintf("%s: %q differs from %q, which %s has, in case or spaces alone, and HubSpot takes them for the same unique value: give one of the two another value, or map a property that is not unique", c.Field.Title(), c.Value, value, who)
}
