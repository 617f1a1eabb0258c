package app

import (
	"fmt"
	"slices"
	"strings"

	"syncline/app/suggest"
	"syncline/sync/definition"
)

// CheckAssociations judges the associations of a definition by the facts and
// returns the troubles by the place of the line, at most one a line.
func (f Facts) CheckAssociations(def *definition.Definition) map[int]Trouble {
	out := make(map[int]Trouble)
	for i, a := range def.Associations {
		t, known := f.Target(a.To)
		for _, ask := range []func() (Trouble, bool){
			func() (Trouble, bool) { return f.missingColumns(a) },
			func() (Trouble, bool) { return barred(t) },
			func() (Trouble, bool) { return associatedTwice(def, i) },
			func() (Trouble, bool) { return unknownKey(a, t, known) },
			func() (Trouble, bool) { return unmakeable(a, t, known) },
			func() (Trouble, bool) { return noPrimary(a, t, known) },
			func() (Trouble, bool) { return f.unread(a, t) },
		} {
			if trouble, ok := ask(); ok {
				trouble.Field = a.End.Field()
				out[i] = trouble
				break
			}
		}
	}
	return out
}

// changed is a fix that makes another line of an association.
func changed(label string, a definition.Association, change func(*definition.Association)) Fix {
	change(&a)
	return Fix{Kind: FixAssociation, Label: label, Association: a}
}

func withoutLabel(a definition.Association) Fix {
	return changed("Leave the label out", a, func(a *definition.Association) { a.Label = definition.Label{} })
}

func (f Facts) missingColumns(a definition.Association) (Trouble, bool) {
	if _, ok := f.Column(a.End.Field()); !ok {
		return Trouble{Short: "Missing", Text: fmt.Sprintf("the source has no column “%s”", a.End.Field()), Detail: "It was renamed or taken out of the file.", Fixes: []Fix{remove}}, true
	}
	if _, ok := f.Column(a.Label.Field); !ok && a.Label.Field != "" {
		return Trouble{Short: "Label", Text: fmt.Sprintf("the source has no column “%s” to take the label from", a.Label.Field),
			Detail: "It was renamed or taken out of the file.", Fixes: []Fix{withoutLabel(a), remove}}, true
	}
	return Trouble{}, false
}

func barred(t Target) (Trouble, bool) {
	if t.Barred == "" {
		return Trouble{}, false
	}
	return Trouble{Short: "Not here", Text: t.Barred, Detail: "No row could be associated.", Fixes: []Fix{remove}}, true
}

// associatedTwice takes the finding of the definition's own check.
func associatedTwice(def *definition.Definition, i int) (Trouble, bool) {
	for _, p := range definition.Check(def, nil, nil) {
		if p.Key == fmt.Sprintf("associations[%d]", i) {
			return Trouble{Short: "Twice", Text: "another line makes the same associations", Detail: "Under another label both have a meaning.", Fixes: []Fix{remove}}, true
		}
	}
	return Trouble{}, false
}

// otherKeys are fixes that find the records by another property, of those that
// are usual.
func otherKeys(a definition.Association, t Target) []Fix {
	var out []Fix
	for _, name := range suggest.AssociationKeys(t.Object.Name) {
		if _, ok := t.property(name); ok && name != a.End.Match.Property {
			out = append(out, changed("Find by "+t.title(name), a, func(a *definition.Association) { a.End.Match.Property = name }))
		}
	}
	return out
}

// unknownKey finds a match property that HubSpot lacks or that can't name one
// record.
func unknownKey(a definition.Association, t Target, known bool) (Trouble, bool) {
	key := a.End.Match
	if !known || key.Property == "" && a.End.Link.Sync != "" {
		return Trouble{}, false
	}
	fixes := append(otherKeys(a, t), remove)
	if key.Property == "" {
		return Trouble{Short: "Found by", Text: "nothing says how a record is found", Detail: "Choose at the right which property the column holds.", Fixes: fixes}, true
	}
	if _, ok := t.property(key.Property); !ok {
		return Trouble{Short: "Missing", Text: fmt.Sprintf("%s have no property “%s”", strings.ToLower(t.Object.Label), key.Property),
			Detail: "It was deleted or renamed in HubSpot, or belongs to another portal.", Fixes: fixes}, true
	}
	for _, p := range definition.Check(partOf(a, t.Object.Name, false), nil, t.Properties) {
		if strings.HasPrefix(p.Key, "hubspot.match") {
			return Trouble{Short: "Found by", Text: fmt.Sprintf("the %s can't name one record", t.title(key.Property)), Detail: p.Msg, Fixes: fixes}, true
		}
	}
	return Trouble{}, false
}

// unmakeable finds records that nothing but their match property can't make.
func unmakeable(a definition.Association, t Target, known bool) (Trouble, bool) {
	key := a.End.Match.Property
	if !known || !a.CreateMissing || a.End.Link.Sync != "" {
		return Trouble{}, false
	}
	refused := slices.ContainsFunc(t.Object.Required, func(group []string) bool { return !slices.Contains(group, key) }) ||
		slices.ContainsFunc(definition.Check(partOf(a, t.Object.Name, true), nil, t.Properties), func(p definition.Problem) bool { return strings.HasPrefix(p.Key, "fields") })
	if !refused {
		return Trouble{}, false
	}
	return Trouble{Short: "Make", Text: fmt.Sprintf("HubSpot makes no %s of its %s alone", strings.ToLower(t.Object.LabelSingular), t.title(key)),
		Detail: fmt.Sprintf("A sync of %s can make them first.", strings.ToLower(t.Object.Label)),
		Fixes:  []Fix{changed("Make none", a, func(a *definition.Association) { a.CreateMissing = false }), remove}}, true
}

// noPrimary finds the one label that no portal can be given.
func noPrimary(a definition.Association, t Target, known bool) (Trouble, bool) {
	const primary = "Primary"
	if !known || !strings.EqualFold(a.Label.Name, primary) || slices.ContainsFunc(t.Labels, func(l string) bool { return strings.EqualFold(l, primary) }) {
		return Trouble{}, false
	}
	return Trouble{Short: "Label", Text: fmt.Sprintf("there is no primary %s here", strings.ToLower(t.Object.LabelSingular)), Detail: "HubSpot makes this label itself, and only where it has one.", Fixes: []Fix{withoutLabel(a), remove}}, true
}

// unread finds cells that name no record. Cells that hold several where one is
// expected are a trouble in any number, because a mark settles all of them; of
// others a few are exceptions, which each row tells.
func (f Facts) unread(a definition.Association, t Target) (Trouble, bool) {
	failed := f.FailingAssociation(a)
	var values []ValueCount
	bad := 0
	for _, v := range failed {
		values, bad = append(values, v.ValueCount), bad+v.Rows
	}
	if len(failed) == 0 {
		return Trouble{}, false
	}
	trouble := Trouble{Short: amount(len(failed), "value", "values"), Detail: listed(values, 3) + " would be associated with nothing."}
	if mark, settled := f.parting(a, values); mark != "" {
		trouble.Text = amount(settled, "cell names several records", "cells name several records")
		trouble.Fixes = []Fix{changed(fmt.Sprintf("Part them at “%s”", mark), a, func(a *definition.Association) { a.Split = mark }), remove}
		return trouble, true
	}
	rows := 0
	for _, c := range f.cellsOf(a.End.Field()) {
		rows += c.rows
	}
	if 2*bad <= rows {
		return Trouble{}, false
	}
	trouble.Text = fmt.Sprintf("most cells hold no %s", t.title(a.End.Match.Property))
	trouble.Fixes = append(otherKeys(a, t), remove)
	return trouble, true
}

// parting is the mark that parts most of the cells into records that can be
// read, and of how many; "" where none does.
func (f Facts) parting(a definition.Association, failed []ValueCount) (mark string, settled int) {
	if a.Split != "" {
		return "", 0
	}
	for _, m := range []string{";", ",", "|"} {
		a.Split = m
		r, err := f.reader(a)
		if err != nil {
			return "", 0
		}
		n := 0
		for _, v := range failed {
			if _, err := r.read(v.Value); err == nil && len(r.parts(v.Value)) > 1 {
				n++
			}
		}
		if n > settled {
			mark, settled = m, n
		}
	}
	return mark, settled
}
