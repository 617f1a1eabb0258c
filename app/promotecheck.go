package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// byHandOnly says why a property of a portal is not made in another one: what would be made is not
// the same. "" where it is.
func byHandOnly(x record.Property) string {
	switch {
	case x.Defined:
		return ""
	case x.Sensitive:
		return "it holds sensitive data here, which HubSpot keeps apart only where a person chooses that"
	case x.Calculated || x.FieldType == "calculation_equation":
		return "HubSpot calculates it here"
	case strings.EqualFold(x.Reference, "OWNER"):
		return "it names users of the portal here"
	case x.External || x.Type == record.TypeEnumeration && len(x.Options) == 0:
		return "its options come from elsewhere here"
	}
	return ""
}

// compareFilterList finds the list that is the sync's filter, by its name.
func (p *Promotion) compareFilterList(ctx context.Context) error {
	name := p.original.HubSpot.FilterList
	if name == "" {
		return nil
	}
	_, err := p.To.Client.SegmentNamed(ctx, p.toSide.object.ID, name)
	if hubspot.IsNotFound(err) {
		p.Lacks = append(p.Lacks, Lack{Kind: "list", Name: name, Blocks: true, What: fmt.Sprintf("%q has no list of %s called “%s”, which says who takes part: make it there first", p.To.Name, strings.ToLower(p.toSide.object.Label), name)})
		return nil
	}
	return err
}

// compareAssociations finds the match properties and labels of associations, and the syncs that
// they follow.
func (p *Promotion) compareAssociations(ctx context.Context) error {
	for _, a := range p.original.Associations {
		from, err := p.From.Client.ObjectType(ctx, a.To)
		if err != nil {
			return err
		}
		name := a.To
		if from.Custom() {
			name = from.Name
		}
		to, err := p.To.Client.ObjectType(ctx, name)
		var none *hubspot.NoTypeError
		if errors.As(err, &none) {
			p.Lacks = append(p.Lacks, Lack{Kind: "object type", Name: name, Blocks: true, What: fmt.Sprintf("%q has no object type %q: make it there first, with the same name", p.To.Name, name)})
			continue
		}
		if err != nil {
			return err
		}
		if err := p.compareEnd(ctx, a, to); err != nil {
			return err
		}
		if err := p.compareLabels(ctx, a, from, to); err != nil {
			return err
		}
	}
	return nil
}

// compareEnd finds what an association finds its records by.
func (p *Promotion) compareEnd(ctx context.Context, a definition.Association, to hubspot.ObjectType) error {
	if sync := a.End.Link.Sync; sync != "" {
		if _, there := p.follows(sync); !there {
			p.Notes = append(p.Notes, fmt.Sprintf("Associations with %s follow the rows of %s, which is not promoted to %q: promote it first, or name the document under link that is run there. Until then these associations wait.",
				strings.ToLower(to.Label), sync, p.To.Name))
		}
		return nil
	}
	property := a.End.Match.Property
	if property == "hs_object_id" {
		p.Notes = append(p.Notes, fmt.Sprintf("Associations with %s name them by HubSpot's ids, which are others in %q.", strings.ToLower(to.Label), p.To.Name))
	}
	all, err := p.To.Client.Properties(ctx, to.Path())
	if err != nil || slices.ContainsFunc(all, func(x record.Property) bool { return x.Name == property }) {
		return err
	}
	p.Lacks = append(p.Lacks, Lack{Kind: "property", Name: property, Blocks: true, What: fmt.Sprintf("%s of %q have no property %q, by which associations find them: make it there first", strings.ToLower(to.Label), p.To.Name, property)})
	return nil
}

// compareLabels finds the labels of an association. One that reads otherwise from the other end is
// a pair, of which only HubSpot shows both names: it is not made as one that reads the same.
func (p *Promotion) compareLabels(ctx context.Context, a definition.Association, from, to hubspot.ObjectType) error {
	labels, err := p.To.Client.AssociationLabels(ctx, p.toSide.object.Path(), to.Path())
	if err != nil {
		return err
	}
	wanted := []string{a.Label.Name}
	for _, l := range a.Label.Values {
		wanted = append(wanted, l)
	}
	slices.Sort(wanted)
	has := func(all []hubspot.AssociationType, l string) bool {
		return slices.ContainsFunc(all, func(t hubspot.AssociationType) bool { return sameLabel(t.Label, l) })
	}
	for _, l := range slices.Compact(wanted) {
		if l == "" || has(labels, l) {
			continue
		}
		what := fmt.Sprintf("associations with %s have no label “%s”", strings.ToLower(to.Label), l)
		here, err := p.From.Client.AssociationLabels(ctx, p.fromSide.object.Path(), from.Path())
		if err != nil {
			return err
		}
		back, err := p.From.Client.AssociationLabels(ctx, from.Path(), p.fromSide.object.Path())
		if err != nil {
			return err
		}
		if has(here, l) && !has(back, l) {
			p.Lacks = append(p.Lacks, Lack{Kind: "label", Name: l, Blocks: true, What: what + ", which has another name from the other end here: make the pair there first"})
			continue
		}
		p.Lacks = append(p.Lacks, Lack{Kind: "label", Name: l, Makes: true, What: what,
			make: func(ctx context.Context) error {
				_, err := p.To.Client.CreateAssociationLabel(ctx, p.toSide.object.Path(), to.Path(), l)
				return err
			}})
	}
	return nil
}

// follows is the document that an association of the promoted one follows in the place of another:
// itself, where the original followed itself, or the promoted one beside that. there is false where
// there is none, so that it goes on to follow the original.
func (p *Promotion) follows(sync string) (path string, there bool) {
	at := filepath.FromSlash(sync)
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(p.original.Path), at)
	}
	if absolute(at) == absolute(p.original.Path) {
		return p.Path, true
	}
	beside := promotedPath(at, p.To.Name)
	d, err := definition.Load(beside)
	if err != nil || d.HubSpot.Portal != p.To.Name {
		return at, false
	}
	return beside, true
}

// lookAgain compares once more, now that what was missing was made: what HubSpot refused as a
// double, such as another property with the label, may be missing still.
func (p *Promotion) lookAgain(ctx context.Context) error {
	now := *p
	now.Lacks, now.Notes = nil, nil
	if err := now.compare(ctx); err != nil {
		return err
	}
	for _, l := range now.Lacks {
		if l.Blocks {
			return &UseError{Msg: fmt.Sprintf("%s still, though it was to be made: nothing was written. HubSpot may have another one of that name or label: look there", l.What)}
		}
	}
	p.fromSide, p.toSide = now.fromSide, now.toSide
	return nil
}
